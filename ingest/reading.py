"""One batch of sources to be read: what is known of them, their parsing in workers, and their chunks."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from threading import Event, Lock

from errors import PasswordError, SourceError, StoreError
from ingest.about import extracted, idf_of
from ingest.batch import REMOVED, Batch
from ingest.chunk.chunker import chunk_document, window_of
from ingest.chunk.descriptions import described
from ingest.connectors.registry import version_of
from ingest.connectors.sidecar import own_fields
from ingest.describe import LOSS, Usage, assets_for, stored
from ingest.first_stage import FirstStage, OnWords
from ingest.losses import with_empty_pages
from ingest.outcome import Outcome, Prepared, unchanged
from ingest.workers import PAGES, Loaded, Workers
from models.said import CannotDescribe
from records import About, Fields, Loss
from store.catalog import Fingerprint
from store.index import Index

PARSER_VERSION = "11"  # raise it when parsing or chunking changes, and sources are parsed again

log = logging.getLogger(__name__)
OnPages = Callable[[str, int, int], None]  # source, pages read, pages in all


class ReadingBatch(Batch):
    """One batch of sources to be read."""

    def __init__(
        self,
        index: Index,
        workers: Workers,
        on_pages: OnPages,
        on_words: OnWords,
        stop: Event,
        extend: Callable[[Sequence[str]], None],
        versions: Mapping[str, str],
        password: str,
    ) -> None:
        super().__init__(index, stop)
        self._load = partial(workers.load, password=password) if password else workers.load
        self._versions = versions
        self._extend = extend  # notes further sources of this batch
        self._workers = workers
        self._tell_pages = on_pages
        self._saying = Lock()
        self._said = False  # that the vision model cannot be loaded
        self._window = window_of(index.embedder.tokenizer)
        self._first_stage = FirstStage(index, workers, self._window, on_words)
        # what followed the last stroke in older versions, a vision model, does not change what is read
        self._parser = "/".join([PARSER_VERSION, index.embedder.fingerprint, str(index.settings.figure_dpi), ""])

    def without_model(self, outcome: Outcome, error: CannotDescribe) -> Outcome:
        """Return the source as it was taken in; with the first one it is said what is wrong."""
        said = Loss(f"{LOSS}s", f"{error} Then: python -m ingest --describe")
        with self._saying:
            losses = () if self._said else (said,)
            self._said = True
        return replace(outcome, usage=Usage(failed=1), losses=(*outcome.losses, *losses))

    def prepare(self, sources: Sequence[str]) -> list[Prepared | Outcome]:
        """Do everything short of embedding; runs in a thread that waits for workers and network."""
        began = time.perf_counter()
        results: dict[str, Prepared | Outcome] = {}
        asked: dict[str, tuple[Fingerprint | None, str]] = {}  # how it is known, its present version
        for source in sources:
            with self._failing(source, began, results):
                current, version = self._present(source)
                if current and version and current.stamp == version:
                    results[source] = self._unchanged(source, own_fields(source), began)
                else:
                    asked[source] = current, version
        hashes = {source: current.content_hash if current else "" for source, (current, _) in asked.items()}
        together = self._workers.load_all(hashes) if len(hashes) > 1 else {}
        for source, (current, version) in asked.items():
            with self._failing(source, began, results):
                loaded = together.get(source) or self._load(source, hashes[source])
                results[source] = self._prepared(source, loaded, current is not None, version, began)
        return [results[source] for source in sources]

    @contextlib.contextmanager
    def _failing(self, source: str, began: float, results: dict[str, Prepared | Outcome]) -> Iterator[None]:
        """Let a source that fails have an outcome that says why, and the others go on."""
        try:
            yield
            return
        except PasswordError as error:
            seconds = time.perf_counter() - began
            results[source] = Outcome(source=source, status="failed", error=str(error), seconds=seconds, locked=True)
            return
        except SourceError as error:
            reason = str(error)
        except StoreError:
            raise  # the index itself: no other source would fare better
        except Exception as error:
            log.exception("%s", source)
            reason = f"{source} met a fault of this program ({type(error).__name__}: {error}). Please report it."
        seconds = time.perf_counter() - began
        results[source] = Outcome(source=source, status="failed", error=reason, seconds=seconds)

    def store(self, prepared: Sequence[Prepared], tries: int = 3) -> list[Outcome]:
        """Embed and store; what was attached before and is not any more is removed."""
        if attachments := [source for one in prepared for source in one.document.attachments]:
            self._extend(attachments)  # before it is stored, for then nobody would look for them again
        outcomes = super().store(prepared, tries)
        for outcome in outcomes:
            if outcome.status == "updated":
                for gone in set(self.index.catalog.attached_to(outcome.source)) - set(outcome.attachments):
                    self.index.remove(gone)
        return outcomes

    def _present(self, source: str) -> tuple[Fingerprint | None, str]:
        """How a source was when it was taken in, None where it is to be read anyway; and its present version."""
        known = self.index.catalog.fingerprint(source)
        current = known if known and known.parser.startswith(self._parser) else None
        return current, self._versions.get(source) or version_of(source)

    def _prepared(
        self, source: str, loaded: Loaded, read_alike: bool, version: str, began: float
    ) -> Prepared | Outcome:
        """A loaded source with its pages read, or taken over where it was ``read_alike`` before, and cut into chunks."""
        own = own_fields(source)
        words = self._first_stage.take_in(source, loaded, own)
        assets = self.index.catalog.assets_of(source) if read_alike else ()
        former = next((name for name in assets if name.endswith(PAGES)), "")
        try:
            loaded = self._workers.read_pages_of(source, loaded, former, partial(self._on_pages, source))
        except SourceError as error:  # perhaps because its bytes are gone
            if words and not self.index.catalog.knows(source):
                raise SourceError(REMOVED.format(source)) from error
            raise
        if loaded.document is None:
            self.index.catalog.touch(source, version)
            return self._unchanged(source, own, began)
        document = loaded.document
        tables = {
            i: self.index.assets.put_table(element.table)
            for i, element in enumerate(document.elements)
            if element.table is not None
        }
        chunks = chunk_document(document, tables, self._window)
        document = replace(document, losses=with_empty_pages(document.losses, document, chunks))
        pictures = {chunk.picture for chunk in chunks}
        known_chunks = self.index.catalog.chunks_of(source)
        said = stored(self.index, source, known_chunks, self.captioner)
        kept = {picture: one for picture, one in said.items() if picture in pictures}
        return Prepared(
            document=document,
            chunks=described(chunks, kept, self._window),
            fingerprint=Fingerprint(loaded.content_hash, version, self._parser),
            beside=frozenset({*assets_for(self.index, kept), loaded.pages} - {""}),
            about=extracted(
                About(stated=document.stated, own=own), chunks, idf_of(self.index, source if words else "")
            ),
            began=began,
            instead_of=words,
        )

    def _unchanged(self, source: str, own: Fields, began: float) -> Outcome:
        """What becomes of a source whose content is as before: only the user's fields of it may be others."""
        known = self.index.catalog.source(source)
        if known is None or known.about.own == own:
            return unchanged(source, began)
        self.index.catalog.set_about(source, replace(known.about, own=own))
        return Outcome(source=source, status="updated", title=known.title, seconds=time.perf_counter() - began)

    def _on_pages(self, source: str, done: int, total: int) -> None:
        if self.is_over():
            raise SourceError("Stopped before it was read.")
        self._first_stage.note_pages(source, done)
        self._tell_pages(source, done, total)
