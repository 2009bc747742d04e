"""The page: its components, and which callback each event calls. What is shown is made elsewhere."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr

from app import evidence
from app.assistant import Assistant
from app.callbacks import Callbacks
from app.conversations import ConversationCallbacks
from app.document_calls import DocumentCalls
from app.feedback import FeedbackCallbacks, Ratings
from app.label_tab import label_tab
from app.parts import DROPPED, ChatPart, ConversationsPart, DocumentsPart, chat_part, conversations_part, documents_part
from app.syncs import syncs_part
from app.uploads import uploads_only

TITLE = "Ask your documents"
CHATS_AT_ONCE = 8
ABANDONED = 3600  # seconds after which an upload that was not added is deleted
PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
AT_ONCE: dict[str, Any] = {**PRIVATE, "queue": False}
# what may raise gr.Error: Gradio shows the errors of events in its queue alone
MAY_FAIL: dict[str, Any] = {**PRIVATE, "concurrency_limit": None}
_FONT = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]
_MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]

# Marks in the answer, entries of the evidence list and what can be done with a source are links to anchors named cite-...,
# remove-... and so on; a click on one goes to the server instead, with that name. So does one on "Log out".
_CLICKS = """
document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href*="#"]');
    const key = link?.getAttribute('href').split('#').pop() ?? '';
    const name = ['cite', 'remove', 'preview', 'again', 'undo', 'ask'].find((one) => key.startsWith(one + '-'));
    if (!name && key !== 'logout') return;
    event.preventDefault();
    if (key === 'logout') {
        fetch('logout', {method: 'POST'}).then(() => location.reload());
        return;
    }
    if (name === 'ask') document.querySelector('#ask textarea')?.focus();
    const event_of = {cite: 'cite', remove: 'remove', preview: 'preview', again: 'again', undo: 'undo', ask: 'ask'};
    trigger(event_of[name], {key: key});
});
"""
_REMEMBERED = "(remembered, asked) => [sessionStorage.getItem('conversation') || '', asked]"
_SHOWN = "watch('value', () => document.dispatchEvent(new CustomEvent('evidence-shown')));"  # to static/evidence.js
_HEAD = f"""<div class="head-line"><h1>{TITLE}</h1><p>Every statement shows where it stands.</p>
<div class="tools"><button type="button" class="to-side" aria-expanded="false">Documents</button>
<button type="button" class="theme-switch"><span class="to-dark">Dark</span><span class="to-light">Light</span></button>
</div></div>"""
_BACK = '<button type="button" class="to-chat">‹ Back to the chat</button>'  # on a phone


class OpenConversation(NamedTuple):
    """Which conversation is open and what it may use, and what the browser remembers of that."""

    kept: Any
    picked: Any
    remembered: Any


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
        open_one = OpenConversation(gr.State(""), gr.State(()), gr.Textbox(visible=False, elem_id="remembered"))
        with gr.Row(elem_id="head-row"):
            head = gr.HTML(_HEAD, js_on_load=_CLICKS + DROPPED, elem_id="head")
            user_html = gr.HTML("", elem_id="current-user")
        with gr.Row(equal_height=False, elem_id="main"):
            with gr.Column(scale=6, min_width=380, elem_id="chat-column"):
                talk = chat_part(sources, assistant.index.settings)
                uploads_only(talk.box, page)
            with gr.Column(scale=5, min_width=360, elem_id="side-column"):
                gr.HTML(_BACK, elem_id="back-row", padding=False)
                with gr.Tabs(elem_id="side", selected=first) as tabs:
                    with gr.Tab("Evidence", id="evidence"):
                        shown = gr.HTML(evidence.EMPTY, js_on_load=_SHOWN, elem_id="evidence")
                    with gr.Tab("Documents", id="documents"):
                        limit = assistant.index.settings.max_source_bytes
                        documents = documents_part(limit, adds=not assistant.identity.enabled)
                        uploads_only(documents.files, page)
                        syncs_part(assistant, page)
                    with gr.Tab("Conversations", id="conversations"):
                        search, chats = conversations_part()
                    with gr.Tab("Models", id="models") as models_tab:
                        listed = ConversationsPart(search, chats, models_tab, gr.HTML("", elem_id="models"))
                    with gr.Tab("Labels", id="labels", visible=not assistant.identity.enabled) as labels:
                        label_tab(assistant, labels)

        documents_calls, waiting = DocumentCalls(assistant), gr.State("")
        taken = talk.box.submit(
            documents_calls.take,
            [talk.box, batches, documents.readers],
            [talk.box, batches, waiting],
            **AT_ONCE,
        )
        cleared = _wire_answers(calls, talk, conversation, head, shown, tabs, taken, open_one, listed)
        _wire_feedback(FeedbackCallbacks(assistant), talk, conversation, cleared)
        opened = page.load(
            documents_calls.opened,
            [batches],
            [
                batches,
                user_html,
                documents.adding,
                documents.readers,
                labels,
                documents.listed,
                documents.removed,
                talk.chat,
            ],
            **AT_ONCE,
        )
        _wire_documents(documents_calls, documents, batches, waiting, (opened, taken), head, talk)
        _wire_conversations(calls, page, talk, conversation, shown, head, cleared, open_one, listed, documents)
        gr.api(calls.ask, api_name="ask", concurrency_limit=CHATS_AT_ONCE, concurrency_id="answers")
    return page


def _wire_answers(
    calls: Callbacks,
    talk: ChatPart,
    conversation: Any,
    head: Any,
    shown: Any,
    tabs: Any,
    taken: Any,
    open_one: OpenConversation,
    listed: ConversationsPart,
) -> Any:
    """Wire a question, its answer and the evidence; return the event of a new conversation. What was to be added has been
    ``taken`` out of the box before."""
    chat, box = talk.chat, talk.box
    begun = taken.success(calls.begin, [box, conversation], [box, conversation, chat], **MAY_FAIL)
    chosen = chat.example_select(calls.begin_example, [conversation], [box, conversation, chat], **AT_ONCE)
    conversations = ConversationCallbacks(calls)
    again = chat.retry(conversations.retry, [conversation], [box, conversation, chat], **AT_ONCE)
    offered = talk.following.ask(conversations.ask_suggested, [conversation], [box, conversation, chat], **AT_ONCE)
    for event in (begun, chosen, again, offered):
        event.then(lambda: "", None, [talk.following], **AT_ONCE)
        event.then(
            calls.answer,
            [conversation, open_one.picked, talk.model],
            [conversation, chat, shown, tabs],
            concurrency_limit=CHATS_AT_ONCE,
            concurrency_id="answers",
            **PRIVATE,
        ).then(calls.ready, None, [box], **AT_ONCE).then(
            conversations.keep,
            [conversation, open_one.kept, open_one.picked, talk.model],
            [open_one.kept, listed.listed, talk.following],
            concurrency_limit=None,
            **PRIVATE,
        ).then(conversations.suggest, [conversation, open_one.picked, open_one.kept], [talk.following], **PRIVATE)
    box.stop(calls.stop, [conversation], None, **AT_ONCE)
    cleared = [conversation, chat, shown, box]
    # a click while the one before is being shown counts too; one at a time, so that the last click is shown last
    head.cite(calls.show, [conversation], [shown, tabs], concurrency_limit=1, trigger_mode="multiple", **PRIVATE)
    return gr.on([talk.clear.click, chat.clear], calls.cleared, [conversation], cleared, **AT_ONCE)


def _wire_conversations(
    calls: Callbacks,
    page: Any,
    talk: ChatPart,
    conversation: Any,
    shown: Any,
    head: Any,
    cleared: Any,
    open_one: OpenConversation,
    listed: ConversationsPart,
    documents: DocumentsPart,
) -> None:
    """Wire opening, renaming and deleting conversations, and what the open one may use."""
    on = ConversationCallbacks(calls)
    kept, picked = open_one.kept, open_one.picked
    offered = [picked, talk.scope, talk.more, talk.model]
    whole = [conversation, talk.chat, shown, kept, picked, talk.scope, talk.model, talk.following, listed.listed]
    page.load(on.restored, [open_one.remembered, conversation], whole, js=_REMEMBERED, **AT_ONCE).then(
        on.offered, [picked, kept, talk.model], offered, **PRIVATE
    )
    listed.listed.open(on.opened, [conversation], whole, **PRIVATE)
    listed.listed.delete(on.deleted, [kept, conversation, picked], whole, **PRIVATE)
    listed.listed.rename(on.renamed, [listed.search, kept], [listed.listed], **PRIVATE)
    listed.search.change(on.listed, [listed.search, kept], [listed.listed], **PRIVATE)
    cleared.then(on.emptied, None, whole, **AT_ONCE)
    talk.scope.pick(on.pick, [picked, kept], [picked, talk.scope], trigger_mode="multiple", **AT_ONCE)
    talk.scope.all(on.pick_all, [kept], [picked, talk.scope], **AT_ONCE)
    talk.more.input(on.pick_more, [talk.more, picked, kept], [picked, talk.scope, talk.more], **AT_ONCE)
    talk.where.submit(on.pick_where, [talk.where, picked, kept], [picked, talk.scope, talk.where], **MAY_FAIL)
    head.ask(on.pick_only, [kept], [picked, talk.scope], **MAY_FAIL)
    documents.listed.change(on.offered, [picked, kept, talk.model], offered, **AT_ONCE)
    listed.models_tab.select(on.models, None, [listed.models], **PRIVATE)


def _wire_feedback(feedback: FeedbackCallbacks, talk: ChatPart, conversation: Any, cleared: Any) -> None:
    """Wire ratings and corrections; a new conversation has none."""
    ratings = gr.State(Ratings())
    rated = [talk.chat, ratings, talk.asking, talk.correction]
    cleared.then(feedback.cleared, None, rated, **AT_ONCE)
    # drop no click
    talk.chat.like(feedback.rate, [conversation, ratings], rated, trigger_mode="multiple", **MAY_FAIL)
    talk.correction.submit(
        feedback.correct, [ratings, talk.correction, conversation], [ratings, talk.asking, talk.correction], **MAY_FAIL
    )


def _wire_documents(
    calls: DocumentCalls,
    documents: DocumentsPart,
    batches: Any,
    waiting: Any,
    begun: tuple[Any, ...],
    head: Any,
    talk: ChatPart,
) -> None:
    """Wire adding, following what is added, searching, and what can be done with a source."""
    add = [batches, documents.readers]
    files, link, search = documents.files, documents.link, documents.search
    listed = [documents.listed, documents.removed, talk.chat]
    for event in (
        files.upload(calls.add_files, [files, *add], [files, batches], concurrency_limit=None, **PRIVATE),
        gr.on([link.submit, documents.add_link.click], calls.add_link, [link, *add], [link, batches], **PRIVATE),
        head.again(calls.again, [batches], [batches], concurrency_limit=None, **PRIVATE),
        documents.password.submit(calls.unlock, [documents.password, *add], [documents.password, batches], **PRIVATE),
        *begun,
    ):
        event.then(
            calls.follow,
            [batches, search, waiting],
            [batches, documents.progress, talk.adding_now, documents.stop_adding, *listed, talk.box, waiting],
            concurrency_limit=None,
            **PRIVATE,
        ).then(calls.locked, [batches], [documents.unlocking, documents.password], **PRIVATE)
    documents.stop_adding.click(calls.stop_adding, [batches], None, **AT_ONCE)
    search.change(calls.search, [search], [documents.listed], **PRIVATE)
    one = gr.State("")
    previewed = [one, documents.preview, documents.naming, documents.name, documents.listed]
    head.preview(calls.preview, None, previewed, concurrency_limit=None, **PRIVATE)
    documents.name.submit(calls.rename, [documents.name, one, search], previewed, **PRIVATE)
    head.remove(calls.remove, [search], [*listed, documents.progress], concurrency_limit=None, **PRIVATE)
    head.undo(calls.undo, [search], [*listed, documents.progress], concurrency_limit=None, **PRIVATE)
