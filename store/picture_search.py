"""Search by what pictures show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from errors import StoreError
from records import Chunk, Scope
from store.searches import DenseSearch, Ranking


class PictureSearch(DenseSearch):
    """Search in the space of pictures: with words (``search``), or with a picture."""

    def similar(self, picture: bytes, limit: int, scope: Scope) -> Ranking:
        """Return the chunks whose picture looks most like the one in the file ``picture`` with the cosine similarity, best
        first; each picture of a source once.

        Raises:
            ParseError: it cannot be decoded, or has too many pixels.
            StoreError: the space knows no pictures, or what is stored was embedded with another model.
        """
        if self._space.of_picture is None:
            raise StoreError(f"The embedding space {self._space.name!r} cannot be asked with a picture.")
        return once(self.nearest(self._space.of_picture(picture), 3 * limit, scope))[:limit]

    def scores(self, question: str, chunks: Iterable[Chunk]) -> dict[str, float]:
        """Return how near the pictures of ``chunks`` are to ``question`` (cosine), by the chunks' ids; those without a vector
        are left out."""
        found = self._parts.vectors.stored(self._space.key, [chunk.id for chunk in chunks])
        asked = self.vector_of(question) if found else []
        return {id_: sum(a * b for a, b in zip(asked, own, strict=True)) for id_, own in found.items()}


def once(ranking: Sequence[tuple[Chunk, float]]) -> Ranking:
    """Return ``ranking`` with the first chunk alone of each picture of a source."""
    first: dict[tuple[str, str], tuple[Chunk, float]] = {}
    for chunk, score in ranking:
        first.setdefault((chunk.source, chunk.picture or chunk.id), (chunk, score))
    return list(first.values())
