"""Long sources of which the plain words alone are in yet, while their tables and figures are being read.

Such a source stands in the catalog like any other, with chunks of its own that the lexical index holds and no embedding
space does. What replaces it is the whole source, in the one transaction that replaces any source; until then it waits
(``Jobs``), so that whoever goes on with what was interrupted goes on with it. One that nobody waits for any more is removed
by ``Recovery.sweep``.
"""

from __future__ import annotations

from collections.abc import Iterable

from records import Reading, Source
from store.catalog import Catalog

PARSER = "words alone"  # the parser's version of such a source, which no program has: it is never unchanged


def state_of(source: Source) -> str:
    """Return in words how far a source is that is not in whole yet; "" for one that is."""
    reading = source.reading
    if reading is None:
        return ""
    words = "text" if reading.words >= source.pages else f"text of the first {reading.words:,} pages"
    return f"{words} searchable, reading tables: page {reading.done:,} of {source.pages:,}"


def reading_of(catalog: Catalog, source: str) -> Reading | None:
    """Return how far ``source`` has come; None where it is in whole, or not at all."""
    rows = catalog.rows("SELECT words, done FROM being_read WHERE source = ?", (source,))
    return Reading(*map(int, rows[0])) if rows else None


def is_whole(catalog: Catalog, source: str) -> bool:
    """Tell whether ``source`` is in, and not by its words alone."""
    return catalog.knows(source) and reading_of(catalog, source) is None


def chunks_without_vectors(catalog: Catalog, sources: Iterable[str]) -> set[str]:
    """Return the ids of the chunks of those of ``sources`` whose words alone are in."""
    named = {source for (source,) in catalog.rows("SELECT source FROM being_read")}
    return {id_ for source in named.intersection(sources) for id_ in catalog.chunk_ids(source)}


def note_pages(catalog: Catalog, source: str, done: int) -> None:
    """Note that ``done`` pages of ``source`` are read as a whole; nothing where it is in whole, or not at all."""
    with catalog.transaction() as db:
        db.execute("UPDATE being_read SET done = ? WHERE source = ?", (done, source))


def abandoned(catalog: Catalog) -> list[str]:
    """Return the sources whose words alone are in, and that nobody waits for."""
    return [
        source
        for (source,) in catalog.rows(
            "SELECT source FROM being_read WHERE source NOT IN (SELECT source FROM waiting) ORDER BY source"
        )
    ]
