"""What the store asks of a database of rows. SQL is written once, as SQLite reads it; what another database says otherwise is
translated where it is spoken to (``store.database.postgres``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from errors import StoreError


class DatabaseFault(Exception):
    """A database cannot be reached or refuses; the message says why, and names no password."""


class Session(Protocol):
    """An open transaction. Parameters stand as ``?`` in a query."""

    def execute(self, query: str, parameters: Sequence[Any] = (), /) -> Any:
        """Run ``query``; return a cursor with ``fetchone``, ``fetchall`` and ``rowcount``."""
        ...

    def executemany(self, query: str, parameters: Iterable[Sequence[Any]], /) -> Any:
        """Run ``query`` once with each of ``parameters``."""
        ...


class Tables(Protocol):
    """Tables of one part of the store. Safe to use from several threads. Every method raises DatabaseFault.

    Write an upsert as ``INSERT ... ON CONFLICT``, name columns that are words of SQL in quotes, and order by a column or
    ``rowid``.
    """

    place: str  # what it is called in messages

    def transaction(self) -> AbstractContextManager[Session]:
        """Do all or nothing of what is done in it, while nobody else writes to these tables."""
        ...

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return what ``query`` finds."""
        ...


class Database(Tables, Protocol):
    """Tables that are kept open, and looked after."""

    def has_table(self, name: str) -> bool:
        """Tell whether there is such a table."""
        ...

    def stamp(self) -> tuple[object, ...]:
        """Return what changes whenever the tables do, whoever changes them."""
        ...

    def faults(self) -> list[str]:
        """Return what the database's own check finds broken."""
        ...

    def snapshot(self, path: Path) -> bool:
        """Write a copy as of one moment to the SQLite file ``path``, while others may go on writing; return False where this
        database cannot."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


def statements(script: str) -> list[str]:
    """Return the statements of ``script``, which are divided by semicolons."""
    return [statement for statement in script.split(";") if statement.strip()]


def newer(place: str, found: object, known: int) -> StoreError:
    """Return the error of tables that a later version of this program made."""
    return StoreError(
        f"{place} was made by a newer version of this program (schema {found}; this one reads up to {known}). Update this "
        "program, or choose another --data-dir."
    )
