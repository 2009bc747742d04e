"""Whole pages of PDFs by what they show.

A page has one vector, kept at its first chunk in a space of its own beside that of pictures, and goes with that chunk. It is
filled by ``fill_pages`` alone: which original a chunk is of is known when its source is in the catalog.
"""

from __future__ import annotations

from functools import lru_cache

from errors import StoreError
from models.page_model import PageModel, Vectors, maxsim
from records import Chunk, Scope
from store.documents import Documents
from store.filling import OnSource, write_vectors
from store.maintenance.recovery import Recovery
from store.originals import Originals
from store.parts import Parts
from store.picture_search import PictureSearch
from vision.pictures import open_picture

PAGES = "pages"
DPI = 72  # of the drawings; models look at fewer pixels still
AT_ONCE = 16  # pages between two writes
READ = 20  # nearest pages that a page model reads for a question
READ_DPI = 110
REMEMBERED = 200  # pages whose vectors are kept in memory, about half a megabyte each


class PageSearch:
    """Search for pages, with the embedder of the pictures; ``reader``, where there is one, orders the nearest ones anew."""

    def __init__(
        self,
        documents: Documents,
        parts: Parts,
        pictures: PictureSearch,
        originals: Originals,
        reader: PageModel | None = None,
    ) -> None:
        self._documents = documents
        self._parts = parts
        self._pictures = pictures
        self._originals = originals
        self._reader = reader
        self._read = lru_cache(REMEMBERED)(self._vectors_of)

    @property
    def key(self) -> str:
        """The key at which the vectors lie."""
        return f"{PAGES}.{self._pictures.fingerprint}"

    def search(self, question: str, limit: int, scope: Scope) -> list[tuple[Chunk, float]]:
        """Return the first chunks of the pages nearest to ``question`` with the cosine similarity, or with what the reader
        gives them (MaxSim), best first. Kinds of chunks do not matter, for a page has all.

        Raises:
            ModelError: a model cannot be loaded.
        """
        everywhere = Scope(sources=scope.sources, principal=scope.principal)
        view = self._documents.view_of_vectors(scope.principal)
        vector = self._pictures.vector_of(question)
        depth = limit if self._reader is None else max(limit, READ)
        found = self._parts.vectors.search(self.key, vector, depth, everywhere, view)
        pages = self._documents.readable(found, scope.principal)
        return pages if self._reader is None else self._reread(question, pages, scope, self._reader)[:limit]

    def _reread(
        self, question: str, pages: list[tuple[Chunk, float]], scope: Scope, reader: PageModel
    ) -> list[tuple[Chunk, float]]:
        asked = reader.encode_question(question)
        scored = []
        for chunk, _ in pages:
            source = self._documents.source(chunk.source, scope.principal)
            if source is not None and (read := self._read(source.original, chunk.page)) is not None:
                scored.append((chunk, maxsim(asked, read)))
        return sorted(scored, key=lambda item: -item[1])

    def _vectors_of(self, original: str, page: int) -> Vectors | None:
        """What the reader makes of a page; None when it cannot be drawn."""
        assert self._reader is not None
        try:
            drawn = self._originals.drawn(original, page, READ_DPI)
        except StoreError:
            return None
        return self._reader.encode_pages([open_picture(drawn, "A page")])[0]


def fill_pages(
    parts: Parts, recovery: Recovery, originals: Originals, pictures: PictureSearch, key: str, on_source: OnSource
) -> int:
    """Embed the pages of every PDF that have no vector at ``key``; return how many. One that cannot be drawn has none.

    Raises:
        ModelError: the embedder cannot be loaded.
        StoreError: the store cannot be written.
    """
    made = 0
    sources = parts.catalog.sources()
    for done, source in enumerate(sources, start=1):
        first: dict[int, Chunk] = {}
        if source.kind == "pdf" and source.original and source.reading is None:
            for chunk in parts.catalog.chunks_of(source.source):
                first.setdefault(chunk.page, chunk)
        known = parts.vectors.ids(key, [chunk.id for chunk in first.values()]) if first else set()
        missing = [chunk for chunk in first.values() if chunk.id not in known]
        for start in range(0, len(missing), AT_ONCE):
            drawn = {}
            for chunk in missing[start : start + AT_ONCE]:
                try:
                    page = originals.drawn(source.original, chunk.page, DPI)
                except StoreError:
                    continue
                drawn[chunk.id] = pictures.vector_of_picture(page)
            made += write_vectors(parts, recovery, source.source, key, drawn)
        on_source(done, len(sources))
    return made
