"""The catalog as somebody may read it: every answer is for one principal. The condition is part of each query, so that it
holds at the moment of reading."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from records import Chunk, Principal, Scope, Source
from store.auth.access import EVERYONE, View, readable
from store.auth.per_principal import PerPrincipal
from store.catalog import Catalog
from store.serialisation import SELECT_SOURCE, load_chunk, load_source
from store.source_ids import is_source_id, source_id

NAMED = 10_000  # sources, in a query of vectors: Chroma's SQLite takes 32,766 values in one


def in_order(found: tuple[Chunk, float]) -> tuple[float, str, int]:
    """Return what sorts chunks with their scores: the best first, equal ones in the order of the documents, so that an answer
    does not depend on the order in which an index was written."""
    chunk, score = found
    return -score, chunk.source, chunk.ordinal


class Documents:
    """Sources and chunks of a catalog, each time as far as a principal may read them. Safe to use from several threads."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._hidden = PerPrincipal(self._hidden_from)

    def sources(self, principal: Principal) -> list[Source]:
        """Return all sources that ``principal`` may read, by name."""
        allowed, labels = readable(principal)
        rows = self._catalog.rows(f"{SELECT_SOURCE} WHERE {allowed} ORDER BY source", labels)
        return [load_source(row) for row in rows]

    def source(self, name: str, principal: Principal) -> Source | None:
        """Return the source of this name or id (store.source_ids); None when it is not known, or not for ``principal`` to
        read."""
        allowed, labels = readable(principal)
        if is_source_id(name):
            rows = self._catalog.rows(f"SELECT source FROM sources WHERE {allowed}", labels)
            name = next((source for (source,) in rows if source_id(source) == name), name)
        rows = self._catalog.rows(f"{SELECT_SOURCE} WHERE source = ? AND {allowed}", (name, *labels))
        return load_source(rows[0]) if rows else None

    def titles(self, principal: Principal) -> list[tuple[str, str]]:
        """Return each source that ``principal`` may read with the name that somebody gave it, or its title."""
        allowed, labels = readable(principal)
        rows = self._catalog.rows(f"SELECT source, title FROM sources WHERE {allowed} ORDER BY source", labels)
        names = self._names()
        return [(source, names.get(source, title)) for source, title in rows]

    def _names(self) -> dict[str, str]:
        """The names that people gave to sources; they stand for titles wherever somebody reads."""
        return dict(self._catalog.rows("SELECT source, name FROM names"))  # type: ignore[arg-type]

    def _named(self, chunks: Iterable[Chunk]) -> list[Chunk]:
        names = self._names()
        return [replace(one, title=names[one.source]) if one.source in names else one for one in chunks]

    def chunk(self, id_: str, principal: Principal) -> Chunk | None:
        """Return the chunk ``id_``; None when it is not known, or not for ``principal`` to read."""
        return self._chunks([id_], principal).get(id_)

    def chunks(self, ids: Sequence[str], principal: Principal) -> list[Chunk]:
        """Return the chunks of ``ids`` that ``principal`` may read."""
        return list(self._chunks(ids, principal).values())

    def _chunks(self, ids: Sequence[str], principal: Principal) -> dict[str, Chunk]:
        return {
            chunk.id: chunk for chunk in self._named(self._catalog.chunks(ids, *readable(principal, "chunks")).values())
        }

    def chunks_of(self, source: str, principal: Principal) -> list[Chunk]:
        """Return the chunks of ``source`` in reading order; none when it is not known, or not for ``principal`` to read."""
        allowed, labels = readable(principal, "chunks")
        query = f"SELECT record FROM chunks WHERE source = ? AND {allowed} ORDER BY ordinal"
        return self._named(load_chunk(row[0]) for row in self._catalog.rows(query, (source, *labels)))

    def between(self, source: str, first: int, last: int, principal: Principal) -> list[Chunk]:
        """Return those of ``chunks_of`` with ordinals from ``first`` to ``last``."""
        allowed, labels = readable(principal, "chunks")
        query = f"SELECT record FROM chunks WHERE source = ? AND ordinal BETWEEN ? AND ? AND {allowed} ORDER BY ordinal"
        return self._named(load_chunk(row[0]) for row in self._catalog.rows(query, (source, first, last, *labels)))

    def hidden(self, principal: Principal) -> frozenset[str]:
        """Return the sources that ``principal`` may not read."""
        return self._hidden.of(principal, self.stamp())

    def view(self, principal: Principal) -> View | None:
        """Return what ``principal`` may read as the lexical index tells it; None for everything."""
        if principal.everything:
            return None
        allowed, labels = readable(principal, "relabel")
        rows = self._catalog.rows(f"SELECT source, {allowed} FROM relabel", labels)
        return View(
            labels=(EVERYONE, *principal.labels),
            shown=tuple(source for source, may in rows if may),
            hidden=tuple(source for source, may in rows if not may),
        )

    def view_of_vectors(self, principal: Principal) -> View | None:
        """Return what ``principal`` may read as the vector index tells it; None for everything. What it finds is asked of the
        catalog again, which decides: of very many that it is still to be told of, some are passed over until then."""
        view = self.view(principal)
        if view is None:
            return None
        allowed, labels = readable(principal, "unlabelled")
        rows = self._catalog.rows(f"SELECT source FROM unlabelled WHERE {allowed}", labels)
        shown = [*view.shown, *(source for (source,) in rows)]
        return replace(view, shown=tuple(shown[:NAMED]), hidden=view.hidden[:NAMED])

    def _hidden_from(self, principal: Principal) -> frozenset[str]:
        if principal.everything:
            return frozenset()
        allowed, labels = readable(principal)
        rows = self._catalog.rows(f"SELECT source FROM sources WHERE NOT {allowed}", labels)
        return frozenset(source for (source,) in rows)

    def among(self, scope: Scope) -> Scope:
        """Return ``scope`` with those of its sources alone that its principal may read; as it is where it names none."""
        if scope.sources is None or scope.principal.everything:
            return scope
        allowed, labels = readable(scope.principal)
        query = f"SELECT source FROM sources WHERE source IN (SELECT value FROM json_each(?)) AND {allowed}"
        rows = self._catalog.rows(query, (json.dumps(scope.sources), *labels))
        return replace(scope, sources=tuple(source for (source,) in rows))

    def size(self, sources: Sequence[str]) -> int:
        """Return the number of chunks of ``sources``."""
        query = "SELECT COALESCE(SUM(chunks), 0) FROM sources WHERE source IN (SELECT value FROM json_each(?))"
        return int(self._catalog.rows(query, (json.dumps(sources),))[0][0])

    def stamp(self) -> tuple[object, ...]:
        """Return what changes whenever the catalog does."""
        return self._catalog.stamp()

    def any(self, principal: Principal) -> bool:
        """Tell whether there is a source that ``principal`` may read."""
        allowed, labels = readable(principal)
        return bool(self._catalog.rows(f"SELECT 1 FROM sources WHERE {allowed} LIMIT 1", labels))

    def readable(self, ranking: Sequence[tuple[str, float]], principal: Principal) -> list[tuple[Chunk, float]]:
        """Return the chunks of a ranking of ids that ``principal`` may read, ``in_order``."""
        chunks = self._chunks([id_ for id_, _ in ranking], principal)
        found = [(chunks[id_], score) for id_, score in ranking if id_ in chunks]
        return sorted(found, key=in_order)
