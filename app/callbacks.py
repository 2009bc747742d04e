"""The callbacks of the page. Thin: each turns values of components into a call, and its result into values."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import gradio as gr

from app import evidence
from app.archive import archive_of
from app.assistant import Assistant
from app.chat import Conversation, Exchange, messages
from app.ingestion import Batch
from app.question_box import asked
from app.samples import example_questions
from app.security.current_user import current_user
from app.security.readers import chosen_access, current_user_html, readers_choices
from app.sources import list_html, name_of, progress_html
from app.stopping import until_stopped
from app.text import escaped
from app.uploads import checked_link, keep_uploads
from chains.report import as_json
from errors import AssistantError
from records import Principal, Scope, Source, Turn

POLL_SECONDS = 0.4
LIST_EVERY = 5  # polls between two looks at the catalog while a batch runs

NOTHING_NEW = (gr.skip(),) * 4  # a handler that ends without a yield empties the chat and the evidence

Batches = tuple[Batch, ...]


def placeholder(sources: Sequence[Source]) -> str:
    """Return what an empty chat shows."""
    if not sources:
        return (
            "## Ask your documents\nThere are none yet. Add files or a link under **Documents**, then ask about them."
        )
    return (
        "## Ask your documents\nAnswers come from your documents alone, and each statement links to the page, table or "
        "figure it stands on."
    )


class Callbacks:
    """The callbacks of the page on ``assistant``. The state of a user comes in and goes out; none is kept here."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    # --- the chat ---

    def begin(
        self, value: str | dict[str, Any], conversation: Conversation, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Add the question in the box, which may be spoken or come with a picture, to the conversation, at once."""
        conversation = self._readable(conversation, self._principal(request))
        if conversation and conversation[-1].status == "running":
            return gr.skip(), gr.skip(), gr.skip()
        try:
            turn = asked(value, conversation, self._assistant.index.settings)
        except AssistantError as error:
            raise gr.Error(escaped(str(error)), print_exception=False) from error
        if not (turn.question or turn.picture):
            return gr.skip(), gr.skip(), gr.skip()
        conversation = (*conversation, Exchange(turn))
        emptied = gr.MultimodalTextbox({"text": "", "files": []}, submit_btn=False, stop_btn=True)
        return emptied, conversation, messages(conversation)

    def begin_example(
        self, conversation: Conversation, event: gr.SelectData, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Ask the example question that was clicked, as if it had been typed."""
        return self.begin(str(event.value["text"]), conversation, request)

    def answer(self, conversation: Conversation, request: gr.Request | None = None) -> Iterator[tuple[Any, ...]]:
        """Yield the last question's answer as it grows; at its end the first piece of evidence."""
        if not conversation or conversation[-1].status != "running":
            yield NOTHING_NEW
            return
        principal = self._principal(request)
        *earlier, last = self._readable(conversation, principal)
        try:
            for turn in until_stopped(last.stop, self._assistant.answer(last.turn, tuple(earlier), principal)):
                last = replace(last, turn=turn)
                conversation = (*earlier, last)
                yield conversation, messages(conversation), gr.skip(), gr.skip()
            last = replace(last, status="stopped" if last.stop.asked.is_set() else "done")
        except AssistantError as error:
            last = replace(last, status="failed", error=str(error))
        if last.stop.dropped:
            yield NOTHING_NEW
            return
        conversation = (*earlier, last)
        key = evidence.first_key(conversation)
        yield (
            conversation,
            messages(conversation),
            self._panel(conversation, key, principal),
            gr.Tabs(selected="evidence"),
        )

    def ready(self) -> Any:
        """Return the question box as it is when a question may be asked."""
        return gr.MultimodalTextbox(submit_btn=True, stop_btn=False)

    def stop(self, conversation: Conversation, request: gr.Request | None = None) -> None:
        """Stop the answer that is running; what has been found so far stays."""
        self._principal(request)
        if conversation:
            conversation[-1].stop.ask()

    def cleared(self, conversation: Conversation) -> tuple[Any, ...]:
        """Begin a new conversation."""
        if conversation and conversation[-1].status == "running":
            conversation[-1].stop.drop()
        return (
            (),
            [],
            evidence.EMPTY,
            gr.MultimodalTextbox(submit_btn=True, stop_btn=False),
        )  # what is being typed stays

    def show(
        self, conversation: Conversation, event: gr.EventData, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Show the evidence whose mark was clicked."""
        return self._panel(conversation, str(event.key), self._principal(request)), gr.Tabs(selected="evidence")

    def _panel(self, conversation: Conversation, key: str, principal: Principal) -> str:
        sources = self._assistant.sources(principal)
        archive = archive_of(self._assistant.index, principal)
        return evidence.panel(self._readable(conversation, principal), key, sources, archive)

    def _readable(self, conversation: Conversation, principal: Principal) -> Conversation:
        return self._assistant.still_readable(conversation, principal)

    def _principal(self, request: gr.Request | None) -> Principal:
        return current_user(self._assistant, request)

    def ask(self, question: str, request: gr.Request | None = None) -> dict[str, Any]:
        """Answer one question; the object is that of ``python -m chains --json``."""
        scope = Scope(principal=self._principal(request))
        try:
            return as_json(self._assistant.chain.invoke(Turn(question=question, scope=scope)))
        except AssistantError as error:
            raise gr.Error(str(error), print_exception=False) from error

    # --- documents ---

    def add_files(
        self,
        files: Sequence[str] | None,
        batches: Batches,
        readers: str | None = None,
        request: gr.Request | None = None,
    ) -> tuple[Any, ...]:
        """Keep uploaded files and begin to ingest them, for ``readers`` as ``readers_choices`` names them."""
        principal = self._principal(request)
        ingestion, most = self._assistant.ingestion, self._assistant.index.settings.max_uploads
        try:
            access = chosen_access(principal, readers, auth_enabled=self._assistant.identity.enabled)
            ingestion.check_capacity(len(files or ()))
            kept = keep_uploads(files or (), self._assistant.uploads, most, principal.name)
            batch = ingestion.start(kept, access, principal)
        except AssistantError as error:
            raise gr.Error(escaped(str(error)), print_exception=False) from error
        return None, (*_unfinished(batches), batch)

    def add_link(
        self, link: str, batches: Batches, readers: str | None = None, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Begin to ingest a link."""
        principal = self._principal(request)
        try:
            access = chosen_access(principal, readers, auth_enabled=self._assistant.identity.enabled)
            self._assistant.ingestion.check_capacity(1)
            batch = self._assistant.ingestion.start([checked_link(link)], access, principal)
        except AssistantError as error:
            gr.Warning(escaped(str(error)))
            return gr.skip(), batches
        return "", (*_unfinished(batches), batch)

    def opened(self, batches: Batches, request: gr.Request | None = None) -> tuple[Any, ...]:
        """Return the page as whoever opens it may see it; the progress of sources that they were adding is shown on."""
        principal = self._principal(request)
        known = {id(batch) for batch in batches}
        identity, ingestion = self._assistant.identity, self._assistant.ingestion
        seen = ingestion.running_of(principal) if identity.enabled else ingestion.running()
        running = (batch for batch in seen if id(batch) not in known)
        readers = gr.Dropdown(choices=readers_choices(principal), visible=identity.enabled and bool(principal.name))
        return (
            (*batches, *running),
            current_user_html(principal, logs_in=identity.logs_in),
            gr.Column(visible=principal.adds),
            readers,
            gr.Tab(visible=principal.adds),
            *self._listed("", principal),
        )

    async def follow(
        self, batches: Batches, search: str, request: gr.Request | None = None
    ) -> AsyncIterator[tuple[Any, ...]]:
        """Yield the progress until all of ``batches`` are finished."""
        principal = self._principal(request)
        polls, stored = 0, -1
        while True:
            running = any(not batch.finished.is_set() for batch in batches)
            done = sum(len(batch.outcomes) for batch in batches)
            listed = chat = gr.skip()
            if not running or (done != stored and polls % LIST_EVERY == 0):
                stored = done
                listed, chat = self._listed(search, principal)
            yield batches, progress_html(batches), gr.Button(visible=running), listed, chat
            if not running:
                return
            polls += 1
            await asyncio.sleep(POLL_SECONDS)

    def stop_adding(self, batches: Batches, request: gr.Request | None = None) -> None:
        """Stop the user's batches after the sources that are being read."""
        self._principal(request)
        for batch in batches:
            batch.stop.set()

    def search(self, search: str, request: gr.Request | None = None) -> str:
        """List the sources whose names hold ``search``."""
        principal = self._principal(request)
        return list_html(self._assistant.index.documents.sources(principal), search, principal)

    def remove(self, search: str, event: gr.EventData, request: gr.Request | None = None) -> tuple[Any, ...]:
        """Remove the source whose "Yes, remove" was clicked."""
        principal = self._principal(request)
        source = unquote(str(event.key).removeprefix("remove-"))
        try:
            known = self._assistant.remove(source, principal)
        except AssistantError as error:
            raise gr.Error(escaped(str(error)), print_exception=False) from error
        message = f"{name_of(source)} is removed." if known else f"{name_of(source)} was removed before."
        return *self._listed(search, principal), f'<p class="status" role="status">{escaped(message)}</p>'

    def _listed(self, search: str, principal: Principal) -> tuple[Any, Any]:
        sources = self._assistant.index.documents.sources(principal)
        examples = [{"text": question} for question in example_questions(sources)]
        return list_html(sources, search, principal), gr.Chatbot(placeholder=placeholder(sources), examples=examples)


def _unfinished(batches: Batches) -> Batches:
    """The batches that still run; those shown as done make room for what comes."""
    return tuple(batch for batch in batches if not batch.finished.is_set())
