"""The page: its components, and which function each event calls. What is shown is made elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from app import evidence
from app.access import ONLY_ME
from app.assistant import Assistant
from app.callbacks import Callbacks, placeholder
from app.label_tab import label_tab
from app.samples import example_questions
from app.uploads import uploads_only
from app.verdicts import Thumbs, Verdicts
from ingest.sources import KNOWN_SUFFIXES
from records import Source

TITLE = "Ask your documents"
CHATS_AT_ONCE = 8
ABANDONED = 3600  # seconds after which an upload that was not added is deleted
_FONT = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]
_MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]

# Marks in the answer, entries of the evidence list and "Yes, remove" are links to places named cite-... and remove-...;
# a click on one goes to the server instead, with that name. So does one on "Log out".
_CLICKS = """
document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href*="#cite-"], a[href*="#remove-"], a[href$="#logout"]');
    if (!link) return;
    const key = link.getAttribute('href').split('#').pop();
    event.preventDefault();
    if (key === 'logout') {
        fetch('logout', {method: 'POST'}).then(() => location.reload());
        return;
    }
    trigger(key.startsWith('cite-') ? 'cite' : 'remove', {key: key});
});
"""
_TO_TOP = "watch('value', () => { element.closest('.evidence-scroll')?.scrollTo(0, 0); });"


def theme() -> Any:
    """Gradio's theme with fonts of the reader's own machine: nothing is fetched from anywhere."""
    return gr.themes.Default(
        primary_hue="indigo", neutral_hue="slate", font=_FONT, font_mono=_MONO, radius_size="md", text_size="md"
    ).set(
        # the greys of the default are too faint to read
        body_text_color_subdued="*neutral_500",
        body_text_color_subdued_dark="*neutral_400",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
    )


def build(assistant: Assistant) -> Any:
    """The page on ``assistant``, as ``gr.Blocks``."""
    calls, verdicts = Callbacks(assistant), Verdicts(assistant)
    # what everybody gets; the page of a visitor is filled when it is opened
    sources = assistant.index.sources(assistant.identity.reader(None))
    first = "evidence" if sources else "documents"
    with gr.Blocks(
        title=TITLE, analytics_enabled=False, fill_width=True, fill_height=True, delete_cache=(ABANDONED, ABANDONED)
    ) as page:
        conversation, batches, thumbs = gr.State(()), gr.State(()), gr.State(Thumbs())
        with gr.Row(elem_id="head-row"):
            head = gr.HTML(
                f"<h1>{TITLE}</h1><p>Every statement shows where it stands.</p>", js_on_load=_CLICKS, elem_id="head"
            )
            visitor = gr.HTML("", elem_id="visitor")
        with gr.Row(equal_height=False, elem_id="main"):
            with gr.Column(scale=6, min_width=380, elem_id="chat-column"):
                chat, correction, asking, box, clear = _chat(sources)
            with (
                gr.Column(scale=5, min_width=360, elem_id="side-column"),
                gr.Tabs(elem_id="side", selected=first) as tabs,
            ):
                with gr.Tab("Evidence", id="evidence"):
                    shown = gr.HTML(
                        evidence.EMPTY, js_on_load=_TO_TOP, elem_id="evidence", elem_classes="evidence-scroll"
                    )
                with gr.Tab("Documents", id="documents"):
                    adding, readers, files, link, add_link, stop_adding, progress, search, listed = _documents(
                        assistant
                    )
                    uploads_only(files, page)
                with gr.Tab("Labels", id="labels", visible=not assistant.identity.on) as labels:
                    label_tab(assistant, labels)

        # a question, its answer, the evidence
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        at_once: dict[str, Any] = {**private, "queue": False}
        begun = box.submit(calls.begin, [box, conversation], [box, conversation, chat], **at_once)
        chosen = chat.example_select(calls.begin_example, [conversation], [box, conversation, chat], **at_once)
        answering = [
            event.then(
                calls.answer,
                [conversation],
                [conversation, chat, shown, tabs],
                concurrency_limit=CHATS_AT_ONCE,
                concurrency_id="answers",
                **private,
            )
            for event in (begun, chosen)
        ]
        for event in answering:
            event.then(calls.ready, None, [box], **at_once)
        box.stop(calls.stop, [conversation], None, **at_once)
        gr.on(
            [clear.click, chat.clear],
            calls.cleared,
            [conversation],
            [conversation, chat, shown, box],
            **at_once,
        ).then(verdicts.cleared, None, [chat, thumbs, asking, correction], **at_once)
        head.cite(calls.show, [conversation], [shown, tabs], concurrency_limit=None, **private)

        # thumbs and corrections
        thumbed = [chat, thumbs, asking, correction]
        chat.like(verdicts.thumb, [conversation, thumbs], thumbed, trigger_mode="multiple", **at_once)  # drop no click
        correction.submit(verdicts.correct, [thumbs, correction, conversation], [thumbs, asking, correction], **at_once)

        # documents
        follow = (calls.follow, [batches, search], [batches, progress, stop_adding, listed, chat])
        following: dict[str, Any] = {"concurrency_limit": None, **private}
        for event in (
            files.upload(
                calls.add_files, [files, batches, readers], [files, batches], concurrency_limit=None, **private
            ),
            gr.on([link.submit, add_link.click], calls.add_link, [link, batches, readers], [link, batches], **private),
            page.load(calls.opened, [batches], [batches, visitor, adding, readers, labels, listed, chat], **at_once),
        ):
            event.then(*follow, **following)
        stop_adding.click(calls.stop_adding, [batches], None, **at_once)
        search.change(calls.search, [search], [listed], **private)
        head.remove(calls.remove, [search], [listed, chat, progress], concurrency_limit=None, **private)

        gr.api(calls.ask, api_name="ask", concurrency_limit=CHATS_AT_ONCE, concurrency_id="answers")
    return page


def _chat(sources: Sequence[Source]) -> tuple[Any, ...]:
    chat = gr.Chatbot(
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
    with gr.Row(elem_id="ask-row"):
        box = gr.Textbox(
            "",
            elem_id="ask",
            label="Question",
            show_label=False,
            placeholder="Ask about your documents",
            container=False,
            scale=9,
            lines=1,
            max_lines=6,
            autofocus=True,
            submit_btn=True,
            stop_btn=False,
        )
        clear = gr.Button("New chat", elem_id="clear", scale=0, min_width=96)
    return chat, correction, asking, box, clear


def _documents(assistant: Assistant) -> tuple[Any, ...]:
    with gr.Column(visible=not assistant.identity.on, elem_id="adding") as adding:
        files = gr.File(
            elem_id="files",
            label="Add files",
            show_label=False,
            file_count="multiple",
            file_types=sorted(KNOWN_SUFFIXES),
            height=136,
        )
        limit = assistant.index.settings.max_source_bytes // 1_000_000
        gr.HTML(f'<p class="hint">PDF, web page, Markdown, text or picture, up to {limit} MB each</p>')
        with gr.Row(elem_id="link-row"):
            link = gr.Textbox(
                "",
                elem_id="link",
                label="Link",
                show_label=False,
                container=False,
                placeholder="https://… to add a link",
                scale=9,
            )
            add_link = gr.Button("Add link", elem_id="add-link", scale=0, min_width=96)
        readers = gr.Dropdown(
            [ONLY_ME], value=ONLY_ME, elem_id="readers", label="Who may read what you add", visible=False
        )
    progress = gr.HTML("", elem_id="progress")
    stop_adding = gr.Button("Stop adding", elem_id="stop-adding", size="sm", visible=False)
    search = gr.Textbox(
        "",
        elem_id="search",
        label="Search",
        show_label=False,
        container=False,
        placeholder="Search the documents by name",
    )
    listed = gr.HTML("", elem_id="sources")
    return adding, readers, files, link, add_link, stop_adding, progress, search, listed
