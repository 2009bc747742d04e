"""What is stored of one source: its chunks in reading order, and the tables they come from, whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from records import Chunk, Principal, Source, Table
from store.assets import Assets
from store.documents import Documents


@dataclass(frozen=True)
class StoredTable:
    """A whole table, and the chunks that hold its rows, in their order."""

    table: Table
    chunks: tuple[Chunk, ...]  # one at least; the first says where the table stands


@dataclass(frozen=True)
class Contents:
    """A source as it is stored; chunks are in reading order."""

    source: Source
    chunks: tuple[Chunk, ...]
    tables: tuple[StoredTable, ...]

    @property
    def passages(self) -> tuple[Chunk, ...]:
        """The chunks of running text."""
        return tuple(chunk for chunk in self.chunks if chunk.kind == "text")

    @property
    def pictures(self) -> tuple[Chunk, ...]:
        """The chunks of pictures: the words in and around a picture, or what a model, its ``author``, says of it."""
        return tuple(chunk for chunk in self.chunks if chunk.kind == "image")


def contents_of(name: str, principal: Principal, documents: Documents, assets: Assets) -> Contents | None:
    """Return what is stored of the source ``name``; None when it is not known, or not for ``principal`` to read.

    Raises:
        StoreError: a table is missing from the store.
    """
    source = documents.source(name, principal)
    if source is None:
        return None
    chunks = documents.chunks_of(name, principal)
    return Contents(source, tuple(chunks), _tables(chunks, assets))


def _tables(chunks: Iterable[Chunk], assets: Assets) -> tuple[StoredTable, ...]:
    wholes: dict[tuple[str, str], list[Chunk]] = {}  # two equal tables are one asset, and two elements
    for chunk in chunks:
        if chunk.table:
            wholes.setdefault((chunk.table, chunk.element), []).append(chunk)
    return tuple(StoredTable(assets.read_table(name), tuple(parts)) for (name, _), parts in wholes.items())
