"""A whole catalog in another file, and back: for backups."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from store.catalog import Catalog
from store.schema import SOURCE_COLUMNS


def save(catalog: Catalog, path: Path) -> None:
    """Write a copy to the SQLite file ``path``, as of one moment where SQLite is what is copied. Under the write lock.

    Raises:
        StoreError: it cannot be read or written.
    """
    if catalog.snapshot(path):
        return
    with closing(Catalog(path)) as copy:
        adopt(copy, catalog)


def adopt(catalog: Catalog, other: Catalog) -> None:
    """Take over all sources and chunks of ``other`` at one moment, and end the write that is journaled."""
    with catalog.transaction() as db:
        rows = other.rows(f"SELECT {SOURCE_COLUMNS} FROM sources")
        db.executemany(f"INSERT INTO sources ({SOURCE_COLUMNS}) VALUES ({','.join('?' * 14)})", rows)
        for source, *_ in rows:
            chunks = other.rows("SELECT id, source, ordinal, record FROM chunks WHERE source = ?", (source,))
            db.executemany("INSERT INTO chunks (id, source, ordinal, record) VALUES (?, ?, ?, ?)", chunks)
        db.executemany("INSERT INTO readers VALUES (?, ?)", other.rows("SELECT source, label FROM readers"))
        db.executemany("INSERT INTO names VALUES (?, ?)", other.rows("SELECT source, name FROM names"))
        db.executemany("INSERT INTO embedded VALUES (?, ?, ?)", other.rows("SELECT source, space, key FROM embedded"))
        reading = other.rows("SELECT source, words, done FROM being_read")
        db.executemany("INSERT INTO being_read VALUES (?, ?, ?)", reading)
        db.executemany(
            "INSERT INTO waiting VALUES (?, '', '') ON CONFLICT DO NOTHING", ((source,) for source, *_ in reading)
        )
        db.execute("DELETE FROM journal")


def drop_removed(catalog: Catalog) -> None:
    """Forget what was removed and may come back, its bytes included."""
    with catalog.transaction() as db:
        db.execute("DELETE FROM removed")
        db.execute("DELETE FROM removed_vectors")
    catalog.rows("VACUUM")
