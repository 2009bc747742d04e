"""The callbacks of kept conversations and of what they may use. Each turns values of components into a call."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote as quoted
from urllib.parse import unquote

import gradio as gr
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from app import evidence
from app.chat import Conversation, Exchange, exchange_at, messages
from app.conversation_list import as_markdown, list_html
from app.models_panel import model_choices, panel_html
from app.scope import CHIPS, SOURCE, Picked, choices_of, scope_html, still_there, toggled, with_filter
from app.security.current_user import current_user
from app.suggested import suggestions_html
from app.text import escaped
from errors import AssistantError, StoreError
from models.chat.load import models_allowed
from models.tags import load_labels
from records import Principal, Turn
from store.conversations import MOST_EXCHANGES, Choices, Opened, owner_of
from store.said import Said

if TYPE_CHECKING:
    from app.assistant import Assistant
    from app.callbacks import Callbacks


def conversation_of(opened: Opened) -> Conversation:
    """Return a kept conversation as the page holds one."""
    return tuple(Exchange(turn=one.turn, status=one.status, error=one.error) for one in opened.said)


class ConversationCallbacks:
    """The events of conversations. Which one is open comes in and goes out as its id, "" for one that is not kept."""

    def __init__(self, calls: Callbacks) -> None:
        self._calls = calls
        self._assistant = calls.assistant
        self._store = calls.assistant.conversations

    # --- keeping ---

    def keep(
        self,
        conversation: Conversation,
        kept: str,
        picked: Picked,
        model: str | None = None,
        request: gr.Request | None = None,
    ) -> tuple[Any, ...]:
        """Keep the last exchange; what could not be kept is said, and does not stop the page."""
        principal = self._principal(request)
        owner = owner_of(principal)
        if owner is None or not conversation or conversation[-1].status == "running":
            return kept, gr.skip(), gr.skip()
        choices = Choices(picked=tuple(picked), model=model or "")
        said = [_said(one) for one in conversation]
        try:
            if not (kept and self._store.keep(owner, kept, len(said) - 1, said[-1], choices)):
                kept = self._store.begin(owner, _name(conversation), choices)  # none yet, deleted elsewhere, or full
                for number, one in enumerate(said[-MOST_EXCHANGES:]):
                    self._store.keep(owner, kept, number, one, choices)
        except StoreError as error:
            gr.Warning(escaped(str(error)))
        return kept, self._listed(principal, kept), suggestions_html((), kept)

    # --- the list ---

    def listed(self, search: str, kept: str, request: gr.Request | None = None) -> str:
        """List the conversations that have the words of ``search``."""
        return self._listed(self._principal(request), kept, search)

    def restored(
        self, remembered: str | None, conversation: Conversation, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Open the conversation that the browser remembers, when the page is loaded; what was asked meanwhile stays."""
        principal = self._principal(request)
        if conversation or not remembered:
            return (*(gr.skip(),) * 5, self._scope(principal, ()), gr.skip(), gr.skip(), self._listed(principal, ""))
        return self._open(remembered, principal)

    def emptied(self, request: gr.Request | None = None) -> tuple[Any, ...]:
        """Begin a conversation that is not kept yet."""
        return self._open("", self._principal(request))

    def opened(
        self, event: gr.EventData, conversation: Conversation, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Open the conversation that was clicked."""
        principal = self._principal(request)
        if conversation and conversation[-1].status == "running":
            conversation[-1].stop.drop()
        return self._open(str(event.key), principal)

    def deleted(
        self,
        event: gr.EventData,
        kept: str,
        conversation: Conversation,
        picked: Picked,
        request: gr.Request | None = None,
    ) -> tuple[Any, ...]:
        """Delete a conversation, after its owner was asked; the one that is open is left empty."""
        principal, key = self._principal(request), str(event.key)
        owner = owner_of(principal)
        try:
            if owner is not None:
                self._store.delete(owner, key)
        except StoreError as error:
            raise gr.Error(escaped(str(error)), print_exception=False) from error
        if key == kept:
            return self._open("", principal)
        return (gr.skip(),) * 8 + (self._listed(principal, kept),)

    def renamed(self, event: gr.EventData, search: str, kept: str, request: gr.Request | None = None) -> str:
        """Rename a conversation."""
        principal = self._principal(request)
        owner = owner_of(principal)
        try:
            if owner is not None and not self._store.rename(owner, str(event.key), str(event.name)):
                gr.Warning("A conversation needs a name.")
        except StoreError as error:
            raise gr.Error(escaped(str(error)), print_exception=False) from error
        return self._listed(principal, kept, search)

    def _open(self, id_: str, principal: Principal) -> tuple[Any, ...]:
        """The conversation, its messages, evidence, id, what it may use as values and as HTML, its model, and the list."""
        owner = owner_of(principal)
        found = None
        try:
            if owner is not None and id_:
                found = self._store.open(owner, id_, self._assistant.index.documents, principal)
        except StoreError as error:
            gr.Warning(escaped(str(error)))
        conversation = conversation_of(found) if found else ()
        choices = found.choices if found else Choices()
        picked, gone = self._still_there(principal, choices.picked)
        id_ = found.summary.id if found else ""
        shown = self._calls.panel(conversation, evidence.first_key(conversation), principal)
        if choices.model not in models_allowed(principal, self._assistant.index.settings):
            choices = replace(choices, model="")
        return (
            conversation,
            messages(conversation),
            shown,
            id_,
            picked,
            scope_html(self._choices(principal), picked, gone),
            choices.model,
            suggestions_html((), id_),
            self._listed(principal, id_),
        )

    def _listed(self, principal: Principal, kept: str, search: str = "") -> str:
        owner = owner_of(principal)
        if owner is None:
            return '<p class="count">Conversations are kept for those who log in.</p>'
        try:
            return list_html(self._store.all(owner, search), kept, search)
        except StoreError as error:
            return f'<p class="count failed">{escaped(str(error))}</p>'

    # --- what a question may use ---

    def pick(
        self, event: gr.EventData, picked: Picked, kept: str, request: gr.Request | None = None
    ) -> tuple[Picked, str]:
        """Use what was clicked, or use it no longer."""
        picked = toggled(tuple(picked), unquote(str(event.key)))
        return picked, self._scope(self._principal(request), picked)

    def pick_more(
        self, value: str | None, picked: Picked, kept: str, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Use what was chosen in the list, too."""
        if value and value not in picked:
            picked = (*picked, value)
        return picked, self._scope(self._principal(request), picked), gr.Dropdown(value="")

    def pick_where(self, where: str, picked: Picked, kept: str, request: gr.Request | None = None) -> tuple[Any, ...]:
        """Use only what the filter that was written lets through, in place of another filter; an empty one uses all."""
        principal = self._principal(request)
        try:
            picked = with_filter(tuple(picked), where, self._assistant.index.documents.sources(principal))
        except AssistantError as error:
            raise gr.Error(escaped(str(error)), print_exception=False) from error
        return picked, self._scope(principal, picked), ""

    def pick_only(self, event: gr.EventData, kept: str, request: gr.Request | None = None) -> tuple[Picked, str]:
        """Use the source alone whose "Ask this document" was clicked."""
        principal = self._principal(request)
        source = self._assistant.index.documents.source(str(event.key).removeprefix("ask-"), principal)
        if source is None:
            raise gr.Error("It was removed before.", print_exception=False)
        picked = (SOURCE + source.source,)
        return picked, self._scope(principal, picked)

    def pick_all(self, kept: str, request: gr.Request | None = None) -> tuple[Picked, str]:
        """Use everything."""
        return (), self._scope(self._principal(request), ())

    def models(self, request: gr.Request | None = None) -> str:
        """Show which model does what, and to whoever may change the settings, which others are at hand."""
        principal, assistant = self._principal(request), self._assistant
        looks = principal.everything or (assistant.identity.enabled and principal.manages)
        return panel_html(assistant.index.settings, principal, looks=looks)

    def offered(
        self, picked: Picked, kept: str, model: str | None = "", request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Return what can be picked now, as buttons, and as a list where there is more than these; and the models that may
        be chosen. What was picked and is gone is picked no longer, and said to be gone."""
        principal = self._principal(request)
        picked, gone = self._still_there(principal, picked)
        choices = self._choices(principal)
        more = [("More…", ""), *((one.label, one.value) for one in choices)]
        models = model_choices(self._assistant.index.settings, principal)
        return (
            picked if gone else gr.skip(),  # what was clicked meanwhile stays
            scope_html(choices, picked, gone),
            gr.Dropdown(choices=more, value="", visible=len(choices) > CHIPS),
            gr.Dropdown(choices=models, value=model or "", visible=len(models) > 1),
        )

    def _still_there(self, principal: Principal, picked: Picked) -> tuple[Picked, tuple[str, ...]]:
        index = self._assistant.index
        return still_there(tuple(picked), index.documents.sources(principal), index.uploads)

    def _choices(self, principal: Principal) -> Any:
        index = self._assistant.index
        lists = load_labels(index.settings.picture_labels) if index.pictures is not None else {}
        tags = sorted({tag for several in lists.values() for tag in several})
        return choices_of(index.documents.sources(principal), index.uploads, tags)

    def _scope(self, principal: Principal, picked: Picked) -> str:
        return scope_html(self._choices(principal), tuple(picked))

    # --- what comes next ---

    def suggest(self, conversation: Conversation, picked: Picked, kept: str, request: gr.Request | None = None) -> str:
        """Offer questions that have an answer, after the last one was answered."""
        principal = self._principal(request)
        if not conversation or conversation[-1].status != "done":
            return suggestions_html((), kept)
        try:
            found = self._assistant.suggestions(conversation[-1].turn, principal, tuple(picked))
        except AssistantError:  # what cannot be tried is not offered
            found = []
        return suggestions_html(found, kept)

    def ask_suggested(
        self, conversation: Conversation, event: gr.EventData, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Ask the question that was offered."""
        return self._calls.begin(unquote(str(event.key)), conversation, request)

    # --- asking again ---

    def retry(
        self, conversation: Conversation, event: gr.RetryData, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Ask a question again; what came after it goes."""
        self._principal(request)
        message = event.index if isinstance(event.index, int) else event.index[0]
        number = exchange_at(conversation, message)
        if number is None or conversation[-1].status == "running":
            return gr.skip(), gr.skip(), gr.skip()
        asked = conversation[number].turn
        again = Exchange(Turn(question=asked.question, picture=asked.picture))
        conversation = (*conversation[:number], again)
        return gr.MultimodalTextbox(submit_btn=False, stop_btn=True), conversation, messages(conversation)

    def _principal(self, request: gr.Request | None) -> Principal:
        return current_user(self._assistant, request)


def _said(exchange: Exchange) -> Said:
    status = "stopped" if exchange.status == "running" else exchange.status
    return Said(turn=exchange.turn, status=status, error=exchange.error)


def _name(conversation: Conversation) -> str:
    return conversation[0].turn.question or "A picture"


def export_route(assistant: Assistant) -> APIRouter:
    """Build the route that hands a conversation out as Markdown, to its owner alone."""
    router = APIRouter()

    @router.get("/conversations/{name}.md")
    def export(name: str, request: Request) -> Response:
        principal = assistant.identity.principal(request)
        owner = owner_of(principal)
        found = None
        if owner is not None:
            found = assistant.conversations.open(owner, name, assistant.index.documents, principal)
        if found is None:
            raise HTTPException(404, "No such conversation. It may have been deleted.")
        file = quoted(f"{found.summary.name[:60]}.md", safe="")
        return Response(
            as_markdown(found.summary.name, conversation_of(found)),
            media_type="text/markdown; charset=utf-8",
            headers={
                "Content-Disposition": f"attachment; filename*=UTF-8''{file}",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-store",
            },
        )

    return router
