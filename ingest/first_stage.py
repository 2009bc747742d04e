"""The first stage of a long source: its plain words can be searched, and cited with their rectangles, while its tables and
figures are being read. The whole source then takes the place of these words in one write (``store.being_read``)."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from threading import Lock

from errors import SourceError, StoreError
from ingest.chunk.chunker import Window, chunk_document
from ingest.workers import Loaded, Workers
from records import About, Chunk, Fields, Reading
from store import being_read
from store.catalog import Fingerprint
from store.index import Index
from store.new_document import NewDocument
from store.writer import AssetsGone, SourceChanged

FROM_PAGES = 30  # shorter sources are read whole in a moment
FIRST_PAGES = 24  # of a very long source, that can be searched before the words of the others are read
VERY_LONG = 100  # pages
NOTED_EVERY = 5.0  # seconds between two notes of how far a source is: each is a write

OnWords = Callable[[str], None]  # a source whose words can be searched from now on


class FirstStage:
    """Takes in the words of long sources. Safe to use from several threads."""

    def __init__(self, index: Index, workers: Workers, window: Window, on_words: OnWords) -> None:
        self._index = index
        self._workers = workers
        self._window = window
        self._on_words = on_words
        self._noted: dict[str, float] = {}  # sources whose words are in: when it was noted how far they are
        self._lock = Lock()

    def take_in(self, source: str, loaded: Loaded, own: Fields) -> tuple[str, ...] | None:
        """Let the words of ``source`` be searched, where it is long and not in yet; return the ids of the chunks whose place
        the whole source is to take, None where there are none. What goes wrong here is left to the reading of the whole.

        Args:
            own: what the user says of it.
        """
        catalog, outline = self._index.catalog, loaded.outline
        if outline is None or outline.pages < FROM_PAGES or being_read.is_whole(catalog, source):
            return None
        ids = tuple(catalog.chunk_ids(source))
        if not (ids and self._is_there(source, loaded, outline.pages)):
            with contextlib.suppress(SourceError, AssetsGone, SourceChanged):
                for last in [FIRST_PAGES, outline.pages] if outline.pages > VERY_LONG else [outline.pages]:
                    ids = self._put(source, loaded, last, ids, own)
                    self._tell(source, ids)
        self._tell(source, ids)
        return ids or None

    def _is_there(self, source: str, loaded: Loaded, pages: int) -> bool:
        """Whether a program that was killed has taken in all words of this content."""
        known, reading = self._index.catalog.fingerprint(source), being_read.reading_of(self._index.catalog, source)
        same = known is not None and known.content_hash == loaded.content_hash
        return same and reading is not None and reading.words >= pages

    def _put(self, source: str, loaded: Loaded, last: int, former: tuple[str, ...], own: Fields) -> tuple[str, ...]:
        """Take in the words of the pages to ``last`` in the place of the chunks ``former``; return the ids of theirs."""
        document = self._workers.words_of(source, loaded, range(1, last + 1))
        chunks = [_of_words(chunk) for chunk in chunk_document(document, {}, self._window)] if document else []
        if document is None or not chunks:
            return former
        new = NewDocument(
            replace(document, kind=loaded.kind),
            chunks,
            Fingerprint(loaded.content_hash, "", being_read.PARSER),
            instead_of=former,
            about=About(stated=document.stated, own=own),
            reading=Reading(words=last),
        )
        self._index.put_all([new], datetime.now(UTC).isoformat(timespec="seconds"))
        return tuple(chunk.id for chunk in chunks)

    def _tell(self, source: str, ids: tuple[str, ...]) -> None:
        with self._lock:
            if not ids or source in self._noted:
                return
            self._noted[source] = time.monotonic()
        self._on_words(source)

    def note_pages(self, source: str, done: int) -> None:
        """Note now and then that ``done`` pages of a source whose words are in are read as a whole."""
        with self._lock:
            now = time.monotonic()
            if now - self._noted.get(source, now) < NOTED_EVERY:
                return
            self._noted[source] = now
        with contextlib.suppress(StoreError):  # whoever stores the source will say what is wrong
            being_read.note_pages(self._index.catalog, source, done)


def _of_words(chunk: Chunk) -> Chunk:
    """The chunk with an id that no chunk of the whole source has: only these have vectors."""
    return replace(chunk, id=hashlib.sha256(f"words alone\x1f{chunk.id}".encode()).hexdigest()[:32])
