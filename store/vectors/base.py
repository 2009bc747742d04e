"""What a store asks of an index of vectors. One index holds any number of embedding spaces; a space is there as long as it
holds a vector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from records import Chunk, Scope
from store.auth.access import View

Readers = Mapping[str, Sequence[str]]  # by source; everybody reads one that is not in it, or has none


class VectorIndex(Protocol):
    """Vectors of chunks by the id of the chunk, in spaces named by keys of letters, digits, ``_`` and ``.``.

    The first six methods are to be written. The others have a default that does for an index that searches exactly, keeps
    what it was given and holds nothing open; subclass to have them. Reads come from several threads; who writes holds the
    store's lock. Every method raises StoreError where the index cannot be reached or refuses.
    """

    def upsert(self, space: str, chunks: Sequence[Chunk], vectors: Sequence[Sequence[float]], readers: Readers) -> None:
        """Add or replace the vectors of ``chunks``, which may be none, and who reads them; the first make the space."""
        ...

    def delete(self, space: str, ids: Sequence[str]) -> None:
        """Remove the vectors of the chunks ``ids``, unknown ones ignored, and with the last of them the space."""
        ...

    def search(
        self,
        space: str,
        vector: Sequence[float],
        limit: int,
        scope: Scope,
        view: View | None = None,
        besides: str = "",
    ) -> list[tuple[str, float]]:
        """Return the ids of the nearest chunks within ``scope`` and ``view``, but for the source ``besides``, with their
        cosine similarity, best first. The principal of ``scope`` is none of its business."""
        ...

    def ids(self, space: str, among: Sequence[str] | None = None) -> set[str]:
        """Return the ids that have a vector in ``space``: all, or those ``among`` these."""
        ...

    def stored(self, space: str, ids: Sequence[str]) -> dict[str, list[float]]:
        """Return the vectors of those of ``ids`` that are there."""
        ...

    def spaces(self) -> set[str]:
        """Return the spaces that hold a vector."""
        ...

    def relabel(self, space: str, chunks: Sequence[Chunk], readers: Readers) -> None:
        """Let those of ``chunks`` that are there have these readers, and keep their vectors."""
        stored = self.stored(space, [chunk.id for chunk in chunks])
        there = [chunk for chunk in chunks if chunk.id in stored]
        self.upsert(space, there, [stored[chunk.id] for chunk in there], readers)

    def outdated(self, space: str, chunks: Sequence[Chunk], readers: Readers) -> list[str]:
        """Return ids of those of ``chunks`` that are stored with other text or metadata than they now have, or, where
        ``readers`` names their source, with other readers."""
        return []

    def unreachable(self, space: str, ids: Sequence[str]) -> list[str]:
        """Return those of ``ids`` that are stored and that searches miss; of a large number it may try some. May take a time
        that grows with ``ids``: it is asked after a share of them went, not after each deletion."""
        return []

    def repair(self, space: str, ids: Sequence[str]) -> None:
        """Let searches find ``ids`` again. Killed in between, they may have no vector, so note them first."""

    def close(self) -> None:
        """Let go of files and connections."""
