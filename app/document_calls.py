"""The callbacks of the Documents tab, and of what is dropped into the chat to be added."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import gradio as gr

from app.assistant import Assistant
from app.callbacks import placeholder
from app.ingestion import Batch
from app.names import name_of, shown_name
from app.preview import parse_key, preview_html
from app.progress import progress_html, progress_line
from app.question_box import Additions, additions
from app.samples import example_questions
from app.security.current_user import current_user
from app.security.readers import chosen_access, current_user_html, readers_choices
from app.sources import action, list_html, removed_html
from app.text import counted, escaped, one_line, shortened
from app.uploads import checked_link, keep_uploads
from errors import AssistantError, SourceError
from records import Access, Principal

POLL_SECONDS = 0.4
LIST_EVERY = 5  # polls between two looks at the catalog while a batch runs
LONGEST_NAME = 200  # characters of a name that somebody gives

Batches = tuple[Batch, ...]


class DocumentCalls:
    """The callbacks on ``assistant``. The state of a user comes in and goes out; none is kept here."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    # --- adding ---

    def take(
        self, value: Any, batches: Batches, readers: str | None = None, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Begin to add the documents and links in the question box; what is a question stays in it. Words that came with
        documents wait until these are in."""
        found = additions(value)
        if not found:
            return gr.skip(), batches, ""
        principal = current_user(self._assistant, request)
        batch = self._started(lambda: self._add(found, readers, principal))
        waiting = found.text
        if waiting:
            gr.Info("Your question waits until what you added can be asked about; then it is back in the box.")
        return gr.MultimodalTextbox({"text": "", "files": []}), (*_unfinished(batches), batch), waiting

    def _add(self, found: Additions, readers: str | None, principal: Principal) -> Batch:
        access = self._access(readers, principal)
        self._assistant.ingestion.check_capacity(len(found.files) + len(found.links))
        most = self._assistant.index.settings.max_uploads
        kept = keep_uploads([str(file) for file in found.files], self._assistant.uploads, most, principal.name)
        return self._assistant.ingestion.start([*kept, *map(checked_link, found.links)], access, principal)

    def _access(self, readers: str | None, principal: Principal) -> Access | None:
        return chosen_access(principal, readers, auth_enabled=self._assistant.identity.enabled)

    @staticmethod
    def _started(begin: Any) -> Batch:
        try:
            batch: Batch = begin()
        except AssistantError as error:
            raise gr.Error(escaped(str(error)), print_exception=False) from error
        return batch

    def add_files(
        self,
        files: Sequence[str] | None,
        batches: Batches,
        readers: str | None = None,
        request: gr.Request | None = None,
    ) -> tuple[Any, ...]:
        """Keep uploaded files and begin to ingest them, for ``readers`` as ``readers_choices`` names them."""
        principal = current_user(self._assistant, request)
        batch = self._started(lambda: self._add(Additions(files=tuple(files or ())), readers, principal))
        return None, (*_unfinished(batches), batch)

    def add_link(
        self, link: str, batches: Batches, readers: str | None = None, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Begin to ingest links, divided by blanks."""
        principal = current_user(self._assistant, request)
        try:
            batch = self._add(Additions(links=tuple(link.split()) or (link,)), readers, principal)
        except AssistantError as error:
            gr.Warning(escaped(str(error)))
            return gr.skip(), batches
        return "", (*_unfinished(batches), batch)

    async def follow(
        self, batches: Batches, search: str, waiting: str = "", request: gr.Request | None = None
    ) -> AsyncIterator[tuple[Any, ...]]:
        """Yield the progress until all of ``batches`` are finished; then the question that has waited for them."""
        principal = current_user(self._assistant, request)
        polls, stored = 0, -1
        while True:
            running = any(not batch.finished.is_set() for batch in batches)
            done = sum(len(batch.outcomes) + len(batch.searchable) for batch in batches)
            listed: tuple[Any, ...] = (gr.skip(),) * 3
            if not running or (done != stored and polls % LIST_EVERY == 0):
                stored = done
                listed = self._listed(search, principal)
            back = not running and waiting
            box = gr.MultimodalTextbox({"text": waiting, "files": []}) if back else gr.skip()
            shown = (progress_html(batches), progress_line(batches), gr.Button(visible=running))
            yield batches, *shown, *listed, box, "" if back else gr.skip()
            if not running:
                return
            polls += 1
            await asyncio.sleep(POLL_SECONDS)

    def locked(self, batches: Batches, request: gr.Request | None = None) -> tuple[Any, ...]:
        """Ask for a password where one of ``batches`` has files that want one."""
        current_user(self._assistant, request)
        names = [name_of(source) for source in _locked(batches)]
        asked = f"Password of {shortened(', '.join(names), 120)}"
        return gr.Row(visible=bool(names)), gr.Textbox("", label=asked if names else "Password")

    def unlock(
        self, password: str, batches: Batches, readers: str | None = None, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Add the files that want a password again, with ``password``, which is kept nowhere."""
        principal = current_user(self._assistant, request)
        sources = _locked(batches)
        if not (password and sources):
            return "", batches
        batch = self._started(
            lambda: self._assistant.ingestion.start(sources, self._access(readers, principal), principal, password)
        )
        return "", (*_unfinished(batches), batch)

    def stop_adding(self, batches: Batches, request: gr.Request | None = None) -> None:
        """Stop the user's batches after the sources that are being read."""
        current_user(self._assistant, request)
        for batch in batches:
            batch.stop.set()

    # --- the list ---

    def opened(self, batches: Batches, request: gr.Request | None = None) -> tuple[Any, ...]:
        """Return the page as whoever opens it may see it; the progress of sources that they were adding is shown on."""
        principal = current_user(self._assistant, request)
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

    def search(self, search: str, request: gr.Request | None = None) -> str:
        """List the sources whose names hold ``search``."""
        principal = current_user(self._assistant, request)
        return list_html(self._assistant.index.documents.sources(principal), search, principal)

    def _listed(self, search: str, principal: Principal) -> tuple[Any, ...]:
        """The list, what was removed lately, and what an empty chat offers."""
        sources = self._assistant.index.documents.sources(principal)
        examples = [{"text": question} for question in example_questions(sources)]
        removed = removed_html(self._assistant.removed(principal), self._assistant.index.settings.undo_hours, principal)
        chat = gr.Chatbot(placeholder=placeholder(sources), examples=examples)
        return list_html(sources, search, principal), removed, chat

    # --- one source ---

    def preview(self, event: gr.EventData, request: gr.Request | None = None) -> tuple[Any, ...]:
        """Show what is stored of a source in place of the list, or the list again; with the name, for who may change it."""
        principal = current_user(self._assistant, request)
        id_, part, first = parse_key(str(event.key))
        return self._previewed(id_, part, first, principal)

    def _previewed(self, id_: str, part: str, first: int, principal: Principal) -> tuple[Any, ...]:
        contents = self._assistant.contents(id_, principal) if id_ else None
        if contents is None:
            return "", gr.HTML("", visible=False), gr.Row(visible=False), gr.skip(), gr.HTML(visible=True)
        try:
            changes = self._assistant.changeable(id_, principal) is not None
        except AssistantError:
            changes = False
        related = self._assistant.related(contents.source.source, principal)
        shown = gr.HTML(preview_html(contents, part, first, related), visible=True)
        name = gr.Textbox(shown_name(contents.source))
        return id_, shown, gr.Row(visible=changes), name, gr.HTML(visible=False)

    def rename(self, name: str, id_: str, search: str, request: gr.Request | None = None) -> tuple[Any, ...]:
        """Give the source that is previewed another name; an empty one takes its title back."""
        principal = current_user(self._assistant, request)
        given = one_line(name)
        if len(given) > LONGEST_NAME:
            raise gr.Error(f"A name has {LONGEST_NAME} characters or less.", print_exception=False)
        source = self._changeable(id_, principal)
        if source is not None:
            self._assistant.index.rename(source.source, given if given != source.title else "")
        previewed = self._previewed(id_, "", 0, principal)
        return *previewed[:4], gr.HTML(self._listed(search, principal)[0], visible=source is None)

    def _changeable(self, id_: str, principal: Principal) -> Any:
        try:
            return self._assistant.changeable(id_, principal)
        except AssistantError as error:
            raise gr.Error(escaped(str(error)), print_exception=False) from error

    def again(self, batches: Batches, event: gr.EventData, request: gr.Request | None = None) -> Batches:
        """Read a source again."""
        principal = current_user(self._assistant, request)
        source = self._changeable(str(event.key).removeprefix("again-"), principal)
        if source is None:
            raise gr.Error("It was removed before.", print_exception=False)
        try:
            self._assistant.ingestion.check_capacity(1)
        except SourceError as error:
            raise gr.Error(escaped(str(error)), print_exception=False) from error
        return (*_unfinished(batches), self._assistant.ingestion.again(source, principal))

    def remove(self, search: str, event: gr.EventData, request: gr.Request | None = None) -> tuple[Any, ...]:
        """Remove the source whose "Yes, remove" was clicked."""
        principal = current_user(self._assistant, request)
        source = self._changeable(str(event.key).removeprefix("remove-"), principal)
        removed = source is not None and self._assistant.remove(source.source, principal)
        message = "It was removed before."
        if removed:
            message = f"{escaped(shown_name(source))} is removed. {self._way_back(source.source)}"
        return *self._listed(search, principal), f'<p class="status" role="status">{message}</p>'

    def _way_back(self, source: str) -> str:
        hours = self._assistant.index.settings.undo_hours
        return f"{action('undo', source, 'Undo')} works for {counted(hours, 'hour')}." if hours else ""

    def undo(self, search: str, event: gr.EventData, request: gr.Request | None = None) -> tuple[Any, ...]:
        """Bring a removed source back."""
        principal = current_user(self._assistant, request)
        try:
            back = self._assistant.restore(str(event.key).removeprefix("undo-"), principal)
        except AssistantError as error:
            raise gr.Error(escaped(str(error)), print_exception=False) from error
        message = f"{shown_name(back.source)} is back." if back else "It is here already, or gone for good."
        return *self._listed(search, principal), f'<p class="status" role="status">{escaped(message)}</p>'


def _locked(batches: Batches) -> list[str]:
    """The sources that could not be added for want of a password."""
    return [source for batch in batches for source, outcome in batch.outcomes.items() if outcome.locked]


def _unfinished(batches: Batches) -> Batches:
    """The batches that still run; those shown as done make room for what comes."""
    return tuple(batch for batch in batches if not batch.finished.is_set())
