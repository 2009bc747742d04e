"""The sources at the doors for programs: listed, added, followed while they are added, removed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import Any

from app.assistant import Assistant
from app.doors import schema
from app.doors.naming import resolved
from app.ingestion import Batch
from app.names import name_of
from app.security.readers import chosen_access
from app.uploads import checked_link, keep_uploads
from errors import NotFoundError, SourceError
from records import Access, Principal, Source
from store.auth.access import may_change
from store.fields import fields_of
from store.source_ids import source_id

KEPT = 2_000  # sources whose adding is remembered
LOOK_SECONDS = 0.1


class Library:
    """The sources of ``assistant`` for programs. Safe to use from several threads."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._documents = assistant.index.documents
        self._lock = Lock()
        self._added: dict[str, Batch] = {}  # id of a source -> the batch that programs added it in

    def sources(self, principal: Principal, query: str = "", limit: int = 100, offset: int = 0) -> schema.SourcesOut:
        """List sources whose title or name holds all words of ``query``, those being added first, then the newest."""
        words = query.casefold().split()
        known = [self._shown_source(one, principal) for one in self._documents.sources(principal)]
        known.sort(key=lambda one: one.added, reverse=True)
        ids = {one.source_id for one in known}
        coming = [one for one in self._coming(principal) if one.source_id not in ids]
        found = [
            one for one in (*coming, *known) if all(word in f"{one.title} {one.source}".casefold() for word in words)
        ]
        return schema.SourcesOut(sources=found[offset : offset + limit], total=len(found))

    def source(self, name: str, principal: Principal) -> schema.SourceOut:
        """Return what is known of a source, or of one that is being added.

        Raises:
            NotFoundError: it is not there for ``principal``.
        """
        coming = next((one for one in self._coming(principal) if one.source_id == name), None)
        if coming is not None:
            return coming
        known = self._documents.source(resolved(name, self._documents, principal), principal)
        if known is None:  # removed in between
            raise NotFoundError(f"There is no source {name[:100]!r} any more.")
        return self._shown_source(known, principal)

    def add_link(self, asked: schema.LinkIn, principal: Principal) -> schema.SourceOut:
        """Begin to add a link; return what became of it by the end of ``asked.wait``.

        Raises:
            AccessError: ``principal`` may not add.
            SourceError: it is no link, or too much waits already.
        """
        access = self.access(asked.readers, principal)
        secret = asked.password.get_secret_value()
        (added,) = self._add([checked_link(asked.link)], access, principal, asked.wait, secret)
        return added

    def add_path(self, path: Path, principal: Principal, wait: float) -> schema.SourceOut:
        """Begin to add a file of this machine, for somebody who runs a command here.

        Raises:
            SourceError: there is no such file, or too much waits already.
        """
        found = path.expanduser().resolve()
        if not found.is_file():
            raise SourceError(f"There is no file {path}. Name one of this machine, or an http(s) link.")
        (added,) = self._add([str(found)], self.access("", principal), principal, wait)
        return added

    def add_files(
        self, files: Sequence[Path], access: Access | None, principal: Principal, wait: float, password: str = ""
    ) -> tuple[schema.SourceOut, ...]:
        """Begin to add uploaded ``files``, which are moved into the data folder, for those that ``access`` says.

        Raises:
            SourceError: they are too many.
        """
        self._assistant.ingestion.check_capacity(len(files))
        most = self._assistant.index.settings.max_uploads
        kept = keep_uploads([str(one) for one in files], self._assistant.uploads, most, principal.name)
        return self._add(kept, access, principal, wait, password)

    def access(self, readers: str, principal: Principal) -> Access | None:
        """Return who may read what ``principal`` adds; whoever runs the commands opens it to everybody, as they do.

        Raises:
            AccessError: ``principal`` may not add, or not for ``readers``.
        """
        enabled = self._assistant.identity.enabled and not principal.everything
        return chosen_access(principal, readers or None, auth_enabled=enabled)

    def _add(
        self, sources: Sequence[str], access: Access | None, principal: Principal, wait: float, password: str = ""
    ) -> tuple[schema.SourceOut, ...]:
        self._assistant.ingestion.check_capacity(len(sources))
        batch = self._assistant.ingestion.start(sources, access, principal, password)
        with self._lock:
            for source in batch.sources:
                self._added.pop(source_id(source), None)
                self._added[source_id(source)] = batch
            while len(self._added) > KEPT:
                self._added.pop(next(iter(self._added)))
        until = monotonic() + wait
        while not batch.finished.is_set() and monotonic() < until:
            sleep(LOOK_SECONDS)
        return tuple(_progress(batch, source) for source in batch.sources)

    def remove(self, name: str, principal: Principal) -> schema.RemovedOut:
        """Remove a source.

        Raises:
            AccessError: it is not ``principal``'s to remove.
            NotFoundError: it is not there for ``principal``.
        """
        source = resolved(name, self._documents, principal)
        if not self._assistant.remove(source, principal):
            raise NotFoundError(f"{name_of(source)} was removed before.")
        with self._lock:
            self._added.pop(source_id(source), None)
        return schema.RemovedOut(source=name_of(source), source_id=source_id(source))

    def _coming(self, principal: Principal) -> list[schema.SourceOut]:
        """What ``principal`` adds that is not in yet, or came to nothing; the latest first."""
        ingestion, told_apart = self._assistant.ingestion, self._assistant.identity.enabled
        with self._lock:
            own = {id(batch): batch for batch in self._added.values()}
        batches = [*own.values(), *(batch for batch in ingestion.running() if id(batch) not in own)]
        found: dict[str, schema.SourceOut] = {}
        for batch in batches:
            if told_apart and not principal.everything and (not principal.name or batch.owner != principal.name):
                continue
            for source in batch.sources:
                shown = _progress(batch, source)
                if shown.status in ("waiting", "reading", "failed", "stopped"):
                    found[shown.source_id] = shown
        return list(reversed(found.values()))

    @staticmethod
    def _shown_source(source: Source, principal: Principal) -> schema.SourceOut:
        changes = may_change(principal, source)
        return schema.SourceOut(
            source=name_of(source.source),
            source_id=source_id(source.source),
            status="added" if source.reading is None else "reading",
            pages_read=0 if source.reading is None else source.reading.done,
            title=source.title,
            kind=source.kind,
            pages=source.pages,
            passages=source.chunks,
            added=source.when,
            losses=[schema.LossOut(what=one.what, why=one.why) for one in source.losses],
            readers=list(source.access.readers) if changes else [],
            may_change=changes,
            fields={field: list(values) for field, values in fields_of(source).items()},
            summary=source.about.summary,
        )


def _progress(batch: Batch, source: str) -> schema.SourceOut:
    """How far a source of a batch has come."""
    outcome = batch.outcomes.get(source)
    done, total = batch.pages.get(source, (0, 0))
    fields: dict[str, Any] = {"pages": total, "pages_read": done}
    if outcome is not None:
        fields = {
            "status": outcome.status,
            "title": outcome.title,
            "kind": outcome.kind,
            "pages": outcome.pages,
            "passages": sum((outcome.chunks or {}).values()),
            "error": outcome.error.replace(source, name_of(source)),
            "losses": [schema.LossOut(what=one.what, why=one.why) for one in outcome.losses],
        }
    elif batch.finished.is_set():
        fields |= {"status": "stopped", "error": batch.error or "The adding was stopped before it was in."}
    else:
        fields |= {"status": "reading" if total else "waiting"}
    return schema.SourceOut(source=name_of(source), source_id=source_id(source), **fields)
