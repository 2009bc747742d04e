"""Search by what pictures show, and tags of pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from errors import SettingsError, StoreError
from models.tags import PROMPT, Tag, Tagger, load_labels
from records import Chunk, Scope
from store.documents import Documents
from store.parts import Parts
from store.searches import DenseSearch, Ranking
from store.spaces import EmbeddingSpace

TAGGED = 500  # figures nearest to a tag that are looked at for whether they have it


class PictureSearch(DenseSearch):
    """Search in the space of pictures: with words (``search``), with a picture, or by tags.

    Args:
        documents: who may read what.
        space: of pictures.
        parts: of the store.
        labels: a file with lists of labels; "" is ours.
    """

    def __init__(self, documents: Documents, space: EmbeddingSpace, parts: Parts, labels: str = "") -> None:
        super().__init__(documents, space, parts)
        self._labels = labels

    @property
    def name(self) -> str:
        """The name of the model behind it."""
        return self._space.embedder.name

    @property
    def fingerprint(self) -> str:
        """What vectors that may be compared with these have in common."""
        return self._space.embedder.fingerprint

    def vector_of_picture(self, picture: bytes) -> list[float]:
        """Return the vector of the picture in a file, of unit length.

        Raises:
            ParseError: it cannot be decoded, or has too many pixels.
            StoreError: the space knows no pictures.
        """
        if self._space.of_picture is None:
            raise StoreError(f"The embedding space {self._space.name!r} cannot be asked with a picture.")
        return self._space.of_picture(picture)

    def similar(self, picture: bytes, limit: int, scope: Scope) -> Ranking:
        """Return the chunks whose picture looks most like the one in the file ``picture`` with the cosine similarity, best
        first; each picture of a source once.

        Raises:
            ParseError: it cannot be decoded, or has too many pixels.
            StoreError: the space knows no pictures, or what is stored was embedded with another model.
        """
        figures = Scope(sources=scope.sources, kinds=("image",), principal=scope.principal)
        return once(self.nearest(self.vector_of_picture(picture), 3 * limit, figures))[:limit]

    def scores(self, question: str, chunks: Iterable[Chunk]) -> dict[str, float]:
        """Return how near the pictures of ``chunks`` are to ``question`` (cosine), by the chunks' ids; those without a vector
        are left out."""
        found = self._vectors_of(chunks)
        asked = self.vector_of(question) if found else []
        return {id_: sum(a * b for a, b in zip(asked, own, strict=True)) for id_, own in found.items()}

    def tags(self, chunks: Iterable[Chunk]) -> dict[str, list[Tag]]:
        """Return the tags of the pictures of ``chunks``, by the chunks' ids; those without a vector are left out.

        Raises:
            SettingsError: the file of labels cannot be used.
        """
        return {id_: self._tagger.tags(vector) for id_, vector in self._vectors_of(chunks).items()}

    def tagged(self, tags: Sequence[str], scope: Scope) -> frozenset[str]:
        """Return the pictures (assets) within ``scope`` that have one of ``tags``; of very many, those that show it best.

        Raises:
            SettingsError: there is no such label.
        """
        known = {label for labels in self._tagger.lists.values() for label in labels}
        if unknown := next((tag for tag in tags if tag not in known), ""):
            raise SettingsError(f"{unknown!r} is no tag. Choose from: {', '.join(sorted(known))}.")
        figures = Scope(sources=scope.sources, kinds=("image",), principal=scope.principal)
        found: set[str] = set()
        for tag in tags:
            near = [chunk for chunk, _ in self.nearest(self.vector_of(PROMPT.format(tag)), TAGGED, figures)]
            having = self.tags(near)
            found |= {chunk.picture for chunk in near if any(one.label == tag for one in having.get(chunk.id, ()))}
        return frozenset(found)

    def describe(self, picture: bytes) -> str:
        """Return the labels that fit the picture in a file best, as one line.

        Raises:
            ParseError: it cannot be decoded, or has too many pixels.
        """
        return self._tagger.description(self.vector_of_picture(picture))

    @cached_property
    def _tagger(self) -> Tagger:
        return Tagger(lambda texts: [self.vector_of(text) for text in texts], load_labels(self._labels))

    def _vectors_of(self, chunks: Iterable[Chunk]) -> dict[str, list[float]]:
        return self._parts.vectors.stored(self._space.key, [chunk.id for chunk in chunks])


def once(ranking: Sequence[tuple[Chunk, float]]) -> Ranking:
    """Return ``ranking`` with the first chunk alone of each picture of a source."""
    first: dict[tuple[str, str], tuple[Chunk, float]] = {}
    for chunk, score in ranking:
        first.setdefault((chunk.source, chunk.picture or chunk.id), (chunk, score))
    return list(first.values())
