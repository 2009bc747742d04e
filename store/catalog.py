"""The catalog: which sources and chunks exist. What it does not name does not exist, whatever the indexes hold."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock

from errors import StoreError
from records import Chunk, Loss, Source, Span

SCHEMA_VERSION = 1
_PARAMETERS = 900  # SQLite's limit on "?" in one statement is 999 in old builds
_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sources (
    source TEXT PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, pages INTEGER NOT NULL, chunks INTEGER NOT NULL,
    whenever TEXT NOT NULL, content_hash TEXT NOT NULL, original TEXT NOT NULL, losses TEXT NOT NULL,
    stamp TEXT NOT NULL, parser TEXT NOT NULL, assets TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS chunks (
    id TEXT PRIMARY KEY, source TEXT NOT NULL, ordinal INTEGER NOT NULL, record TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS chunks_of_source ON chunks (source, ordinal);
CREATE TABLE IF NOT EXISTS journal (id TEXT PRIMARY KEY);
"""

_SELECT_SOURCE = "SELECT source, kind, title, pages, chunks, whenever, content_hash, original, losses FROM sources"


@dataclass(frozen=True)
class Fingerprint:
    """What decides whether a source must be parsed again."""

    content_hash: str
    stamp: str  # size and modification time of a file, so that an unchanged one need not be read; "" for a URL
    parser: str  # version and settings of the parsers


class Catalog:
    """SQLite in WAL mode: any number of readers beside one writer. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=60, check_same_thread=False, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._lock = Lock()
            self._db.executescript(_TABLES)
            version = self.meta("schema") or str(SCHEMA_VERSION)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"The catalog {path} cannot be opened ({error}). Choose another --data-dir.") from error
        if version != str(SCHEMA_VERSION):
            raise StoreError(
                f"{path} was made by another version of this program (schema {version}, needed {SCHEMA_VERSION}). "
                "Move the folder away and ingest again."
            )
        self.set_meta("schema", version)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise StoreError(f"The catalog could not be written ({error}). Is the disk full?") from error

    def _rows(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[str, ...]]:
        with self._lock:
            return self._db.execute(query, parameters).fetchall()

    def meta(self, key: str) -> str:
        """A stored setting of the index, or ""."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return rows[0][0] if rows else ""

    def set_meta(self, key: str, value: str) -> None:
        """Stores a setting of the index."""
        if self.meta(key) != value:
            with self._transaction() as db:
                db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def sources(self) -> list[Source]:
        """All sources by name."""
        return [_source(row) for row in self._rows(f"{_SELECT_SOURCE} ORDER BY source")]

    def source(self, name: str) -> Source | None:
        """The source ``name``, or None when it is not known."""
        rows = self._rows(f"{_SELECT_SOURCE} WHERE source = ?", (name,))
        return _source(rows[0]) if rows else None

    def fingerprint(self, source: str) -> Fingerprint | None:
        """How ``source`` was when it was taken in, or None when it is not known."""
        rows = self._rows("SELECT content_hash, stamp, parser FROM sources WHERE source = ?", (source,))
        return Fingerprint(*rows[0]) if rows else None

    def touch(self, source: str, stamp: str) -> None:
        """Notes a new time stamp for unchanged content."""
        with self._transaction() as db:
            db.execute("UPDATE sources SET stamp = ? WHERE source = ?", (stamp, source))

    def chunk_ids(self, source: str) -> list[str]:
        """Ids of a source's chunks in reading order."""
        return [row[0] for row in self._rows("SELECT id FROM chunks WHERE source = ? ORDER BY ordinal", (source,))]

    def chunks(self, ids: Sequence[str]) -> dict[str, Chunk]:
        """The chunks with these ids, as far as they exist."""
        found: dict[str, Chunk] = {}
        for start in range(0, len(ids), _PARAMETERS):
            part = ids[start : start + _PARAMETERS]
            marks = ",".join("?" * len(part))
            for (record,) in self._rows(f"SELECT record FROM chunks WHERE id IN ({marks})", part):
                chunk = load_chunk(record)
                found[chunk.id] = chunk
        return found

    def chunks_of(self, source: str) -> list[Chunk]:
        """A source's chunks in reading order."""
        query = "SELECT record FROM chunks WHERE source = ? ORDER BY ordinal"
        return [load_chunk(row[0]) for row in self._rows(query, (source,))]

    def replace_source(
        self, source: Source, chunks: Sequence[Chunk], fingerprint: Fingerprint, assets: Iterable[str]
    ) -> None:
        """Makes ``chunks`` all that ``source`` has, at one moment."""
        with self._transaction() as db:
            db.execute("DELETE FROM chunks WHERE source = ?", (source.source,))
            db.executemany(
                "INSERT INTO chunks VALUES (?, ?, ?, ?)",
                ((chunk.id, chunk.source, chunk.ordinal, dump_chunk(chunk)) for chunk in chunks),
            )
            db.execute(
                "INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    source.source,
                    source.kind,
                    source.title,
                    source.pages,
                    len(chunks),
                    source.when,
                    fingerprint.content_hash,
                    source.original,
                    json.dumps([asdict(loss) for loss in source.losses]),
                    fingerprint.stamp,
                    fingerprint.parser,
                    json.dumps(sorted(set(assets))),
                ),
            )

    def remove_source(self, source: str) -> None:
        """Forgets ``source`` and its chunks, at one moment."""
        with self._transaction() as db:
            db.execute("DELETE FROM chunks WHERE source = ?", (source,))
            db.execute("DELETE FROM sources WHERE source = ?", (source,))

    def assets(self) -> set[str]:
        """Names of all assets in use."""
        return {name for row in self._rows("SELECT assets FROM sources") for name in json.loads(row[0])}

    def assets_of(self, source: str) -> set[str]:
        """Names of the assets that ``source`` uses."""
        rows = self._rows("SELECT assets FROM sources WHERE source = ?", (source,))
        return set(json.loads(rows[0][0])) if rows else set()

    def journal(self) -> list[str]:
        """Chunk ids and assets whose writing or deleting was begun and not seen to end."""
        return [row[0] for row in self._rows("SELECT id FROM journal")]

    def begin(self, names: Iterable[str]) -> None:
        """Notes that the store is about to gain or lose the chunks and assets ``names``."""
        with self._transaction() as db:
            db.executemany("INSERT OR IGNORE INTO journal VALUES (?)", ((name,) for name in names))

    def finish(self) -> None:
        """Notes that the indexes agree with the catalog."""
        with self._transaction() as db:
            db.execute("DELETE FROM journal")

    def close(self) -> None:
        """Closes the file."""
        self._db.close()


def dump_chunk(chunk: Chunk) -> str:
    """A chunk as JSON."""
    return json.dumps(asdict(chunk), ensure_ascii=False, separators=(",", ":"))


def load_chunk(record: str) -> Chunk:
    """The chunk in a JSON record."""
    fields = json.loads(record)
    fields["section"] = tuple(fields["section"])
    fields["bbox"] = tuple(fields["bbox"]) if fields["bbox"] else None
    fields["spans"] = tuple(Span(span["start"], span["end"], tuple(span["bbox"])) for span in fields["spans"])
    return Chunk(**fields)


def _source(row: tuple[str, ...]) -> Source:
    source, kind, title, pages, chunks, when, content_hash, original, losses = row
    return Source(
        source=source,
        kind=kind,  # type: ignore[arg-type]
        title=title,
        pages=int(pages),
        chunks=int(chunks),
        when=when,
        content_hash=content_hash,
        original=original,
        losses=tuple(Loss(**loss) for loss in json.loads(losses)),
    )
