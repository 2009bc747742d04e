"""Where the tables of a part of the store lie: in a SQLite file of the data folder, or in a database that machines share."""

from __future__ import annotations

from pathlib import Path

from store.database.base import Database, Tables
from store.database.postgres import PostgresDatabase
from store.database.sqlite import SqliteDatabase, SqliteFile


def catalog_database(path: Path, url: str) -> Database:
    """Return the database of the catalog: the file ``path``, or the one at ``url``.

    Raises:
        DatabaseFault: it cannot be opened.
    """
    return PostgresDatabase(url, path.stem) if url else SqliteDatabase(path)


def small_database(path: Path, url: str, tables: str, version: int) -> Tables:
    """Return the database of what lies beside the catalog, its tables made by the script ``tables`` where they are not there:
    the file ``path``, or the one at ``url``.

    Raises:
        DatabaseFault: it cannot be opened.
        StoreError: a later version of this program made it.
    """
    return PostgresDatabase(url, path.stem, tables, version) if url else SqliteFile(path, tables, version)
