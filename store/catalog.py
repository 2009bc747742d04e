"""The catalog: which sources and chunks exist. What it does not name does not exist, whatever the indexes hold.

It tells everything to whoever has it, so only the store and its commands do. What is read for somebody goes through
store.documents.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from errors import StoreError
from records import About, Access, Chunk, Kind, Reading, Source
from store.attached import attached_in
from store.auth.access import load_access
from store.database.base import DatabaseFault, Session
from store.database.opening import catalog_database
from store.readers import note_relabel, noted_access, readers_of, set_access, set_readers
from store.schema import SOURCE_COLUMNS, TABLES_OF_SOURCE, UPSERT_META, prepare
from store.serialisation import SELECT_SOURCE, dump_about, dump_chunk, load_chunk, load_source

# settings of the index
SWITCHED = "switched"  # it was embedded anew once, so that one model has made all its vectors
BEING_FILLED = "being filled"  # keys of spaces that are on their way to take the place of others

_SAME_SPACE = "ON CONFLICT (source, space) DO UPDATE SET key = excluded.key"
PARAMETERS = 900  # SQLite's limit on "?" in one statement is 999 in old builds


@dataclass(frozen=True)
class Fingerprint:
    """What decides whether a source must be parsed again."""

    content_hash: str
    stamp: str  # size and modification time of a file, so that an unchanged one need not be read; "" for a URL
    parser: str  # version and settings of the parsers


class Catalog:
    """The catalog in the SQLite file ``path``, or with a ``url`` in a PostgreSQL database. Safe to use from several threads.

    Raises:
        StoreError: it cannot be opened.
    """

    def __init__(self, path: Path, url: str = "") -> None:
        self.path = path
        try:
            self._database = catalog_database(path, url)
        except DatabaseFault as error:
            where = f"{path} cannot be opened ({error}). Choose another --data-dir."
            raise StoreError(f"The catalog {_unreachable(error) if url else where}") from error
        self.place = self._database.place
        try:
            prepare(self._database)
        except DatabaseFault as error:
            self._database.close()
            raise StoreError(
                f"The catalog {self.place} cannot be opened ({error}). Free space, check its rights, or choose another "
                "--data-dir."
            ) from error
        except StoreError:
            self._database.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Do all or nothing of what is done in it.

        Raises:
            StoreError: it cannot be written.
        """
        try:
            with self._database.transaction() as db:
                yield db
        except DatabaseFault as error:
            raise StoreError(
                f"The catalog {self.place} could not be written ({error}). Free space and check its rights; nothing was lost."
            ) from error

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return what ``query`` finds.

        Raises:
            StoreError: it cannot be read.
        """
        try:
            return self._database.rows(query, parameters)
        except DatabaseFault as error:
            raise StoreError(
                f"The catalog {self.place} cannot be read ({error}). Bring a backup back: python -m store import FILE."
            ) from error

    def meta(self, key: str) -> str:
        """Return a stored setting of the index, or ""."""
        rows = self.rows("SELECT value FROM meta WHERE key = ?", (key,))
        return rows[0][0] if rows else ""

    def set_meta(self, key: str, value: str) -> None:
        """Store a setting of the index."""
        if self.meta(key) != value:
            with self.transaction() as db:
                db.execute(UPSERT_META, (key, value))

    def sources(self) -> list[Source]:
        """Return all sources, by name."""
        return [load_source(row) for row in self.rows(f"{SELECT_SOURCE} ORDER BY source")]

    def stamp(self) -> tuple[object, ...]:
        """Return what changes whenever the catalog does, whoever changes it."""
        try:
            return self._database.stamp()
        except DatabaseFault as error:
            raise StoreError(f"The catalog {self.place} cannot be read ({error}).") from error

    def source(self, name: str) -> Source | None:
        """Return the source ``name``; None when it is not known."""
        rows = self.rows(f"{SELECT_SOURCE} WHERE source = ?", (name,))
        return load_source(rows[0]) if rows else None

    def fingerprint(self, source: str) -> Fingerprint | None:
        """Return how ``source`` was when it was taken in; None when it is not known."""
        rows = self.rows("SELECT content_hash, stamp, parser FROM sources WHERE source = ?", (source,))
        return Fingerprint(*rows[0]) if rows else None

    def touch(self, source: str, stamp: str) -> None:
        """Note a new time stamp for unchanged content."""
        with self.transaction() as db:
            db.execute("UPDATE sources SET stamp = ? WHERE source = ?", (stamp, source))

    def chunk_ids(self, source: str) -> list[str]:
        """Return the ids of a source's chunks in reading order."""
        return [row[0] for row in self.rows("SELECT id FROM chunks WHERE source = ? ORDER BY ordinal", (source,))]

    def chunks(
        self, ids: Sequence[str], condition: str = "1 = 1", parameters: Sequence[object] = ()
    ) -> dict[str, Chunk]:
        """Return the chunks with these ids, as far as they exist and an SQL ``condition`` on their source holds."""
        found: dict[str, Chunk] = {}
        for start in range(0, len(ids), PARAMETERS):
            part = ids[start : start + PARAMETERS]
            marks = ",".join("?" * len(part))
            query = f"SELECT record FROM chunks WHERE id IN ({marks}) AND {condition}"
            for (record,) in self.rows(query, (*part, *parameters)):
                chunk = load_chunk(record)
                found[chunk.id] = chunk
        return found

    def chunks_of(self, source: str) -> list[Chunk]:
        """Return the chunks of a source in reading order."""
        query = "SELECT record FROM chunks WHERE source = ? ORDER BY ordinal"
        return [load_chunk(row[0]) for row in self.rows(query, (source,))]

    def replace_source(
        self,
        source: Source,
        chunks: Sequence[Chunk],
        fingerprint: Fingerprint,
        assets: Iterable[str],
        keys: Mapping[str, str],
        indexed: Sequence[str] = (),
        reading: Reading | None = None,
    ) -> None:
        """Make ``chunks`` all that ``source`` has, at one moment, with vectors for each embedding space of ``keys`` at that
        key. Who may read it was said when it was begun; where nothing was said then, it stays as it is. New chunks are in
        the lexical index with the readers ``indexed``. One that is still ``reading`` goes on waiting."""
        with self.transaction() as db:
            access = noted_access(db, source.source)
            known = db.execute("SELECT 1 FROM sources WHERE source = ?", (source.source,)).fetchone() is not None
            db.execute("DELETE FROM chunks WHERE source = ?", (source.source,))
            db.executemany(
                "INSERT INTO chunks VALUES (?, ?, ?, ?)",
                ((chunk.id, chunk.source, chunk.ordinal, dump_chunk(chunk)) for chunk in chunks),
            )
            db.execute("DELETE FROM sources WHERE source = ?", (source.source,))
            db.execute(
                f"INSERT INTO sources ({SOURCE_COLUMNS}) VALUES ({','.join('?' * 14)})",
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
                    access.owner,
                    dump_about(source.about),
                ),
            )
            _set_keys(db, source.source, keys)
            if known or sorted(indexed) != sorted(access.readers):
                note_relabel(db, source.source, access if known else None)
            set_readers(db, source.source, access)
            db.execute("DELETE FROM being_read WHERE source = ?", (source.source,))
            if reading is None:
                db.execute("DELETE FROM waiting WHERE source = ?", (source.source,))
            else:
                db.execute("INSERT INTO being_read VALUES (?, ?, ?)", (source.source, reading.words, reading.done))

    def remove_source(self, source: str) -> None:
        """Remove ``source`` and its chunks, and what was kept of it before, at one moment."""
        with self.transaction() as db:
            for table in (*TABLES_OF_SOURCE, "removed", "removed_vectors"):
                db.execute(f"DELETE FROM {table} WHERE source = ?", (source,))

    def access(self, source: str) -> Access | None:
        """Return who may read ``source``, which is here or on its way; None when it is neither, or nothing was said yet."""
        known = self.source(source)
        if known is not None:
            return known.access
        rows = self.rows("SELECT access FROM waiting WHERE source = ?", (source,))
        return load_access(rows[0][0]) if rows else None

    def readers(self, sources: Iterable[str] | None = None) -> dict[str, tuple[str, ...]]:
        """Return the readers of all sources that have some, or of each of ``sources``, also of one that was only begun."""
        if sources is None:
            found: dict[str, tuple[str, ...]] = {}
            for source, label in self.rows("SELECT source, label FROM readers ORDER BY source, label"):
                found[source] = (*found.get(source, ()), label)
            return found
        with self.transaction() as db:
            return {source: readers_of(db, source) for source in sources}

    def attached_to(self, source: str) -> list[str]:
        """Return the sources that are attached to ``source``."""
        with self.transaction() as db:
            return attached_in(db, source)

    def set_access(self, source: str, access: Access) -> bool:
        """Set who may read ``source`` and what is attached to it, from this moment on; return False when it is not known."""
        with self.transaction() as db:
            return set_access(db, source, access)

    def set_name(self, source: str, name: str) -> bool:
        """Give ``source`` a name, or with "" none; return False when it is not known."""
        with self.transaction() as db:
            known = db.execute("SELECT 1 FROM sources WHERE source = ?", (source,)).fetchone() is not None
            db.execute("DELETE FROM names WHERE source = ?", (source,))
            if known and name:
                db.execute("INSERT INTO names VALUES (?, ?)", (source, name))
        return known

    def set_about(self, source: str, about: About) -> bool:
        """Note what is known of ``source`` besides its passages; return False when it is not known."""
        with self.transaction() as db:
            record = dump_about(about)
            return bool(db.execute("UPDATE sources SET about = ? WHERE source = ?", (record, source)).rowcount)

    def assets(self) -> set[str]:
        """Return the names of all assets in use, by what was removed and may come back, too."""
        query = "SELECT assets FROM sources UNION ALL SELECT json_extract(fields, '$.assets') FROM removed"
        return {name for row in self.rows(query) for name in json.loads(row[0])}

    def assets_of(self, source: str) -> set[str]:
        """Return the names of the assets that ``source`` uses."""
        rows = self.rows("SELECT assets FROM sources WHERE source = ?", (source,))
        return set(json.loads(rows[0][0])) if rows else set()

    def add_asset(self, source: str, name: str) -> None:
        """Let ``source`` use the asset ``name``, too."""
        with self.transaction() as db:
            for (names,) in db.execute("SELECT assets FROM sources WHERE source = ?", (source,)).fetchall():
                together = json.dumps(sorted({*json.loads(names), name}))
                db.execute("UPDATE sources SET assets = ? WHERE source = ?", (together, source))

    def knows(self, source: str) -> bool:
        """Tell whether ``source`` is one."""
        return bool(self.rows("SELECT 1 FROM sources WHERE source = ?", (source,)))

    def is_removed(self, source: str) -> bool:
        """Tell whether ``source`` was removed and may come back."""
        return bool(self.rows("SELECT 1 FROM removed WHERE source = ?", (source,)))

    def keys(self, sources: Iterable[str] | None = None) -> dict[tuple[str, str], str]:
        """Return for each source, or each of ``sources``, and named embedding space the key at which the source's vectors
        lie; there is none where an older version did not note it, and of a space that came later."""
        query = "SELECT source, space, key FROM embedded"
        if sources is None:
            return {(source, space): key for source, space, key in self.rows(query)}
        named = sorted(set(sources))
        found: dict[tuple[str, str], str] = {}
        for start in range(0, len(named), PARAMETERS):
            part = named[start : start + PARAMETERS]
            rows = self.rows(f"{query} WHERE source IN ({','.join('?' * len(part))})", part)
            found.update({(source, space): key for source, space, key in rows})
        return found

    def keys_of(self, space: str) -> set[str]:
        """Return the keys at which vectors of the named embedding space lie."""
        return {key for (key,) in self.rows("SELECT DISTINCT key FROM embedded WHERE space = ?", (space,))}

    def has_key(self, space: str, key: str) -> bool:
        """Tell whether vectors of the named embedding space lie at ``key``."""
        return bool(self.rows("SELECT 1 FROM embedded WHERE space = ? AND key = ? LIMIT 1", (space, key)))

    def set_keys(self, source: str, keys: Mapping[str, str]) -> None:
        """Note at which key the vectors of ``source`` lie, for each named embedding space of ``keys``."""
        with self.transaction() as db:
            _set_keys(db, source, keys)

    def switch_keys(self, keys: Mapping[str, str], whole: Iterable[str]) -> None:
        """Note at one moment that the vectors of all sources lie at ``keys``, for each named embedding space, and begin the
        removal of what lies elsewhere: every chunk is in the journal then.

        Args:
            keys: by the name of the space.
            whole: sources whose chunks the embedder of the new key of texts reads to the end, so that they need not be cut
                anew: the parser's version, which names the embedder that chunks were cut for, then names this one.
        """
        cut_for = list(whole)
        with self.transaction() as db:
            for space, key in keys.items():
                query = "SELECT source, key FROM embedded WHERE space = ? AND key <> ?"
                former = dict(db.execute(query, (space, key)).fetchall())
                db.executemany(
                    "UPDATE sources SET parser = replace(parser, ?, ?) WHERE source = ?",
                    ((former[source], key, source) for source in cut_for if source in former),
                )
                db.execute(
                    "INSERT INTO embedded SELECT source, ?, ? FROM sources "
                    f"WHERE source NOT IN (SELECT source FROM being_read) {_SAME_SPACE}",
                    (space, key),
                )
            db.execute("INSERT INTO journal SELECT id FROM chunks WHERE 1 = 1 ON CONFLICT DO NOTHING")
            db.execute(UPSERT_META, (SWITCHED, "1"))
            db.execute("DELETE FROM meta WHERE key = ?", (BEING_FILLED,))

    def kinds(self) -> list[tuple[str, str, Kind]]:
        """Return id, source and kind of every chunk of a source, but for those that are not to be embedded."""
        query = """
            SELECT id, source, json_extract(record, '$.kind') FROM chunks WHERE source IN (SELECT source FROM sources)
            AND source NOT IN (SELECT source FROM being_read)"""
        return self.rows(query)  # type: ignore[return-value]

    def all_chunks(self) -> Iterator[Chunk]:
        """Yield every chunk there is, source by source."""
        for (source,) in self.rows("SELECT source FROM sources ORDER BY source"):
            yield from self.chunks_of(source)

    def invalidate(self, sources: Iterable[str]) -> None:
        """Let ``sources`` be read again although they have not changed; they wait for it."""
        with self.transaction() as db:
            for source in sources:
                db.execute("UPDATE sources SET content_hash = '', stamp = '' WHERE source = ?", (source,))
                db.execute("INSERT INTO waiting VALUES (?, '', '') ON CONFLICT DO NOTHING", (source,))

    def journal(self) -> list[str]:
        """Return chunk ids and assets whose writing or deleting was begun and not seen to end."""
        return [row[0] for row in self.rows("SELECT id FROM journal")]

    def begin(self, names: Iterable[str]) -> None:
        """Note that the store is about to gain or lose the chunks and assets ``names``."""
        with self.transaction() as db:
            db.executemany("INSERT INTO journal VALUES (?) ON CONFLICT DO NOTHING", ((name,) for name in names))

    def finish(self) -> None:
        """Note that the indexes agree with the catalog."""
        with self.transaction() as db:
            db.execute("DELETE FROM journal")

    def faults(self) -> list[str]:
        """Return what the database's own check finds broken."""
        try:
            return self._database.faults()
        except DatabaseFault as error:
            return [str(error)]

    def snapshot(self, path: Path) -> bool:
        """Copy the file to ``path`` as of one moment; return False, and copy nothing, where it is no file.

        Raises:
            StoreError: it cannot be read or written.
        """
        try:
            return self._database.snapshot(path)
        except DatabaseFault as error:
            raise StoreError(f"The catalog could not be copied to {path} ({error}). Is the disk full?") from error

    def close(self) -> None:
        """Close the file, or the connections."""
        self._database.close()


def _unreachable(error: DatabaseFault) -> str:
    """What is wrong with a database elsewhere; the address is not shown, for it may hold a password."""
    return f"at CATALOG_URL cannot be reached ({error}). Start the server, correct CATALOG_URL, or unset it."


def _set_keys(db: Session, source: str, keys: Mapping[str, str]) -> None:
    db.executemany(f"INSERT INTO embedded VALUES (?, ?, ?) {_SAME_SPACE}", ((source, *item) for item in keys.items()))
