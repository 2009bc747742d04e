"""Searches of an index, each within a scope and as far as the scope's principal may read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from records import Chunk, Principal, Scope
from store.auth.access import View
from store.documents import Documents, in_order
from store.lexical import Field
from store.lexical_folder import LexicalFolder
from store.parts import Parts
from store.signatures import Signatures
from store.spaces import EmbeddingSpace
from text.stems import ENGLISH
from vision.image_index import ImageIndex

OF_SOURCE = 200  # chunks, evenly from all of a source, whose middle says what it is near to
OF_RELATED = 20  # passages that are looked at for each source that is to be named
NEAREST = 3  # passages by which a source is near

Ranking = list[tuple[Chunk, float]]  # best first
# Times as many nearest chunks are asked for as are wanted, without a word of who reads: of who reads a third or
# more, enough are left, and they are the nearest. Chroma takes a sixth of the time that it takes with a filter.
ASKED = 3
# Times as many chunks in the store as in the sources of a scope, from which on these are compared here: Chroma walks its
# search graph until it has enough that pass, .9 ms for each thousand chunks of the store, and to fetch a vector takes .13 ms.
FEW = 200


class DenseSearch:
    """Search by nearness in one embedding space."""

    def __init__(self, documents: Documents, space: EmbeddingSpace, parts: Parts) -> None:
        self._documents = documents
        self._space = space
        self._parts = parts

    def search(self, question: str, limit: int, scope: Scope) -> Ranking:
        """Return the chunks nearest to ``question`` with their cosine similarity, best first.

        Raises:
            StoreError: what is stored was embedded with another model.
        """
        self._parts.check_model(self._space)  # before a model is loaded for nothing
        return self.nearest(self.vector_of(question), limit, scope)

    def vector_of(self, question: str) -> list[float]:
        """Return the vector of ``question``, of unit length."""
        return self._space.embedder.embed_query(question)

    def nearest(self, vector: Sequence[float], limit: int, scope: Scope) -> Ranking:
        """Return the chunks nearest to ``vector`` with their cosine similarity, best first.

        Raises:
            StoreError: what is stored was embedded with another model.
        """
        space, principal = self._space, scope.principal
        self._parts.check_model(space)
        scope = self._documents.among(scope)

        def search(number: int, view: View | None = None) -> tuple[int, Ranking]:
            found = self._parts.vectors.search(space.key, vector, number, scope, view)
            return len(found), self._documents.readable(found, principal)[:limit]

        if (
            scope.sources is not None
            and self._documents.size(scope.sources) * FEW <= self._parts.lexical.open().count()
        ):
            return self._compared(vector, scope)[:limit]
        if principal.everything or scope.sources is not None:
            return search(limit)[1]
        number, best = search(ASKED * limit)
        if len(best) == limit or number < ASKED * limit:
            return best
        return search(limit, self._documents.view_of_vectors(principal))[1]  # who may read little

    def _compared(self, vector: Sequence[float], scope: Scope) -> Ranking:
        """All chunks of the sources of ``scope``, each compared with ``vector``."""
        listed = (
            chunk for source in scope.sources or () for chunk in self._documents.chunks_of(source, scope.principal)
        )
        chunks = {chunk.id: chunk for chunk in listed if scope.kinds is None or chunk.kind in scope.kinds}
        vectors = self._parts.vectors.stored(self._space.key, list(chunks)) if chunks else {}
        cosines = np.asarray(list(vectors.values())) @ np.asarray(vector) if vectors else ()
        found = [(chunks[id_], float(cosine)) for id_, cosine in zip(vectors, cosines, strict=True)]
        return sorted(found, key=in_order)

    def related(self, source: str, limit: int, principal: Principal) -> list[tuple[str, float]]:
        """Return other sources that ``principal`` may read, those first whose passages are nearest to the middle of the
        vectors of ``source``, each with the mean cosine similarity of its nearest passages, at most three.

        Raises:
            StoreError: what is stored was embedded with another model.
        """
        space = self._space
        self._parts.check_model(space)
        own = self._documents.chunks_of(source, principal)
        own = own[:: max(1, len(own) // OF_SOURCE)]
        vectors = list(self._parts.vectors.stored(space.key, [chunk.id for chunk in own]).values()) if own else []
        if not vectors:
            return []
        middle = np.mean(np.asarray(vectors, dtype=np.float32), axis=0)
        middle /= max(float(np.linalg.norm(middle)), 1e-9)
        scope, view = Scope(principal=principal), self._documents.view_of_vectors(principal)
        found = self._parts.vectors.search(space.key, middle.tolist(), limit * OF_RELATED, scope, view, source)
        near: dict[str, list[float]] = {}
        for chunk, score in self._documents.readable(found, principal):
            near.setdefault(chunk.source, []).append(score)
        means = [(name, float(np.mean(sorted(scores, reverse=True)[:NEAREST]))) for name, scores in near.items()]
        return sorted(means, key=lambda item: (-item[1], item[0]))[:limit]


class LexicalSearch:
    """Search by words, and what the words of the documents tell of a question's."""

    def __init__(self, documents: Documents, folder: LexicalFolder) -> None:
        self._documents = documents
        self._folder = folder

    def search(
        self, question: str, limit: int, scope: Scope, field: Field = "whole", language: str = ENGLISH
    ) -> Ranking:
        """Return chunks that share words with ``question``, which is in ``language``, with their BM25 score, best first."""
        view = self._documents.view(scope.principal)
        found = self._folder.open().search(question, limit, scope, field, view, language)
        return self._documents.readable(found, scope.principal)

    def idf(self, stems: Iterable[str], principal: Principal, besides: str = "") -> dict[str, float]:
        """Return how rare each stem is in what ``principal`` may read, but for the source ``besides``."""
        return self._folder.open().idf(stems, self._documents.view(principal), besides)

    def share(self, stem: str, sources: Sequence[str], principal: Principal) -> float:
        """Return, of the chunks with ``stem`` that ``principal`` may read, the share that are the ``sources``', 0 to 1."""
        return self._folder.open().share(stem, sources, self._documents.view(principal))

    def out_of_corpus(self, names: Iterable[str], scope: Scope) -> tuple[str, ...]:
        """Return those of ``names`` that nothing within ``scope`` speaks of."""
        return self._folder.open().out_of_corpus(names, scope, self._documents.view(scope.principal))

    def holds(self, word: str, principal: Principal) -> bool:
        """Tell whether ``word``, or another ending of it, stands anywhere in what ``principal`` may read."""
        return self._folder.open().holds(word, self._documents.view(principal))

    def slips(self, word: str, limit: int, scope: Scope) -> list[Chunk]:
        """Return chunks in which ``word`` may stand in its right spelling."""
        ids = self._folder.open().slips(word, limit, scope, self._documents.view(scope.principal))
        return self._documents.chunks(ids, scope.principal)


class ImageSearch:
    """Search by pixels."""

    def __init__(self, documents: Documents, signatures: Signatures, images: ImageIndex) -> None:
        self._documents = documents
        self._signatures = signatures
        self._images = images

    def search(self, picture: bytes, limit: int, scope: Scope) -> Ranking:
        """Return chunks whose picture is the one in the file ``picture``, whole, cropped, scaled or compressed anew, with how
        well the pixels agree (0 to 1), best first. Each place once.

        Raises:
            ParseError: ``picture`` cannot be decoded, or has too many pixels.
        """
        chunks = self._signatures.pictures(scope.sources, scope.principal)
        found = self._images.search(picture, chunks.keys())
        ranking = self._documents.readable(
            [(id_, sure) for asset, sure in found for id_ in chunks[asset]], scope.principal
        )
        once: dict[tuple[object, ...], tuple[Chunk, float]] = {}
        for chunk, sure in ranking:
            once.setdefault((chunk.source, chunk.page, chunk.bbox, chunk.picture), (chunk, sure))
        return [item for item in once.values() if scope.kinds is None or item[0].kind in scope.kinds][:limit]
