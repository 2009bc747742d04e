"""One collection of Chroma, and what is known to go wrong in its search graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from errors import StoreError
from records import Chunk, Scope
from store.auth.access import EVERYONE, View
from store.vectors.base import Readers
from store.vectors.server import ServerGone
from text.embedded import embedded_text

# With Chroma's defaults (16, 100, 100) 15 of 160 near-duplicate passages were not among the 40 nearest to themselves; with
# these all were. 128 bytes a vector and less than a millisecond a search more.
HNSW = {"max_neighbors": 32, "ef_construction": 200}
EF_SEARCH = 200
SAME = 0.9999  # cosine similarity of two chunks with the same words
DEPTH = 40  # as deep as a question looks; an approximate index may well miss the very first
SEARCHED = 300  # vectors that must find themselves
READERS = "readers"  # in the metadata of each: a list, which Chroma knows since 1.5


class CollectionGone(StoreError):
    """There is no such collection, or no longer: another program may have made it anew."""


class Collection:
    """The chunks' vectors, with text and metadata so that the collection is useful to others too.

    Every method raises StoreError when the server refuses, CollectionGone when the collection is not there, and ServerGone
    when nobody answers.

    Args:
        client: a Chroma client.
        name: of the collection.
        create: it, where it is not there.
    """

    def __init__(self, client: Any, name: str, *, create: bool) -> None:
        self._client = client
        self.name = name
        with answering():
            self._batch = int(client.get_max_batch_size())
            self._handle = self._made() if create else client.get_collection(name, embedding_function=None)
            if self._handle.configuration_json["hnsw"]["ef_search"] < EF_SEARCH:  # of an older version
                self._handle.modify(configuration={"hnsw": {"ef_search": EF_SEARCH}})

    def _made(self) -> Any:
        return self._client.get_or_create_collection(
            name=self.name,
            embedding_function=None,
            configuration={"hnsw": {"space": "cosine", **HNSW, "ef_search": EF_SEARCH}},
        )

    def upsert(self, chunks: Sequence[Chunk], vectors: Sequence[Sequence[float]], readers: Readers) -> None:
        """Add or replace the vectors of ``chunks``, and who reads them."""
        for start in range(0, len(chunks), self._batch):
            part = chunks[start : start + self._batch]
            with answering():
                self._handle.upsert(
                    ids=[chunk.id for chunk in part],
                    embeddings=[list(vector) for vector in vectors[start : start + self._batch]],
                    documents=[embedded_text(chunk) for chunk in part],
                    metadatas=[_metadata(chunk) | _labels(chunk, readers) for chunk in part],
                )

    def relabel(self, chunks: Sequence[Chunk], readers: Readers) -> None:
        """Let those of ``chunks`` that are here have these readers; vectors and search graph stay as they are."""
        there = set(self.ids([chunk.id for chunk in chunks]))
        known = [chunk for chunk in chunks if chunk.id in there]
        for start in range(0, len(known), self._batch):
            part = known[start : start + self._batch]
            with answering():
                self._handle.update(
                    ids=[chunk.id for chunk in part], metadatas=[_labels(chunk, readers) for chunk in part]
                )

    def delete(self, ids: Sequence[str]) -> None:
        """Remove the vectors of the chunks ``ids``; unknown ids are ignored."""
        for start in range(0, len(ids), self._batch):
            with answering():
                self._handle.delete(ids=list(ids[start : start + self._batch]))

    def search(
        self, vector: Sequence[float], limit: int, scope: Scope, view: View | None = None, besides: str = ""
    ) -> list[tuple[str, float]]:
        """Return the ids of the nearest chunks within ``scope`` and ``view``, but for the source ``besides``, with their
        cosine similarity, best first."""
        if scope.sources == () or scope.kinds == ():
            return []  # Chroma refuses an empty $in
        with answering():
            found = self._handle.query(
                query_embeddings=[list(vector)],
                n_results=limit,
                where=_where(scope, view, besides),
                include=["distances"],
            )
        return [(id_, 1.0 - distance) for id_, distance in zip(found["ids"][0], found["distances"][0], strict=True)]

    def ids(self, among: Sequence[str] | None = None) -> list[str]:
        """Return all ids, or those ``among`` these."""
        found: list[str] = []
        with answering():
            if among is None:
                return list(self._handle.get(include=[])["ids"])
            for start in range(0, len(among), self._batch):
                found += self._handle.get(ids=list(among[start : start + self._batch]), include=[])["ids"]
        return found

    def count(self) -> int:
        """Return the number of vectors."""
        with answering():
            return int(self._handle.count())

    def stored(self, ids: Sequence[str]) -> dict[str, list[float]]:
        """Return the vectors of those of ``ids`` that are here."""
        return {
            id_: [float(value) for value in vector]
            for part in self._parts(ids, "embeddings")
            for id_, vector in zip(part["ids"], part["embeddings"], strict=True)
        }

    def _parts(self, ids: Sequence[str], *included: str) -> Iterator[dict[str, Any]]:
        for start in range(0, len(ids), self._batch):
            with answering():
                part = self._handle.get(ids=list(ids[start : start + self._batch]), include=list(included))
            yield {name: part[name] for name in ("ids", *included)}

    def outdated(self, chunks: Sequence[Chunk], readers: Readers) -> list[str]:
        """Return ids of those of ``chunks`` that are stored with another text or other metadata than they now have, or, where
        ``readers`` names their source, with other readers."""
        found: list[str] = []
        expected = {chunk.id: chunk for chunk in chunks}
        for part in self._parts(list(expected), "documents", "metadatas"):
            for id_, text, metadata in zip(part["ids"], part["documents"], part["metadatas"], strict=True):
                chunk, rest = expected[id_], dict(metadata)
                labels = {READERS: sorted(rest.pop(READERS, ()))}
                relabelled = chunk.source in readers and labels != _labels(chunk, readers)
                if relabelled or (text, rest) != (embedded_text(chunk), _metadata(chunk)):
                    found.append(id_)
        return found

    def drop(self) -> None:
        """Remove the collection with all that is in it."""
        with answering():
            self._client.delete_collection(self.name)

    # --- the search graph ---

    def nearest(self, vectors: Sequence[Sequence[float]], limit: int) -> list[list[tuple[str, float]]]:
        """Return for each of ``vectors`` the ids of the nearest chunks of all with their cosine similarity, best first."""
        if not vectors:
            return []
        with answering():
            found = self._handle.query(query_embeddings=list(vectors), n_results=limit, include=["distances"])
        return [
            [(id_, 1.0 - distance) for id_, distance in zip(ids, distances, strict=True)]
            for ids, distances in zip(found["ids"], found["distances"], strict=True)
        ]

    def lost(self) -> list[str]:
        """Return ids whose vectors no search finds, however deep it looks. Seen after a server was killed: Chroma has the
        row, and its graph has not."""
        ids = self.ids()
        if not ids:
            return []
        (ranking,) = self.nearest(list(self.stored(ids[:1]).values()), len(ids))
        found = {id_ for id_, _ in ranking}
        return [id_ for id_ in ids if id_ not in found]

    def unreachable(self, ids: Sequence[str]) -> list[str]:
        """Return those of ``ids`` that are ``lost``, or of ``SEARCHED`` spread evenly over them, whose own vector does not
        lead to them or to its equal: deletions take the ways to others out of the graph
        (https://github.com/chroma-core/chroma/issues/7758)."""
        stored = self.stored(ids[:: max(1, len(ids) // SEARCHED)])
        rankings = self.nearest(list(stored.values()), DEPTH)
        known = set(ids)
        found = dict.fromkeys(id_ for id_ in self.lost() if id_ in known)
        for id_, ranking in zip(stored, rankings, strict=True):
            if all(one != id_ for one, _ in ranking) and (not ranking or ranking[-1][1] < SAME):
                found[id_] = None
        return list(found)

    def restore_lost(self) -> None:
        """Put what is ``lost`` into the graph again. It keeps its vectors throughout."""
        for part in self._parts(self.lost(), "embeddings", "documents", "metadatas"):
            self._put(part)

    def put_anew(self, ids: Sequence[str]) -> None:
        """Take ``ids`` out of the graph and put them in as if they were new. Killed in between, they have no vector."""
        for part in self._parts(ids, "embeddings", "documents", "metadatas"):
            self.delete(part["ids"])
            self._put(part)

    def rebuild(self) -> None:
        """Build the whole graph anew from the stored vectors. Killed in between, the vectors are gone."""
        parts = list(self._parts(self.ids(), "embeddings", "documents", "metadatas"))
        self.drop()
        with answering():
            self._handle = self._made()
        for part in parts:
            self._put(part)

    def _put(self, part: dict[str, Any]) -> None:
        with answering():
            self._handle.upsert(**part)


def _metadata(chunk: Chunk) -> dict[str, str | int]:
    return {"source": chunk.source, "kind": chunk.kind, "page": chunk.page, "title": chunk.title}


def _labels(chunk: Chunk, readers: Readers) -> dict[str, list[str]]:
    return {READERS: sorted(readers.get(chunk.source) or (EVERYONE,))}


@contextmanager
def answering() -> Iterator[None]:
    """Turn what Chroma and its client raise into errors of the store."""
    import httpx
    from chromadb.errors import ChromaError, NotFoundError

    try:
        yield
    except httpx.TransportError as error:
        raise ServerGone(
            f"The Chroma server does not answer ({error or type(error).__name__}). Start it, or this program, again."
        ) from error
    except NotFoundError as error:
        raise CollectionGone(f"A collection of the Chroma server is gone ({error}). Try again.") from error
    except (httpx.HTTPError, ChromaError, ValueError) as error:  # ValueError: its own checks of what it is given
        raise StoreError(
            f"The Chroma server failed ({error or type(error).__name__}). Free space on its disk, or start this program "
            "again."
        ) from error


def _where(scope: Scope, view: View | None, besides: str) -> dict[str, Any] | None:
    clauses: list[dict[str, Any]] = []
    if view is not None:
        ways: list[dict[str, Any]] = [{READERS: {"$contains": label}} for label in view.labels]
        if view.shown:
            ways.append({"source": {"$in": sorted(view.shown)}})
        clauses.append({"$or": ways} if len(ways) > 1 else ways[0])
    if hidden := {*(view.hidden if view is not None else ()), *([besides] if besides else [])}:
        clauses.append({"source": {"$nin": sorted(hidden)}})
    if scope.sources is not None:
        clauses.append({"source": {"$in": list(scope.sources)}})
    if scope.kinds is not None:
        clauses.append({"kind": {"$in": list(scope.kinds)}})
    if len(clauses) > 1:
        return {"$and": clauses}
    return clauses[0] if clauses else None
