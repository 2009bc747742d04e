"""Places that are kept in step with the index, what each brought, and the history of its runs: a SQLite file of its own in
the data folder, or tables beside a catalog that machines share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from errors import StoreError
from records import Loss
from store.database.base import DatabaseFault, Session
from store.database.locking import lock_of
from store.database.opening import small_database

FILE = "syncs.sqlite"
MOST_RUNS = 500  # of one sync that are kept
MOST_NAMED = 200  # losses and failures of one run that are kept by name; all are counted

_TABLES = """
CREATE TABLE IF NOT EXISTS syncs (
    name TEXT PRIMARY KEY, definition TEXT NOT NULL, failures INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS items (sync TEXT NOT NULL, source TEXT NOT NULL, PRIMARY KEY (sync, source)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runs (number INTEGER PRIMARY KEY, sync TEXT NOT NULL, record TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS runs_of_sync ON runs (sync, number);
"""


@dataclass(frozen=True, kw_only=True)
class Sync:
    """A place that is kept in step."""

    name: str
    location: str  # an absolute path, @LIST, or a link
    every: float = 0.0  # seconds from one run to the next; 0 runs it only when it is asked for
    include: tuple[str, ...] = ()  # globs
    exclude: tuple[str, ...] = ()  # globs
    groups: tuple[str, ...] | None = None  # who may read what it brings, where no sidecar says it; None says nothing


@dataclass(frozen=True)
class State:
    """A sync, how many of its runs failed one after the other, and when it is to run next, in seconds since 1970."""

    sync: Sync
    failures: int = 0
    due: float = 0.0


@dataclass(frozen=True, kw_only=True)
class SyncRun:
    """What one run did."""

    sync: str
    began: str  # ISO 8601, UTC
    seconds: float = 0.0
    listed: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    moved: int = 0
    removed: int = 0
    failed: int = 0
    error: str = ""  # why the place itself could not be followed; "" when it could
    failures: tuple[Loss, ...] = ()  # sources that could not be read, and why
    losses: tuple[Loss, ...] = field(default=())  # of sources that were taken in, and what was left out of the listing


class Syncs:
    """The syncs of a data folder. Safe to use from several threads and programs."""

    def __init__(self, folder: Path, url: str = "") -> None:
        with _usable(folder / FILE):
            self._tables = small_database(folder / FILE, url, _TABLES, 1)
        self.lock = lock_of(folder, "syncs", url)  # held by whoever runs one

    def define(self, sync: Sync) -> None:
        """Keep ``sync``, in place of one of its name; it is due at once. What it brought before stays its own."""
        definition = json.dumps(asdict(sync))
        with self._write() as db:
            db.execute(
                "INSERT INTO syncs (name, definition) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET "
                "definition = excluded.definition, failures = 0, due = 0",
                (sync.name, definition),
            )

    def all(self) -> list[State]:
        """Return the syncs, by name."""
        return [_state(row) for row in self._rows("SELECT definition, failures, due FROM syncs ORDER BY name")]

    def state(self, name: str) -> State | None:
        """Return the sync ``name``; None when there is none."""
        rows = self._rows("SELECT definition, failures, due FROM syncs WHERE name = ?", (name,))
        return _state(rows[0]) if rows else None

    def forget(self, name: str) -> bool:
        """Forget the sync ``name`` and its history, not what it brought; return False when there is none."""
        with self._write() as db:
            known = bool(db.execute("DELETE FROM syncs WHERE name = ?", (name,)).rowcount)
            for table in ("items", "runs"):
                db.execute(f"DELETE FROM {table} WHERE sync = ?", (name,))
        return known

    def items(self, name: str) -> set[str]:
        """Return the sources that the sync ``name`` brought."""
        return {source for (source,) in self._rows("SELECT source FROM items WHERE sync = ?", (name,))}

    def shared(self, name: str) -> set[str]:
        """Return the sources that other syncs brought, too."""
        return {source for (source,) in self._rows("SELECT source FROM items WHERE sync <> ?", (name,))}

    def add_items(self, name: str, sources: Iterable[str]) -> None:
        """Note that the sync ``name`` brings ``sources``."""
        with self._write() as db:
            db.executemany(
                "INSERT INTO items VALUES (?, ?) ON CONFLICT DO NOTHING", ((name, source) for source in sources)
            )

    def drop_items(self, name: str, sources: Iterable[str]) -> None:
        """Note that ``sources`` are none of the sync ``name`` any more."""
        with self._write() as db:
            db.executemany("DELETE FROM items WHERE sync = ? AND source = ?", ((name, source) for source in sources))

    def note(self, run: SyncRun, failures: int, due: float) -> None:
        """Add ``run`` to the history of its sync, which has failed ``failures`` times in a row and is ``due`` next then."""
        with self._write() as db:
            db.execute("INSERT INTO runs (sync, record) VALUES (?, ?)", (run.sync, json.dumps(asdict(run))))
            db.execute("UPDATE syncs SET failures = ?, due = ? WHERE name = ?", (failures, due, run.sync))
            db.execute(
                "DELETE FROM runs WHERE sync = ? AND number NOT IN "
                "(SELECT number FROM runs WHERE sync = ? ORDER BY number DESC LIMIT ?)",
                (run.sync, run.sync, MOST_RUNS),
            )

    def history(self, name: str, limit: int = MOST_RUNS) -> list[SyncRun]:
        """Return the latest runs of the sync ``name``, the last one first."""
        rows = self._rows("SELECT record FROM runs WHERE sync = ? ORDER BY number DESC LIMIT ?", (name, limit))
        return [_run(json.loads(record)) for (record,) in rows]

    def _rows(self, query: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        with _usable(self._tables.place):
            return self._tables.rows(query, parameters)

    @contextmanager
    def _write(self) -> Iterator[Session]:
        with _usable(self._tables.place), self._tables.transaction() as db:
            yield db


@contextmanager
def _usable(place: Path | str) -> Iterator[None]:
    try:
        yield
    except DatabaseFault as error:
        raise StoreError(
            f"The syncs in {place} cannot be read or written ({error}). Check the disk and its rights."
        ) from error


def _state(row: tuple[Any, ...]) -> State:
    definition, failures, due = row
    fields = json.loads(definition)
    lists = {name: tuple(fields[name]) for name in ("include", "exclude")}
    groups = None if fields["groups"] is None else tuple(fields["groups"])
    return State(Sync(**{**fields, **lists, "groups": groups}), failures, due)


def _run(fields: dict[str, Any]) -> SyncRun:
    lists = {name: tuple(Loss(**loss) for loss in fields[name]) for name in ("failures", "losses")}
    return SyncRun(**{**fields, **lists})
