"""Vectors in Chroma: a collection for each embedding space, on the server of the data folder or on one elsewhere.

The server may die, and another program may drop or rebuild a collection: calls find their way back by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

from records import Chunk, Scope
from store.auth.access import View
from store.vectors import collection as chroma
from store.vectors.base import Readers, VectorIndex
from store.vectors.collection import CollectionGone, answering
from store.vectors.server import LocalServer, ServerGone, connect, parse_url

T = TypeVar("T")
ATTEMPTS = 4  # at a call of a server that dies over it
_FOREIGN = "-"  # begins the key of a collection that belongs to no space of this index


class ChromaIndex(VectorIndex):
    """A ``VectorIndex`` that connects, or starts the server, on first use. Safe to use from several threads.

    Args:
        folder: the data folder; the server's files lie in it.
        url: of a server elsewhere; "" starts or joins one on ``folder``.
        index: tells the collections of several indexes on one server apart; "" for an index of before this was done.
    """

    def __init__(self, folder: Path, url: str, index: str) -> None:
        self._folder = folder
        self._url = url
        self._suffix = f"-{index}" if index else ""
        self._server: LocalServer | None = None
        self._client: Any = None
        self._collections: dict[str, chroma.Collection] = {}
        self._lock = RLock()

    def upsert(self, space: str, chunks: Sequence[Chunk], vectors: Sequence[Sequence[float]], readers: Readers) -> None:
        """Add or replace the vectors of ``chunks``, and who reads them."""
        if chunks:
            self._ask(lambda: self._collection(space, create=True).upsert(chunks, vectors, readers))

    def relabel(self, space: str, chunks: Sequence[Chunk], readers: Readers) -> None:
        """Let those of ``chunks`` that are there have these readers."""
        self._in(space, lambda collection: collection.relabel(chunks, readers), None)

    def delete(self, space: str, ids: Sequence[str]) -> None:
        """Remove the vectors of ``ids``, and with the last of them the collection."""

        def remove(collection: chroma.Collection) -> None:
            whole = len(ids) >= collection.count() and set(ids) >= set(collection.ids())
            if not whole:  # else taking the rows out of the graph one by one would be for nothing
                collection.delete(ids)
            if whole or not collection.count():
                collection.drop()
                self._collections.pop(space, None)

        if ids:
            self._in(space, remove, None)

    def search(
        self,
        space: str,
        vector: Sequence[float],
        limit: int,
        scope: Scope,
        view: View | None = None,
        besides: str = "",
    ) -> list[tuple[str, float]]:
        """Return the ids of the nearest chunks with their cosine similarity, best first."""
        return self._in(space, lambda collection: collection.search(vector, limit, scope, view, besides), [])

    def ids(self, space: str, among: Sequence[str] | None = None) -> set[str]:
        """Return the ids that have a vector: all, or those ``among`` these."""
        return self._in(space, lambda collection: set(collection.ids(among)), set())

    def stored(self, space: str, ids: Sequence[str]) -> dict[str, list[float]]:
        """Return the vectors of those of ``ids`` that are there."""
        return self._in(space, lambda collection: collection.stored(ids), {})

    def spaces(self) -> set[str]:
        """Return the spaces of this index; on a server of its own, where nobody else needs them, also collections that
        belong to none."""
        keys = self._ask(lambda: self._keys(self._connected()))
        return {key for key in keys if self._in(key, chroma.Collection.count, 0)}

    def outdated(self, space: str, chunks: Sequence[Chunk], readers: Readers) -> list[str]:
        """Return ids of ``chunks`` that are stored with other text, metadata or readers than they now have."""
        return self._in(space, lambda collection: collection.outdated(chunks, readers), [])

    def unreachable(self, space: str, ids: Sequence[str]) -> list[str]:
        """Return those of ``ids`` that searches miss, as far as a sample of the vectors shows."""
        return self._in(space, lambda collection: collection.unreachable(ids), [])

    def repair(self, space: str, ids: Sequence[str]) -> None:
        """Put ``ids`` into the search graph again, or build it anew where they are all there is."""

        def put(collection: chroma.Collection) -> None:
            if set(ids) >= set(collection.ids()):
                collection.rebuild()
            else:
                collection.put_anew(ids)

        self._in(space, put, None)

    def close(self) -> None:
        """Leave the server, stopping it if nobody else uses it."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            if self._server is not None:
                self._server.close()
            self._client, self._server, self._collections = None, None, {}

    # --- connection ---

    def _in(self, space: str, call: Callable[[chroma.Collection], T], absent: T) -> T:
        """Return what ``call`` makes of the collection of ``space``; ``absent`` when there is none."""

        def found() -> T:
            try:
                collection = self._collection(space)
            except CollectionGone:
                return absent
            return call(collection)

        return self._ask(found)

    def _ask(self, call: Callable[[], T]) -> T:
        """Return what ``call`` gives; tried again when the server of this folder died over it and was started anew, and
        when a collection was made anew by another program."""
        for attempt in range(ATTEMPTS):
            try:
                return call()
            except CollectionGone:
                if attempt == ATTEMPTS - 1:
                    raise
                self._collections.clear()
            except ServerGone:
                if self._url or attempt == ATTEMPTS - 1:
                    raise
                with self._lock:
                    self._client = None
        raise AssertionError("unreachable")

    def _collection(self, space: str, *, create: bool = False) -> chroma.Collection:
        with self._lock:
            client = self._connected()
            if space not in self._collections:
                self._collections[space] = chroma.Collection(client, self._name(space), create=create)
            return self._collections[space]

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None or (self._server is not None and not self._server.lives()):
                self._collections.clear()
                self._client = self._connect()
            return self._client

    def _connect(self) -> Any:
        if self._url:
            return connect(parse_url(self._url))
        if self._server is None:
            self._server = LocalServer(self._folder)
        else:
            self._server.revive()
        client = connect(self._server.address)
        if kill := self._server.unrepaired():
            for key in self._keys(client):
                chroma.Collection(client, self._name(key), create=False).restore_lost()
            self._server.repaired(kill)
        return client

    def _keys(self, client: Any) -> set[str]:
        with answering():
            return {self._key(str(collection.name)) for collection in client.list_collections()} - {""}

    def _name(self, space: str) -> str:
        return space.removeprefix(_FOREIGN) if space.startswith(_FOREIGN) else f"chunks-{space}{self._suffix}"

    def _key(self, name: str) -> str:
        """Return the space that the collection ``name`` holds; "" for one of another index on a shared server."""
        key = name.removeprefix("chunks-").removesuffix(self._suffix)
        if f"chunks-{key}{self._suffix}" == name and "-" not in key:
            return key
        return "" if self._url else f"{_FOREIGN}{name}"
