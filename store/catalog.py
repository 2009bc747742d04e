"""The catalog: which sources and chunks exist. What it does not name does not exist, whatever the indexes hold."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock

from errors import StoreError
from records import Chunk, Loss, Source, Span

SCHEMA_VERSION = 3
_PARAMETERS = 900  # SQLite's limit on "?" in one statement is 999 in old builds
# Signatures are a cache: they follow from assets, and are made when they are missing.
_PICTURES = (
    "CREATE TABLE signatures (asset TEXT PRIMARY KEY, recipe TEXT NOT NULL, features BLOB NOT NULL)",
    "CREATE INDEX pictures_of_chunks ON chunks (json_extract(record, '$.picture'), source, id) "
    "WHERE json_extract(record, '$.picture') <> ''",
)
_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sources (
    source TEXT PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, pages INTEGER NOT NULL, chunks INTEGER NOT NULL,
    whenever TEXT NOT NULL, content_hash TEXT NOT NULL, original TEXT NOT NULL, losses TEXT NOT NULL,
    stamp TEXT NOT NULL, parser TEXT NOT NULL, assets TEXT NOT NULL, space TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS chunks (
    id TEXT PRIMARY KEY, source TEXT NOT NULL, ordinal INTEGER NOT NULL, record TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS chunks_of_source ON chunks (source, ordinal);
CREATE TABLE IF NOT EXISTS journal (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS waiting (source TEXT PRIMARY KEY, work TEXT NOT NULL);
""" + ";".join(_PICTURES)
# What turns a catalog of a version into one of the next. Everything else about the folder is mended by store.doctor.
_MIGRATIONS = {
    1: (
        "CREATE TABLE waiting (source TEXT PRIMARY KEY, work TEXT NOT NULL)",
        "ALTER TABLE sources ADD COLUMN space TEXT NOT NULL DEFAULT ''",
    ),
    2: _PICTURES,
}

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
        self.path = path
        self._lock = Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=60, check_same_thread=False, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"The catalog {path} cannot be opened ({error}). Choose another --data-dir.") from error
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._db.close()
            raise StoreError(
                f"The catalog {path} cannot be opened ({error}). Free space, check its rights, or choose another --data-dir."
            ) from error
        except StoreError:
            self._db.close()
            raise

    def _prepare(self) -> None:
        """Makes an empty file a catalog, and one of an older version one of this."""
        version = self._version()
        if version == SCHEMA_VERSION:
            self._db.execute("PRAGMA synchronous=FULL")
            return
        self._db.execute("PRAGMA journal_mode=WAL")
        # the journal must be on the disk before the indexes are touched
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("BEGIN IMMEDIATE")
        try:
            version = self._version()  # another process may have been faster
            if version == 0:
                for statement in filter(str.strip, _TABLES.split(";")):
                    self._db.execute(statement)
                self._db.execute("INSERT INTO meta VALUES ('index', ?)", (uuid.uuid4().hex[:12],))
            for step in range(version or SCHEMA_VERSION, SCHEMA_VERSION):
                for statement in _MIGRATIONS[step]:
                    self._db.execute(statement)
            self._db.execute("INSERT OR REPLACE INTO meta VALUES ('schema', ?)", (str(SCHEMA_VERSION),))
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise

    def _version(self) -> int:
        """The file's version, 0 for an empty file.

        Raises:
            StoreError: it is of a version that this program does not know.
        """
        if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            return 0
        version = self.meta("schema") or "1"
        if not version.isdigit() or not 1 <= int(version) <= SCHEMA_VERSION:
            raise StoreError(
                f"{self.path} was made by a newer version of this program (schema {version}; this one reads up to "
                f"{SCHEMA_VERSION}). Update this program, or choose another --data-dir."
            )
        return int(version)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
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
                raise StoreError(
                    f"The catalog {self.path} could not be written ({error}). Free space and check its rights; nothing was "
                    "lost."
                ) from error

    def _rows(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[str, ...]]:
        with self._lock:
            try:
                return self._db.execute(query, parameters).fetchall()
            except sqlite3.Error as error:
                raise StoreError(
                    f"The catalog {self.path} cannot be read ({error}). Bring a backup back: python -m store import FILE."
                ) from error

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

    def titles(self) -> list[tuple[str, str]]:
        """Each source with its title."""
        return [(row[0], row[1]) for row in self._rows("SELECT source, title FROM sources ORDER BY source")]

    def stamp(self) -> tuple[object, ...]:
        """Changes whenever the catalog does, whoever changes it."""
        return (*self._rows("PRAGMA data_version"), self._db.total_changes)

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
        self,
        source: Source,
        chunks: Sequence[Chunk],
        fingerprint: Fingerprint,
        assets: Iterable[str],
        space: str = "",
    ) -> None:
        """Makes ``chunks`` all that ``source`` has, with vectors in the embedding space ``space``, at one moment."""
        with self._transaction() as db:
            db.execute("DELETE FROM chunks WHERE source = ?", (source.source,))
            db.executemany(
                "INSERT INTO chunks VALUES (?, ?, ?, ?)",
                ((chunk.id, chunk.source, chunk.ordinal, dump_chunk(chunk)) for chunk in chunks),
            )
            db.execute(
                "INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
                    space,
                ),
            )
            db.execute("DELETE FROM waiting WHERE source = ?", (source.source,))

    def remove_source(self, source: str) -> None:
        """Forgets ``source`` and its chunks, at one moment."""
        with self._transaction() as db:
            db.execute("DELETE FROM chunks WHERE source = ?", (source,))
            db.execute("DELETE FROM sources WHERE source = ?", (source,))
            db.execute("DELETE FROM waiting WHERE source = ?", (source,))

    def assets(self) -> set[str]:
        """Names of all assets in use."""
        return {name for row in self._rows("SELECT assets FROM sources") for name in json.loads(row[0])}

    def assets_of(self, source: str) -> set[str]:
        """Names of the assets that ``source`` uses."""
        rows = self._rows("SELECT assets FROM sources WHERE source = ?", (source,))
        return set(json.loads(rows[0][0])) if rows else set()

    def spaces(self) -> dict[str, str]:
        """The embedding space in which each source's vectors lie; "" where an older version did not note it."""
        return dict(self._rows("SELECT source, space FROM sources"))  # type: ignore[arg-type]

    def space(self, source: str) -> str | None:
        """The embedding space in which the vectors of ``source`` lie, or None when it is not known."""
        rows = self._rows("SELECT space FROM sources WHERE source = ?", (source,))
        return rows[0][0] if rows else None

    def all_chunks(self) -> Iterator[Chunk]:
        """Every chunk there is, source by source."""
        for (source,) in self._rows("SELECT source FROM sources ORDER BY source"):
            yield from self.chunks_of(source)

    def pictures(self, sources: Iterable[str] | None = None) -> dict[str, list[str]]:
        """The assets that chunks have as their picture, with the ids of those chunks; of all sources, or of these."""
        query = (
            "SELECT json_extract(record, '$.picture'), source, id FROM chunks INDEXED BY pictures_of_chunks "
            "WHERE json_extract(record, '$.picture') <> ''"
        )
        allowed = None if sources is None else set(sources)
        found: dict[str, list[str]] = {}
        for asset, source, id_ in self._rows(query):
            if allowed is None or source in allowed:
                found.setdefault(asset, []).append(id_)
        return found

    def signed(self, recipe: str | None = None) -> set[str]:
        """The pictures that have a signature, of any recipe or of this one."""
        rows = self._rows("SELECT asset FROM signatures WHERE recipe = coalesce(?, recipe)", (recipe,))
        return {row[0] for row in rows}

    def signatures(self, recipe: str, assets: Sequence[str]) -> dict[str, bytes]:
        """The signatures of ``assets``, as far as there are any of this recipe."""
        found: dict[str, bytes] = {}
        for start in range(0, len(assets), _PARAMETERS):
            part = assets[start : start + _PARAMETERS]
            marks = ",".join("?" * len(part))
            query = f"SELECT asset, features FROM signatures WHERE recipe = ? AND asset IN ({marks})"
            found.update(self._rows(query, (recipe, *part)))  # type: ignore[arg-type]
        return found

    def sign(self, recipe: str, signatures: Mapping[str, bytes]) -> None:
        """Stores signatures of pictures; of those alone that a source uses."""
        query = (
            "INSERT OR REPLACE INTO signatures SELECT ?1, ?2, ?3 WHERE EXISTS "
            "(SELECT 1 FROM chunks WHERE json_extract(record, '$.picture') = ?1 AND json_extract(record, '$.picture') <> '')"
        )
        with self._transaction() as db:
            db.executemany(query, ((asset, recipe, features) for asset, features in signatures.items()))

    def unsign(self, assets: Iterable[str]) -> None:
        """Forgets the signatures of ``assets``."""
        with self._transaction() as db:
            db.executemany("DELETE FROM signatures WHERE asset = ?", ((asset,) for asset in assets))

    def counts(self) -> list[tuple[str, int, int]]:
        """For each name in either table: the source, chunks that it should have (-1: it is no source), chunks it has."""
        query = """
            SELECT s.source, s.chunks, (SELECT COUNT(*) FROM chunks c WHERE c.source = s.source) FROM sources s
            UNION ALL SELECT c.source, -1, COUNT(*) FROM chunks c
            WHERE c.source NOT IN (SELECT source FROM sources) GROUP BY c.source"""
        return [(source, int(should), int(has)) for source, should, has in self._rows(query)]

    def recount(self, sources: Iterable[str]) -> None:
        """Drops chunks of what is no source; a source that lost chunks has those that are left, and waits to be read
        again."""
        with self._transaction() as db:
            for source in sources:
                db.execute(
                    "DELETE FROM chunks WHERE source = ? AND source NOT IN (SELECT source FROM sources)", (source,)
                )
                db.execute(
                    "UPDATE sources SET content_hash = '', stamp = '', chunks = (SELECT COUNT(*) FROM chunks c WHERE "
                    "c.source = sources.source) WHERE source = ?",
                    (source,),
                )
                db.execute("INSERT OR IGNORE INTO waiting SELECT source, '' FROM sources WHERE source = ?", (source,))

    def void(self, sources: Iterable[str]) -> None:
        """Lets ``sources`` be read again although they have not changed; they wait for it."""
        with self._transaction() as db:
            for source in sources:
                db.execute("UPDATE sources SET content_hash = '', stamp = '' WHERE source = ?", (source,))
                db.execute("INSERT OR IGNORE INTO waiting VALUES (?, '')", (source,))

    def adopt(self, other: Catalog) -> None:
        """Takes over all sources and chunks of ``other`` at one moment, and ends the write that is journaled."""
        columns = (
            "source, kind, title, pages, chunks, whenever, content_hash, original, losses, stamp, parser, assets, space"
        )
        with self._transaction() as db:
            rows = other._rows(f"SELECT {columns} FROM sources")
            db.executemany(f"INSERT INTO sources ({columns}) VALUES ({','.join('?' * 13)})", rows)
            for source, *_ in rows:
                chunks = other._rows("SELECT id, source, ordinal, record FROM chunks WHERE source = ?", (source,))
                db.executemany("INSERT INTO chunks (id, source, ordinal, record) VALUES (?, ?, ?, ?)", chunks)
            db.execute("DELETE FROM journal")

    def set_space(self, source: str, space: str) -> None:
        """Notes that the vectors of ``source`` lie in ``space``."""
        with self._transaction() as db:
            db.execute("UPDATE sources SET space = ? WHERE source = ?", (space, source))

    def expect(self, sources: Iterable[str], work: str) -> None:
        """Notes that ``work`` is going to take ``sources`` in."""
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO waiting VALUES (?, ?)", ((source, work) for source in sources))

    def waiting(self) -> dict[str, str]:
        """Sources that some work was going to take in, in their order, and that work."""
        return dict(self._rows("SELECT source, work FROM waiting ORDER BY rowid"))  # type: ignore[arg-type]

    def forget(self, sources: Iterable[str]) -> None:
        """Nobody waits for ``sources`` any more."""
        with self._transaction() as db:
            db.executemany("DELETE FROM waiting WHERE source = ?", ((source,) for source in sources))

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

    def faults(self) -> list[str]:
        """What SQLite's own check finds broken in the file."""
        return [row[0] for row in self._rows("PRAGMA integrity_check") if row[0] != "ok"]

    def save(self, path: Path) -> None:
        """Writes a copy as of one moment to ``path``, while others may go on writing."""
        with self._lock:
            try:
                copy = sqlite3.connect(path)
                try:
                    self._db.backup(copy)
                    copy.execute("PRAGMA journal_mode=DELETE")
                finally:
                    copy.close()
            except sqlite3.Error as error:
                raise StoreError(f"The catalog could not be copied to {path} ({error}). Is the disk full?") from error

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
