"""SQLite: one file that is kept open (the catalog), or small ones that are opened for each use."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from store.database.base import DatabaseFault, Session, newer, statements


class SqliteDatabase:
    """One file in WAL mode, kept open: any number of readers beside one writer."""

    def __init__(self, path: Path) -> None:
        self.place = str(path)
        self._lock = RLock()  # who writes may read meanwhile
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=60, check_same_thread=False, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise DatabaseFault(str(error)) from error
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            # the journal must be on the disk before the indexes are touched
            self._db.execute("PRAGMA synchronous=FULL")
        except sqlite3.Error as error:
            self._db.close()
            raise DatabaseFault(str(error)) from error

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Do all or nothing of what is done in it."""
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            except BaseException as error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                if not isinstance(error, sqlite3.Error):
                    raise
                raise DatabaseFault(str(error)) from error

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return what ``query`` finds."""
        with self._lock:
            try:
                return self._db.execute(query, parameters).fetchall()
            except sqlite3.Error as error:
                raise DatabaseFault(str(error)) from error

    def has_table(self, name: str) -> bool:
        """Tell whether there is such a table."""
        return bool(self.rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (name,)))

    def stamp(self) -> tuple[object, ...]:
        """Return what changes whenever the file does, whoever changes it."""
        return (*self.rows("PRAGMA data_version"), self._db.total_changes)

    def faults(self) -> list[str]:
        """Return what SQLite's own check finds broken in the file."""
        return [row[0] for row in self.rows("PRAGMA integrity_check") if row[0] != "ok"]

    def snapshot(self, path: Path) -> bool:
        """Write a copy as of one moment to ``path``."""
        with self._lock:
            try:
                with closing(sqlite3.connect(path)) as copy:
                    self._db.backup(copy)
                    copy.execute("PRAGMA journal_mode=DELETE")
            except sqlite3.Error as error:
                raise DatabaseFault(str(error)) from error
        return True

    def close(self) -> None:
        """Close the file, when a thread that is left over has read what it reads: SQLite crashes otherwise."""
        with self._lock:
            self._db.close()


class SqliteFile:
    """A small file that is opened for each use, readable by its owner alone, so that programs may come, go and delete it.

    Args:
        path: of the file.
        tables: the script that makes them, in an empty file.
        version: of ``tables``; a file of a later one is refused.
    """

    def __init__(self, path: Path, tables: str, version: int) -> None:
        self.place = str(path)
        self._path = path
        self._tables = tables
        self._version = version

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Do all or nothing of what is done in it; the file is made where there is none."""
        with self._opened() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                if self._found(db) < self._version:
                    for statement in statements(self._tables):
                        db.execute(statement)
                    db.execute(f"PRAGMA user_version = {self._version}")
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return what ``query`` finds; nothing where there is no file."""
        if not self._path.exists():
            return []
        with self._opened() as db:
            return db.execute(query, parameters).fetchall() if self._found(db) else []

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=60, isolation_level=None)) as db:
                self._path.chmod(0o600)
                db.execute("PRAGMA foreign_keys=ON")
                db.execute("PRAGMA secure_delete=ON")  # what was deleted is not left in the file
                yield db
        except (sqlite3.Error, OSError) as error:
            raise DatabaseFault(str(error)) from error

    def _found(self, db: sqlite3.Connection) -> int:
        """The version of the file's tables, 0 of an empty one."""
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
        if version > self._version:
            raise newer(self._path.name, version, self._version)
        return version
