"""A pack's documents in an index, ingested as the product ingests them."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from config import Settings
from errors import StoreError
from evaluation.cost import PeakMemory, disk_bytes
from evaluation.packs import Pack, Passage
from ingest.chunk.chunker import Window, chunk_document
from ingest.pipeline import ingest
from ingest.reading import PARSER_VERSION
from ingest.workers import Workers
from records import Chunk, Document, Element, Line, Scope
from store.catalog import Fingerprint
from store.index import Index
from store.maintenance.reembed import reembed
from store.new_document import NewDocument

PASSAGES_AT_ONCE = 256  # ingested together
OnSource = Callable[[str], None]  # called with each source that is in, new or not
OnPages = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class IngestCost:
    """What one run of ingestion took; several runs (one was cut off, documents were added) are added up."""

    seconds: float = 0.0
    sources: int = 0  # ingested; those that were in already are not counted
    pages: int = 0
    peak_bytes: int = 0
    failed: tuple[str, ...] = ()  # "source: reason"

    def __add__(self, later: IngestCost) -> IngestCost:
        return IngestCost(
            seconds=self.seconds + later.seconds,
            sources=self.sources + later.sources,
            pages=self.pages + later.pages,
            peak_bytes=max(self.peak_bytes, later.peak_bytes),
            failed=later.failed,
        )


class Corpus:
    """A pack and the index that holds its documents.

    The index may hold more, for example when a run is limited to a few documents of a pack that was ingested whole;
    then searches are limited to the pack's own.
    """

    def __init__(self, pack: Pack, index: Index) -> None:
        self.pack = pack
        self.index = index

    @cached_property
    def _sources(self) -> dict[str, str]:
        """Name in the pack -> source in the index."""
        files = {path.name: str(path) for path in self.pack.documents}
        return files | {passage.id: self._passage_source(passage.id) for passage in self.pack.passages}

    @cached_property
    def _names(self) -> dict[str, str]:
        return {source: name for name, source in self._sources.items()}

    @cached_property
    def _holds_more(self) -> bool:
        return any(source.source not in self._names for source in self.index.catalog.sources())

    def _passage_source(self, id_: str) -> str:
        return f"{self.pack.corpus}#{id_}"

    def name(self, source: str) -> str:
        """Return the pack's name for a source of the index."""
        return self._names.get(source, source)

    def source(self, name: str) -> str:
        """Return the index's name for a document or passage of the pack."""
        return self._sources[name]

    def scope(self, documents: Iterable[str] | None = None) -> Scope:
        """Return the scope that holds the named documents, or the whole pack."""
        if documents is not None:
            return Scope(sources=tuple(self.source(name) for name in documents))
        return Scope(sources=tuple(self._names)) if self._holds_more else Scope()

    def fingerprint(self) -> str:
        """Return a hash that changes when the documents, or what the parsers make of them, change."""
        wanted = self._names
        known = [
            (source.source, source.content_hash, source.chunks)
            for source in self.index.catalog.sources()
            if source.source in wanted
        ]
        return hashlib.sha256(json.dumps(known).encode()).hexdigest()[:12]

    def ingest(self, on_source: OnSource = lambda _: None, on_pages: OnPages = lambda *_: None) -> IngestCost:
        """Ingest what is not in the index yet, and embed the rest anew where the settings name another model. Can be cut off
        at any time and called again.

        Raises:
            StoreError: the index cannot be written.
        """
        try:
            self.index.check_models()
        except StoreError:
            reembed(self.index)
        began = time.perf_counter()
        sources = pages = 0
        failed: list[str] = []
        with PeakMemory() as memory:
            for passage, added in self._put_passages():
                sources, pages = sources + added, pages + added
                on_source(passage.id)
            with Workers(self.index.settings) as workers:
                files = [str(path) for path in self.pack.documents]
                for outcome in ingest(self.index, files, workers=workers, on_pages=on_pages):
                    if outcome.status == "failed":
                        failed.append(f"{self.name(outcome.source)}: {outcome.error}")
                    elif outcome.status != "unchanged":
                        sources, pages = sources + 1, pages + outcome.pages
                    on_source(outcome.source)
        seconds = time.perf_counter() - began
        return IngestCost(
            seconds=round(seconds, 1) if sources else 0.0,
            sources=sources,
            pages=pages,
            peak_bytes=memory.peak_bytes if sources else 0,
            failed=tuple(failed),
        )

    def _put_passages(self) -> Iterator[tuple[Passage, bool]]:
        """The passages, each ingested as a source of its own, and for each whether it is new."""
        for start in range(0, len(self.pack.passages), PASSAGES_AT_ONCE):
            part = self.pack.passages[start : start + PASSAGES_AT_ONCE]
            prints = {passage.id: self._passage_fingerprint(passage) for passage in part}
            known = self.index.catalog.fingerprint
            new = {one.id for one in part if known(self._passage_source(one.id)) != prints[one.id]}
            drafts = {one.id: self._chunked(one) for one in part if one.id in new}
            if new:
                entries = [NewDocument(*draft, prints[id_]) for id_, draft in drafts.items()]
                self.index.put_all(entries, datetime.now(UTC).isoformat(timespec="seconds"))
            yield from ((passage, passage.id in new) for passage in part)

    def _passage_fingerprint(self, passage: Passage) -> Fingerprint:
        content = hashlib.sha256(f"{passage.title}\n{passage.text}".encode()).hexdigest()
        return Fingerprint(content, "", f"{PARSER_VERSION}/{self.index.embedder.fingerprint}")

    def _chunked(self, passage: Passage) -> tuple[Document, list[Chunk]]:
        text = Element(kind="text", lines=tuple(Line(line) for line in passage.text.splitlines()))
        source = self._passage_source(passage.id)
        document = Document(source=source, kind="text", title=passage.title, pages=1, elements=(text,))
        tokenizer = self.index.embedder.tokenizer
        return document, chunk_document(document, {}, Window(tokenizer.limit, tokenizer.count))


class IngestLog:
    """The costs of ingesting a pack, one JSON line a run, so that those of a run cut off are not lost."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, cost: IngestCost) -> IngestCost:
        """Record ``cost`` and return the sum of all so far."""
        if cost.sources:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(cost)) + "\n")
        total = IngestCost()
        if self._path.is_file():
            for line in self._path.read_text(encoding="utf-8").splitlines():
                fields = json.loads(line)
                total += IngestCost(**{**fields, "failed": tuple(fields["failed"])})
        return total + IngestCost(failed=cost.failed)


def store_bytes(settings: Settings) -> int:
    """Return the bytes on disk of everything an index keeps."""
    return disk_bytes(settings.data_dir)
