"""Vectors in Chroma: one collection for each embedding space."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from errors import StoreError
from records import Chunk, Scope


class Vectors:
    """The chunks' vectors, with text and place as metadata so that the collection is useful to others too.

    Every method raises StoreError when the server is gone or refuses.
    """

    def __init__(self, client: Any, space: str) -> None:
        self._client = client
        with _answering():
            self._batch = int(client.get_max_batch_size())
            self._collection = client.get_or_create_collection(
                name=f"chunks-{space}",
                embedding_function=None,
                configuration={"hnsw": {"space": "cosine"}},
            )

    def upsert(self, chunks: Sequence[Chunk], vectors: Sequence[Sequence[float]]) -> None:
        """Adds or replaces the vectors of ``chunks``."""
        for start in range(0, len(chunks), self._batch):
            part = chunks[start : start + self._batch]
            with _answering():
                self._collection.upsert(
                    ids=[chunk.id for chunk in part],
                    embeddings=[list(vector) for vector in vectors[start : start + self._batch]],
                    documents=[chunk.embedded_text for chunk in part],
                    metadatas=[
                        {"source": chunk.source, "kind": chunk.kind, "page": chunk.page, "title": chunk.title}
                        for chunk in part
                    ],
                )

    def delete(self, ids: Sequence[str]) -> None:
        """Removes the vectors of the chunks ``ids``; unknown ids are ignored."""
        for start in range(0, len(ids), self._batch):
            with _answering():
                self._collection.delete(ids=list(ids[start : start + self._batch]))

    def search(self, vector: Sequence[float], limit: int, scope: Scope) -> list[tuple[str, float]]:
        """Ids of the nearest chunks with their cosine similarity, best first."""
        if scope.sources == () or scope.kinds == ():
            return []  # Chroma refuses an empty $in
        with _answering():
            found = self._collection.query(
                query_embeddings=[list(vector)], n_results=limit, where=_where(scope), include=["distances"]
            )
        return [(id_, 1.0 - distance) for id_, distance in zip(found["ids"][0], found["distances"][0], strict=True)]

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

    def close(self) -> None:
        """Lets go of the connection."""
        self._client.close()


@contextmanager
def _answering() -> Iterator[None]:
    import httpx
    from chromadb.errors import ChromaError

    try:
        yield
    except (httpx.HTTPError, ChromaError, ValueError) as error:  # ValueError: its own checks of what it is given
        raise StoreError(
            f"The Chroma server failed ({error or type(error).__name__}). Start this program again."
        ) from error


def _where(scope: Scope) -> dict[str, Any] | None:
    clauses: list[dict[str, Any]] = []
    if scope.sources is not None:
        clauses.append({"source": {"$in": list(scope.sources)}})
    if scope.kinds is not None:
        clauses.append({"kind": {"$in": list(scope.kinds)}})
    if len(clauses) > 1:
        return {"$and": clauses}
    return clauses[0] if clauses else None
