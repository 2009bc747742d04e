"""The page: its components, and which callback each event calls. What is shown is made elsewhere."""

from __future__ import annotations

from typing import Any

import gradio as gr

from app import evidence
from app.assistant import Assistant
from app.callbacks import Callbacks
from app.feedback import FeedbackCallbacks, Ratings
from app.label_tab import label_tab
from app.parts import ChatPart, DocumentsPart, chat_part, documents_part
from app.uploads import uploads_only

TITLE = "Ask your documents"
CHATS_AT_ONCE = 8
ABANDONED = 3600  # seconds after which an upload that was not added is deleted
PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
AT_ONCE: dict[str, Any] = {**PRIVATE, "queue": False}
_FONT = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]
_MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]

# Marks in the answer, entries of the evidence list and "Yes, remove" are links to anchors named cite-... and remove-...;
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
_SHOWN = "watch('value', () => document.dispatchEvent(new CustomEvent('evidence-shown')));"  # to static/evidence.js
_HEAD = f"""<div class="head-line"><h1>{TITLE}</h1><p>Every statement shows where it stands.</p>
<div class="tools"><button type="button" class="to-side" aria-expanded="false">Documents</button>
<button type="button" class="theme-switch" aria-pressed="false">Dark</button></div></div>"""
_BACK = '<button type="button" class="to-chat">‹ Back to the chat</button>'  # on a phone


def theme() -> Any:
    """Return Gradio's theme with fonts of the reader's own machine: nothing is fetched from anywhere."""
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
    """Build the page on ``assistant``, as ``gr.Blocks``."""
    calls = Callbacks(assistant)
    # what everybody gets; the page of a user is filled when it is opened
    sources = assistant.index.documents.sources(assistant.identity.principal(None))
    first = "evidence" if sources else "documents"
    with gr.Blocks(
        title=TITLE, analytics_enabled=False, fill_width=True, fill_height=True, delete_cache=(ABANDONED, ABANDONED)
    ) as page:
        conversation, batches = gr.State(()), gr.State(())
        with gr.Row(elem_id="head-row"):
            head = gr.HTML(_HEAD, js_on_load=_CLICKS, elem_id="head")
            user_html = gr.HTML("", elem_id="current-user")
        with gr.Row(equal_height=False, elem_id="main"):
            with gr.Column(scale=6, min_width=380, elem_id="chat-column"):
                talk = chat_part(sources, assistant.index.settings)
                uploads_only(talk.box, page)
            with gr.Column(scale=5, min_width=360, elem_id="side-column"):
                gr.HTML(_BACK, elem_id="back-row")
                with gr.Tabs(elem_id="side", selected=first) as tabs:
                    with gr.Tab("Evidence", id="evidence"):
                        shown = gr.HTML(evidence.EMPTY, js_on_load=_SHOWN, elem_id="evidence")
                    with gr.Tab("Documents", id="documents"):
                        limit = assistant.index.settings.max_source_bytes
                        documents = documents_part(limit, adds=not assistant.identity.enabled)
                        uploads_only(documents.files, page)
                    with gr.Tab("Labels", id="labels", visible=not assistant.identity.enabled) as labels:
                        label_tab(assistant, labels)

        cleared = _wire_answers(calls, talk, conversation, head, shown, tabs)
        _wire_feedback(FeedbackCallbacks(assistant), talk, conversation, cleared)
        opened = page.load(
            calls.opened,
            [batches],
            [batches, user_html, documents.adding, documents.readers, labels, documents.listed, talk.chat],
            **AT_ONCE,
        )
        _wire_documents(calls, documents, batches, opened, head, talk.chat)
        gr.api(calls.ask, api_name="ask", concurrency_limit=CHATS_AT_ONCE, concurrency_id="answers")
    return page


def _wire_answers(calls: Callbacks, talk: ChatPart, conversation: Any, head: Any, shown: Any, tabs: Any) -> Any:
    """Wire a question, its answer and the evidence; return the event of a new conversation."""
    chat, box = talk.chat, talk.box
    begun = box.submit(calls.begin, [box, conversation], [box, conversation, chat], **AT_ONCE)
    chosen = chat.example_select(calls.begin_example, [conversation], [box, conversation, chat], **AT_ONCE)
    for event in (begun, chosen):
        event.then(
            calls.answer,
            [conversation],
            [conversation, chat, shown, tabs],
            concurrency_limit=CHATS_AT_ONCE,
            concurrency_id="answers",
            **PRIVATE,
        ).then(calls.ready, None, [box], **AT_ONCE)
    box.stop(calls.stop, [conversation], None, **AT_ONCE)
    cleared = [conversation, chat, shown, box]
    # a click while the one before is being shown counts too; one at a time, so that the last click is shown last
    head.cite(calls.show, [conversation], [shown, tabs], concurrency_limit=1, trigger_mode="multiple", **PRIVATE)
    return gr.on([talk.clear.click, chat.clear], calls.cleared, [conversation], cleared, **AT_ONCE)


def _wire_feedback(feedback: FeedbackCallbacks, talk: ChatPart, conversation: Any, cleared: Any) -> None:
    """Wire ratings and corrections; a new conversation has none."""
    ratings = gr.State(Ratings())
    rated = [talk.chat, ratings, talk.asking, talk.correction]
    cleared.then(feedback.cleared, None, rated, **AT_ONCE)
    # drop no click
    talk.chat.like(feedback.rate, [conversation, ratings], rated, trigger_mode="multiple", **AT_ONCE)
    talk.correction.submit(
        feedback.correct, [ratings, talk.correction, conversation], [ratings, talk.asking, talk.correction], **AT_ONCE
    )


def _wire_documents(
    calls: Callbacks, documents: DocumentsPart, batches: Any, opened: Any, head: Any, chat: Any
) -> None:
    """Wire adding, following what is added, searching and removing."""
    _, readers, files, link, add_link, stop_adding, progress, search, listed = documents
    for event in (
        files.upload(calls.add_files, [files, batches, readers], [files, batches], concurrency_limit=None, **PRIVATE),
        gr.on([link.submit, add_link.click], calls.add_link, [link, batches, readers], [link, batches], **PRIVATE),
        opened,
    ):
        event.then(
            calls.follow,
            [batches, search],
            [batches, progress, stop_adding, listed, chat],
            concurrency_limit=None,
            **PRIVATE,
        )
    stop_adding.click(calls.stop_adding, [batches], None, **AT_ONCE)
    search.change(calls.search, [search], [listed], **PRIVATE)
    head.remove(calls.remove, [search], [listed, chat, progress], concurrency_limit=None, **PRIVATE)
