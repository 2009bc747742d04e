"""Vectors in Chroma: one collection for each embedding space of an index."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from errors import StoreError
from records import Chunk, Scope
from store.server import ServerGone
from text.embedded import embedded_text

# With Chroma's defaults (16, 100, 100) 15 of 160 near-duplicate passages were not among the 40 nearest to themselves; with
# these all were. 128 bytes a vector and less than a millisecond a search more.
HNSW = {"max_neighbors": 32, "ef_construction": 200}
EF_SEARCH = 200
SAME = 0.9999  # cosine similarity of two chunks with the same words
DEPTH = 40  # as deep as a question looks; an approximate index may well miss the very first
SEARCHED = 300  # vectors that must find themselves


class Vectors:
    """The chunks' vectors, with text and place as metadata so that the collection is useful to others too.

    Every method raises StoreError when the server refuses, and ServerGone when it does not answer.

    Args:
        client: a Chroma client.
        space: the embedder's fingerprint.
        index: tells the collections of several indexes on one server apart; "" for an index of before this was done.
    """

    def __init__(self, client: Any, space: str, index: str = "") -> None:
        self._client = client
        self.space = space
        self._suffix = f"-{index}" if index else ""
        with _answering():
            self._batch = int(client.get_max_batch_size())
            self._collection = client.get_or_create_collection(
                name=f"chunks-{space}{self._suffix}",
                embedding_function=None,
                configuration={"hnsw": {"space": "cosine", **HNSW, "ef_search": EF_SEARCH}},
            )
            if self._collection.configuration_json["hnsw"]["ef_search"] < EF_SEARCH:  # of an older version
                self._collection.modify(configuration={"hnsw": {"ef_search": EF_SEARCH}})

    def upsert(self, chunks: Sequence[Chunk], vectors: Sequence[Sequence[float]]) -> None:
        """Adds or replaces the vectors of ``chunks``."""
        for start in range(0, len(chunks), self._batch):
            part = chunks[start : start + self._batch]
            with _answering():
                self._collection.upsert(
                    ids=[chunk.id for chunk in part],
                    embeddings=[list(vector) for vector in vectors[start : start + self._batch]],
                    documents=[embedded_text(chunk) for chunk in part],
                    metadatas=[_metadata(chunk) for chunk in part],
                )

    def delete(self, ids: Sequence[str]) -> None:
        """Removes the vectors of the chunks ``ids``; unknown ids are ignored."""
        for start in range(0, len(ids), self._batch):
            with _answering():
                self._collection.delete(ids=list(ids[start : start + self._batch]))

    def search(
        self, vector: Sequence[float], limit: int, scope: Scope, hidden: Collection[str] = ()
    ) -> list[tuple[str, float]]:
        """Ids of the nearest chunks within ``scope`` and outside the sources ``hidden`` with their cosine similarity, best
        first."""
        if scope.sources == () or scope.kinds == ():
            return []  # Chroma refuses an empty $in
        with _answering():
            found = self._collection.query(
                query_embeddings=[list(vector)], n_results=limit, where=_where(scope, hidden), include=["distances"]
            )
        return [(id_, 1.0 - distance) for id_, distance in zip(found["ids"][0], found["distances"][0], strict=True)]

    def nearest(self, vectors: Sequence[Sequence[float]], limit: int) -> list[list[tuple[str, float]]]:
        """For each of ``vectors`` the ids of the nearest chunks of all with their cosine similarity, best first."""
        if not vectors:
            return []
        with _answering():
            found = self._collection.query(query_embeddings=list(vectors), n_results=limit, include=["distances"])
        return [
            [(id_, 1.0 - distance) for id_, distance in zip(ids, distances, strict=True)]
            for ids, distances in zip(found["ids"], found["distances"], strict=True)
        ]

    def known(self, ids: Sequence[str]) -> set[str]:
        """Those of ``ids`` that have a vector here."""
        found: set[str] = set()
        for start in range(0, len(ids), self._batch):
            with _answering():
                found.update(self._collection.get(ids=list(ids[start : start + self._batch]), include=[])["ids"])
        return found

    def ids(self) -> list[str]:
        """All ids."""
        with _answering():
            return list(self._collection.get(include=[])["ids"])

    def count(self) -> int:
        """Number of vectors."""
        with _answering():
            return int(self._collection.count())

    def others(self) -> list[Vectors]:
        """The vectors of this index in other embedding spaces."""
        with _answering():
            names = [str(collection.name) for collection in self._client.list_collections()]
        suffix = re.escape(self._suffix)
        spaces = [found[1] for name in names if (found := re.fullmatch(rf"chunks-([^-]+){suffix}", name))]
        return [self.within(space) for space in spaces if space != self.space]

    def within(self, space: str) -> Vectors:
        """The vectors of this index in the embedding space ``space``."""
        return self if space == self.space else Vectors(self._client, space, self._suffix[1:])

    def foreign(self) -> list[str]:
        """Names of collections that belong to no space of this index. On a server of its own nobody else needs them."""
        with _answering():
            names = [str(collection.name) for collection in self._client.list_collections()]
        own = re.compile(rf"chunks-[^-]+{re.escape(self._suffix)}")
        return [name for name in names if not own.fullmatch(name)]

    def drop_foreign(self) -> None:
        """Removes those collections."""
        for name in self.foreign():
            with _answering():
                self._client.delete_collection(name)

    def stored(self, ids: Sequence[str]) -> dict[str, list[float]]:
        """The vectors of those of ``ids`` that are here."""
        found: dict[str, list[float]] = {}
        for start in range(0, len(ids), self._batch):
            with _answering():
                part = self._collection.get(ids=list(ids[start : start + self._batch]), include=["embeddings"])
            found |= {id_: [float(x) for x in row] for id_, row in zip(part["ids"], part["embeddings"], strict=True)}
        return found

    def stale(self, chunks: Sequence[Chunk]) -> list[str]:
        """Ids of those of ``chunks`` that are stored with another text or other metadata than they now have."""
        found: list[str] = []
        for start in range(0, len(chunks), self._batch):
            expected = {
                chunk.id: (embedded_text(chunk), _metadata(chunk)) for chunk in chunks[start : start + self._batch]
            }
            with _answering():
                part = self._collection.get(ids=list(expected), include=["documents", "metadatas"])
            for id_, text, metadata in zip(part["ids"], part["documents"], part["metadatas"], strict=True):
                if (text, dict(metadata)) != expected[id_]:
                    found.append(id_)
        return found

    def rebuild(self, chunks: Sequence[Chunk]) -> None:
        """Builds the search graph of ``chunks``, all there are, anew from the stored vectors. Killed in between, it leaves
        chunks without a vector, which the doctor finds."""
        stored = self.stored([chunk.id for chunk in chunks])
        self.drop()
        fresh = Vectors(self._client, self.space, self._suffix[1:])
        self._collection = fresh._collection
        known = [chunk for chunk in chunks if chunk.id in stored]
        self.upsert(known, [stored[chunk.id] for chunk in known])

    def lost(self) -> list[str]:
        """Ids whose vectors no search finds, however deep it looks. Seen after a server was killed: Chroma has the row,
        and its graph has not."""
        ids = self.ids()
        if not ids:
            return []
        (ranking,) = self.nearest(list(self.stored(ids[:1]).values()), len(ids))
        found = {id_ for id_, _ in ranking}
        return [id_ for id_ in ids if id_ not in found]

    def unfound(self, ids: Sequence[str]) -> list[str]:
        """Those of ``ids`` that are ``lost``, or of ``SEARCHED`` spread evenly over them, whose own vector does not lead to
        them or to its equal: deletions take the ways to others out of the graph
        (https://github.com/chroma-core/chroma/issues/7758)."""
        stored = self.stored(ids[:: max(1, len(ids) // SEARCHED)])
        rankings = self.nearest(list(stored.values()), DEPTH)
        known = set(ids)
        found = dict.fromkeys(id_ for id_ in self.lost() if id_ in known)
        for id_, ranking in zip(stored, rankings, strict=True):
            if all(one != id_ for one, _ in ranking) and (not ranking or ranking[-1][1] < SAME):
                found[id_] = None
        return list(found)

    def repair(self) -> None:
        """Puts what no search finds into the graph again."""
        self._put_again(self.lost(), leave=True)

    def put_anew(self, ids: Sequence[str]) -> None:
        """Takes ``ids`` out of the graph and puts them in as if they were new. Killed in between, they have no vector."""
        self._put_again(ids, leave=False)

    def _put_again(self, ids: Sequence[str], *, leave: bool) -> None:
        for start in range(0, len(ids), self._batch):
            with _answering():
                part = self._collection.get(
                    ids=list(ids[start : start + self._batch]), include=["embeddings", "documents", "metadatas"]
                )
                if not leave:
                    self._collection.delete(ids=part["ids"])
                self._collection.upsert(
                    ids=part["ids"],
                    embeddings=part["embeddings"],
                    documents=part["documents"],
                    metadatas=part["metadatas"],
                )

    def drop(self) -> None:
        """Removes the collection with all that is in it."""
        with _answering():
            self._client.delete_collection(self._collection.name)

    def close(self) -> None:
        """Lets go of the connection."""
        self._client.close()


def _metadata(chunk: Chunk) -> dict[str, str | int]:
    return {"source": chunk.source, "kind": chunk.kind, "page": chunk.page, "title": chunk.title}


@contextmanager
def _answering() -> Iterator[None]:
    import httpx
    from chromadb.errors import ChromaError

    try:
        yield
    except httpx.TransportError as error:
        raise ServerGone(
            f"The Chroma server does not answer ({error or type(error).__name__}). Start it, or this program, again."
        ) from error
    except (httpx.HTTPError, ChromaError, ValueError) as error:  # ValueError: its own checks of what it is given
        raise StoreError(
            f"The Chroma server failed ({error or type(error).__name__}). Free space on its disk, or start this program "
            "again."
        ) from error


def _where(scope: Scope, hidden: Collection[str]) -> dict[str, Any] | None:
    clauses: list[dict[str, Any]] = []
    if hidden:
        clauses.append({"source": {"$nin": sorted(hidden)}})
    if scope.sources is not None:
        clauses.append({"source": {"$in": list(scope.sources)}})
    if scope.kinds is not None:
        clauses.append({"kind": {"$in": list(scope.kinds)}})
    if len(clauses) > 1:
        return {"$and": clauses}
    return clauses[0] if clauses else None
