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
SESSIONS = 1000  # of browsers and programs whose state is kept, some 170 kB each; those used longest ago go first
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


class _Parts(NamedTuple):
    """What the page consists of, and the state that it holds of whoever has it open."""

    conversation: Any
    batches: Any
    open_one: OpenConversation
    head: Any
    user_html: Any
    talk: ChatPart
    tabs: Any
    shown: Any
    documents: DocumentsPart
    listed: ConversationsPart
    labels: Any


def build(assistant: Assistant) -> Any:
    """Build the page on ``assistant``, as ``gr.Blocks``."""
    calls = Callbacks(assistant)
    with gr.Blocks(
        title=TITLE, analytics_enabled=False, fill_width=True, fill_height=True, delete_cache=(ABANDONED, ABANDONED)
    ) as page:
        page.state_session_capacity = SESSIONS
        parts = _laid_out(assistant, page)
        documents_calls, waiting = DocumentCalls(assistant), gr.State("")
        talk, documents = parts.talk, parts.documents
        taken = talk.box.submit(
            documents_calls.take,
            [talk.box, parts.batches, documents.readers],
            [talk.box, parts.batches, waiting],
            **AT_ONCE,
        )
        cleared = _wire_answers(calls, parts, taken)
        _wire_feedback(FeedbackCallbacks(assistant), talk, parts.conversation, cleared)
        opened = _wire_opening(documents_calls, page, parts)
        _wire_documents(documents_calls, parts, waiting, (opened, taken))
        _wire_conversations(calls, page, parts, cleared)
        gr.api(calls.ask, api_name="ask", concurrency_limit=CHATS_AT_ONCE, concurrency_id="answers")
    return page


def _laid_out(assistant: Assistant, page: Any) -> _Parts:
    """Lay the page out: its head, the chat to the left, what belongs to it to the right."""
    # what everybody gets; the page of a user is filled when it is opened
    sources = assistant.index.documents.sources(assistant.identity.principal(None))
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
            with gr.Tabs(elem_id="side", selected="evidence" if sources else "documents") as tabs:
                shown, documents, listed, labels = _tabs(assistant, page)
    return _Parts(conversation, batches, open_one, head, user_html, talk, tabs, shown, documents, listed, labels)


def _tabs(assistant: Assistant, page: Any) -> tuple[Any, DocumentsPart, ConversationsPart, Any]:
    """Fill the tabs; return what shows evidence, the documents, the conversations, and the tab of labels."""
    by_name = assistant.identity.enabled
    with gr.Tab("Evidence", id="evidence"):
        shown = gr.HTML(evidence.EMPTY, js_on_load=_SHOWN, elem_id="evidence")
    with gr.Tab("Documents", id="documents"):
        documents = documents_part(assistant.index.settings.max_source_bytes, adds=not by_name)
        uploads_only(documents.files, page)
        syncs_part(assistant, page)
    with gr.Tab("Conversations", id="conversations"):
        search, chats = conversations_part()
    with gr.Tab("Models", id="models") as models_tab:
        listed = ConversationsPart(search, chats, models_tab, gr.HTML("", elem_id="models"))
    with gr.Tab("Labels", id="labels", visible=not by_name) as labels:
        label_tab(assistant, labels)
    return shown, documents, listed, labels


def _wire_opening(calls: DocumentCalls, page: Any, parts: _Parts) -> Any:
    """Wire what a user sees when the page is opened; return that event."""
    documents = parts.documents
    return page.load(
        calls.opened,
        [parts.batches],
        [
            parts.batches,
            parts.user_html,
            documents.adding,
            documents.readers,
            parts.labels,
            documents.listed,
            documents.removed,
            parts.talk.chat,
        ],
        **AT_ONCE,
    )


def _wire_answers(calls: Callbacks, parts: _Parts, taken: Any) -> Any:
    """Wire a question, its answer and the evidence; return the event of a new conversation. What was to be added has been
    ``taken`` out of the box before."""
    talk, conversation = parts.talk, parts.conversation
    chat, box = talk.chat, talk.box
    conversations = ConversationCallbacks(calls)
    asking = [box, conversation, chat]
    for event in (
        taken.success(calls.begin, [box, conversation], asking, **MAY_FAIL),
        chat.example_select(calls.begin_example, [conversation], asking, **AT_ONCE),
        chat.retry(conversations.retry, [conversation], asking, **AT_ONCE),
        talk.following.ask(conversations.ask_suggested, [conversation], asking, **AT_ONCE),
    ):
        _wire_answering(event, calls, conversations, parts)
    box.stop(calls.stop, [conversation], None, **AT_ONCE)
    # a click while the one before is being shown counts too; one at a time, so that the last click is shown last
    parts.head.cite(
        calls.show,
        [conversation],
        [parts.shown, parts.tabs],
        concurrency_limit=1,
        trigger_mode="multiple",
        **PRIVATE,
    )
    cleared = [conversation, chat, parts.shown, box]
    return gr.on([talk.clear.click, chat.clear], calls.cleared, [conversation], cleared, **AT_ONCE)


def _wire_answering(asked: Any, calls: Callbacks, conversations: ConversationCallbacks, parts: _Parts) -> None:
    """Wire what follows when a question was ``asked``: it is answered, kept, and others are offered."""
    talk, conversation, open_one = parts.talk, parts.conversation, parts.open_one
    asked.then(lambda: "", None, [talk.following], **AT_ONCE)
    asked.then(
        calls.answer,
        [conversation, open_one.picked, talk.model],
        [conversation, talk.chat, parts.shown, parts.tabs],
        concurrency_limit=CHATS_AT_ONCE,
        concurrency_id="answers",
        **PRIVATE,
    ).then(calls.ready, None, [talk.box], **AT_ONCE).then(
        conversations.keep,
        [conversation, open_one.kept, open_one.picked, talk.model],
        [open_one.kept, parts.listed.listed, talk.following],
        concurrency_limit=None,
        **PRIVATE,
    ).then(conversations.suggest, [conversation, open_one.picked, open_one.kept], [talk.following], **PRIVATE)


def _wire_conversations(calls: Callbacks, page: Any, parts: _Parts, cleared: Any) -> None:
    """Wire opening, renaming and deleting conversations, and what the open one may use."""
    on = ConversationCallbacks(calls)
    talk, conversation, listed = parts.talk, parts.conversation, parts.listed
    kept, picked = parts.open_one.kept, parts.open_one.picked
    offered = [picked, talk.scope, talk.more, talk.model]
    whole = [
        conversation,
        talk.chat,
        parts.shown,
        kept,
        picked,
        talk.scope,
        talk.model,
        talk.following,
        listed.listed,
    ]
    page.load(on.restored, [parts.open_one.remembered, conversation], whole, js=_REMEMBERED, **AT_ONCE).then(
        on.offered, [picked, kept, talk.model], offered, **PRIVATE
    )
    listed.listed.open(on.opened, [conversation], whole, **PRIVATE)
    listed.listed.delete(on.deleted, [kept, conversation, picked], whole, **PRIVATE)
    listed.listed.rename(on.renamed, [listed.search, kept], [listed.listed], **PRIVATE)
    listed.search.change(on.listed, [listed.search, kept], [listed.listed], **PRIVATE)
    cleared.then(on.emptied, None, whole, **AT_ONCE)
    parts.documents.listed.change(on.offered, [picked, kept, talk.model], offered, **AT_ONCE)
    listed.models_tab.select(on.models, None, [listed.models], **PRIVATE)
    _wire_scope(on, parts)


def _wire_scope(on: ConversationCallbacks, parts: _Parts) -> None:
    """Wire the choice of what a question may use."""
    talk, kept, picked = parts.talk, parts.open_one.kept, parts.open_one.picked
    talk.scope.pick(on.pick, [picked, kept], [picked, talk.scope], trigger_mode="multiple", **AT_ONCE)
    talk.scope.all(on.pick_all, [kept], [picked, talk.scope], **AT_ONCE)
    talk.more.input(on.pick_more, [talk.more, picked, kept], [picked, talk.scope, talk.more], **AT_ONCE)
    talk.where.submit(on.pick_where, [talk.where, picked, kept], [picked, talk.scope, talk.where], **MAY_FAIL)
    parts.head.ask(on.pick_only, [kept], [picked, talk.scope], **MAY_FAIL)


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


def _wire_documents(calls: DocumentCalls, parts: _Parts, waiting: Any, begun: tuple[Any, ...]) -> None:
    """Wire adding, and following what is added from the events in ``begun`` on, too."""
    documents, talk, batches = parts.documents, parts.talk, parts.batches
    add = [batches, documents.readers]
    files, link = documents.files, documents.link
    for event in (
        files.upload(calls.add_files, [files, *add], [files, batches], concurrency_limit=None, **PRIVATE),
        gr.on([link.submit, documents.add_link.click], calls.add_link, [link, *add], [link, batches], **PRIVATE),
        parts.head.again(calls.again, [batches], [batches], concurrency_limit=None, **PRIVATE),
        documents.password.submit(calls.unlock, [documents.password, *add], [documents.password, batches], **PRIVATE),
        *begun,
    ):
        event.then(
            calls.follow,
            [batches, documents.search, waiting],
            [
                batches,
                documents.progress,
                talk.adding_now,
                documents.stop_adding,
                *_listing(parts),
                talk.box,
                waiting,
            ],
            concurrency_limit=None,
            **PRIVATE,
        ).then(calls.locked, [batches], [documents.unlocking, documents.password], **PRIVATE)
    documents.stop_adding.click(calls.stop_adding, [batches], None, **AT_ONCE)
    _wire_sources(calls, parts)


def _wire_sources(calls: DocumentCalls, parts: _Parts) -> None:
    """Wire searching the sources, and what can be done with one."""
    documents, head, search = parts.documents, parts.head, parts.documents.search
    changed = [*_listing(parts), documents.progress]
    search.change(calls.search, [search], [documents.listed], **PRIVATE)
    one = gr.State("")
    previewed = [one, documents.preview, documents.naming, documents.name, documents.listed]
    head.preview(calls.preview, None, previewed, concurrency_limit=None, **PRIVATE)
    documents.name.submit(calls.rename, [documents.name, one, search], previewed, **PRIVATE)
    head.remove(calls.remove, [search], changed, concurrency_limit=None, **PRIVATE)
    head.undo(calls.undo, [search], changed, concurrency_limit=None, **PRIVATE)


def _listing(parts: _Parts) -> list[Any]:
    """What shows which sources there are."""
    return [parts.documents.listed, parts.documents.removed, parts.talk.chat]
