"""Do sources have the chunks that they should have? For the doctor."""

from __future__ import annotations

from collections.abc import Iterable

from store.catalog import Catalog


def counts(catalog: Catalog) -> list[tuple[str, int, int]]:
    """Return for each name in either table: the source, chunks it should have (-1: it is no source), chunks it has."""
    query = """
        SELECT s.source, s.chunks, (SELECT COUNT(*) FROM chunks c WHERE c.source = s.source) FROM sources s
        UNION ALL SELECT c.source, -1, COUNT(*) FROM chunks c
        WHERE c.source NOT IN (SELECT source FROM sources) GROUP BY c.source"""
    return [(source, int(should), int(has)) for source, should, has in catalog.rows(query)]


def recount(catalog: Catalog, sources: Iterable[str]) -> None:
    """Drop chunks of what is no source; a source that lost chunks has those that are left, and waits to be read
    again."""
    with catalog.transaction() as db:
        for source in sources:
            db.execute("DELETE FROM chunks WHERE source = ? AND source NOT IN (SELECT source FROM sources)", (source,))
            db.execute(
                "UPDATE sources SET content_hash = '', stamp = '', chunks = (SELECT COUNT(*) FROM chunks c WHERE "
                "c.source = sources.source) WHERE source = ?",
                (source,),
            )
            db.execute(
                "INSERT INTO waiting SELECT source, '', '' FROM sources WHERE source = ? ON CONFLICT DO NOTHING",
                (source,),
            )
