"""The components of the page's two halves, by name. What their events call is wired in ``app.page``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import gradio as gr

from app.callbacks import placeholder
from app.question_box import question_box
from app.samples import example_questions
from app.security.readers import ONLY_ME
from app.text import escaped
from config import Settings
from ingest.parsers.registry import known_suffixes, supported
from records import Source

# Buttons with data-act trigger the event of that name, with their data-key. The browser remembers in its tab which
# conversation is open, so that it is there again after a reload. ArrowUp in the empty box puts the last question back.
_AT_BOX = """
element.addEventListener('click', (event) => {
    const button = event.target.closest('button[data-act]');
    if (button) trigger(button.dataset.act === 'all' ? 'all' : 'pick', {key: button.dataset.key || ''});
});
document.addEventListener('keydown', (event) => {
    const box = event.target;
    if (event.key !== 'ArrowUp' || !box.matches?.('#ask textarea') || box.value) return;
    const asked = [...document.querySelectorAll('#chat .user .prose, #chat .user .md')].pop()?.innerText.trim();
    if (!asked) return;
    event.preventDefault();
    box.value = asked;
    box.dispatchEvent(new Event('input', {bubbles: true}));
});
"""
_FOLLOWING = """
element.addEventListener('click', (event) => {
    const button = event.target.closest('button[data-key]');
    if (button) trigger('ask', {key: button.dataset.key});
});
watch('value', () => {
    const kept = element.querySelector('[data-chat]');
    if (kept) sessionStorage.setItem('conversation', kept.dataset.chat);
});
"""
_IN_LIST = """
element.addEventListener('click', (event) => {
    const button = event.target.closest('button[data-act]');
    if (button) trigger(button.dataset.act === 'open' ? 'open' : 'delete', {key: button.dataset.key});
});
element.addEventListener('submit', (event) => {
    event.preventDefault();
    trigger('rename', {key: event.target.dataset.key, name: event.target.elements.name.value});
});
"""
# What is previewed is shown without scrolling to it.
_IN_SIGHT = """
const show = () => requestAnimationFrame(() => element.querySelector('.preview')?.scrollIntoView({block: 'start'}));
watch('value', show);
show();
"""
# Files and links that are dropped on the chat, or pasted while nothing is being written, go into the box of the question.
DROPPED = """
const input = () => document.querySelector('#ask input[type=file]');
const put = (files) => {
    const transfer = new DataTransfer();
    [...files].forEach((file) => transfer.items.add(file));
    input().files = transfer.files;
    input().dispatchEvent(new Event('change', {bubbles: true}));
};
const write = (text) => {
    const box = document.querySelector('#ask textarea');
    box.value = [box.value, text].filter(Boolean).join(' ');
    box.dispatchEvent(new Event('input', {bubbles: true}));
    box.focus();
};
const taken = (data, event) => {
    const link = data.getData('text/uri-list').split('\\n').filter((line) => line && !line.startsWith('#')).join(' ');
    if (!input() || !(data.files.length || link)) return;
    event.preventDefault();
    event.stopPropagation();
    if (data.files.length) put(data.files); else write(link);
};
const over = (event) => event.target.closest?.('#chat-column') && !event.target.closest('#ask');
document.addEventListener('dragover', (event) => { if (over(event)) event.preventDefault(); });
document.addEventListener('drop', (event) => { if (over(event)) taken(event.dataTransfer, event); });
document.addEventListener('paste', (event) => {
    if (!event.target.closest?.('input, textarea, [contenteditable=true]')) taken(event.clipboardData, event);
});
"""


_BARE: dict[str, Any] = {"show_label": False, "container": False}  # the label is heard alone


class ChatPart(NamedTuple):
    """The chat, and the row that asks for a correction."""

    chat: Any
    correction: Any
    asking: Any
    following: Any
    scope: Any
    more: Any
    where: Any
    model: Any
    box: Any
    clear: Any
    adding_now: Any


class ConversationsPart(NamedTuple):
    """The list of kept conversations, and the tab of the models that answer in them."""

    search: Any
    listed: Any
    models_tab: Any
    models: Any


class DocumentsPart(NamedTuple):
    """The components that add documents, and the list of them."""

    adding: Any
    readers: Any
    files: Any
    link: Any
    add_link: Any
    stop_adding: Any
    unlocking: Any
    password: Any
    progress: Any
    search: Any
    preview: Any
    naming: Any
    name: Any
    listed: Any
    removed: Any


def chat_part(sources: Sequence[Source], settings: Settings) -> ChatPart:
    """Build the chat; what an empty one offers comes from ``sources``."""
    chat = _chatbot(sources)
    asking, correction = _correction_row()
    following = gr.HTML("", js_on_load=_FOLLOWING, elem_id="following", padding=False)
    scope, more, where, model = _scope_row()
    adding_now = gr.HTML("", elem_id="adding-now", padding=False)
    with gr.Row(elem_id="ask-row"):
        box = question_box(settings)
        clear = gr.Button("New chat", elem_id="clear", scale=0, min_width=96)
    return ChatPart(
        chat=chat,
        correction=correction,
        asking=asking,
        following=following,
        scope=scope,
        more=more,
        where=where,
        model=model,
        box=box,
        clear=clear,
        adding_now=adding_now,
    )


def _chatbot(sources: Sequence[Source]) -> Any:
    return gr.Chatbot(
        elem_id="chat",
        show_label=False,
        height="100%",
        placeholder=placeholder(sources),
        examples=[{"text": question} for question in example_questions(sources)],
        latex_delimiters=[],
        feedback_options=("Like", "Dislike"),
        allow_tags=False,
        buttons=["copy"],
        layout="bubble",
    )


def _correction_row() -> tuple[Any, Any]:
    """The row that asks for a correction, hidden until an answer is disliked, and its box."""
    with gr.Row(visible=False, elem_id="correction-row") as asking:
        correction = gr.Textbox(
            "",
            elem_id="correction",
            label="What would have been right?",
            placeholder="“Not answerable” if the documents do not say",
            submit_btn="Save",
            lines=1,
            max_lines=4,
        )
    return asking, correction


def _scope_row() -> tuple[Any, Any, Any, Any]:
    """What a question may use, as buttons, as a list of more and as a filter; and the model that answers."""
    with gr.Row(elem_id="scope-row"):
        scope = gr.HTML("", js_on_load=_AT_BOX, elem_id="scope", padding=False)
        more = gr.Dropdown(
            [], elem_id="scope-more", label="More documents", visible=False, scale=0, min_width=96, **_BARE
        )
        where = gr.Textbox(
            "",
            elem_id="where",
            label="Use only documents whose fields fit",
            placeholder="Filter: date>=2024",
            max_lines=1,
            scale=0,
            min_width=220,
            **_BARE,
        )
        model = gr.Dropdown([("", "")], value="", elem_id="model", label="Answers", visible=False, scale=0, **_BARE)
    return scope, more, where, model


def conversations_part() -> tuple[Any, Any]:
    """Build the tab of kept conversations: what searches them, and their list."""
    search = gr.Textbox(
        "",
        elem_id="search-chats",
        label="Search conversations",
        placeholder="Search your conversations",
        **_BARE,
    )
    return search, gr.HTML("", js_on_load=_IN_LIST, elem_id="chats")


def documents_part(limit: int, *, adds: bool) -> DocumentsPart:
    """Build the tab of documents; files may have ``limit`` bytes, and ``adds`` says whether everybody may add some."""
    with gr.Column(visible=adds, elem_id="adding") as adding:
        files, link, add_link, readers = _what_is_added(limit)
    progress = gr.HTML("", elem_id="progress")
    stop_adding = gr.Button("Stop adding", elem_id="stop-adding", size="sm", visible=False)
    with gr.Row(visible=False, elem_id="unlocking") as unlocking:
        password = gr.Textbox(
            "", elem_id="password", label="Password", type="password", submit_btn="Open", lines=1, max_lines=1
        )
    search = gr.Textbox("", elem_id="search", label="Search", placeholder="Search the documents by name", **_BARE)
    with gr.Row(visible=False, elem_id="naming") as naming:
        name = gr.Textbox(
            "",
            elem_id="source-name",
            label="Name of this document, also when it is read again",
            submit_btn="Rename",
            lines=1,
            max_lines=1,
        )
    return DocumentsPart(
        adding=adding,
        readers=readers,
        files=files,
        link=link,
        add_link=add_link,
        stop_adding=stop_adding,
        unlocking=unlocking,
        password=password,
        progress=progress,
        search=search,
        preview=gr.HTML("", js_on_load=_IN_SIGHT, elem_id="preview", visible=False),
        naming=naming,
        name=name,
        listed=gr.HTML("", elem_id="sources"),
        removed=gr.HTML("", elem_id="removed", padding=False),
    )


def _what_is_added(limit: int) -> tuple[Any, Any, Any, Any]:
    """Files, a link with its button, and who may read what is added."""
    files = gr.File(
        elem_id="files",
        label="Add files",
        show_label=False,
        file_count="multiple",
        file_types=sorted(known_suffixes()),
        height=136,
    )
    gr.HTML(f'<p class="hint">{escaped(supported())}, up to {limit // 1_000_000} MB each</p>')
    with gr.Row(elem_id="link-row"):
        link = gr.Textbox("", elem_id="link", label="Link", placeholder="https://… to add links", scale=9, **_BARE)
        add_link = gr.Button("Add link", elem_id="add-link", scale=0, min_width=96)
    readers = gr.Dropdown([ONLY_ME], value=ONLY_ME, elem_id="readers", label="Who may read what you add", visible=False)
    return files, link, add_link, readers
