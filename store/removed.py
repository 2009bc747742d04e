"""Sources that were removed and may come back for a while.

Nothing finds them: they are in no table that is searched, and their chunks have left the indexes. Their assets, their
vectors and the copy of an uploaded file stay until ``purge``. Killed anywhere, a source is either here or where it was.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from records import Access, Chunk, Loss, Principal, Source
from store.being_read import PARSER
from store.catalog import Catalog
from store.database.base import Session
from store.maintenance.recovery import UPLOAD, Recovery
from store.parts import Parts
from store.schema import SOURCE_COLUMNS, TABLES_OF_SOURCE
from store.serialisation import load_about, load_chunk
from store.spaces import EmbeddingSpace
from store.uploads import is_upload, remove_upload
from store.vectors.base import Readers
from vision.image_index import ImageIndex

StoredVectors = Mapping[str, Mapping[str, Sequence[float]]]  # by the key of the space and the id of the chunk
_COLUMNS = SOURCE_COLUMNS.split(", ")
_CHUNKS = "SELECT id, source, ordinal, record FROM chunks WHERE source = ? ORDER BY ordinal"


@dataclass(frozen=True)
class RemovedSource:
    """A source as it was, and when it was removed, in seconds since 1970."""

    source: Source
    when: float


def set_aside(catalog: Catalog, source: str, vectors: StoredVectors, when: float) -> None:
    """Take ``source`` out of everything that is read, at one moment, and keep what it had."""
    rows = [
        (source, key, id_, np.asarray(vector, dtype=np.float32).tobytes())
        for key, own in vectors.items()
        for id_, vector in own.items()
    ]
    with catalog.transaction() as db:
        fields = db.execute(f"SELECT {SOURCE_COLUMNS} FROM sources WHERE source = ?", (source,)).fetchone()
        labels = [label for (label,) in db.execute("SELECT label FROM readers WHERE source = ?", (source,))]
        name = db.execute("SELECT name FROM names WHERE source = ?", (source,)).fetchone() or ("",)
        chunks = db.execute(_CHUNKS, (source,)).fetchall()
        _forget(db, source)
        kept = (json.dumps(dict(zip(_COLUMNS, fields, strict=True))), json.dumps(labels), *name, json.dumps(chunks))
        db.execute("INSERT INTO removed VALUES (?, ?, ?, ?, ?, ?)", (source, when, *kept))
        db.executemany("INSERT INTO removed_vectors VALUES (?, ?, ?, ?)", rows)
        for table in TABLES_OF_SOURCE:
            db.execute(f"DELETE FROM {table} WHERE source = ?", (source,))


def _forget(db: Session, source: str) -> None:
    db.execute("DELETE FROM removed WHERE source = ?", (source,))
    db.execute("DELETE FROM removed_vectors WHERE source = ?", (source,))


def removed_assets(catalog: Catalog, source: str) -> set[str]:
    """Return the assets that ``source`` had when it was removed."""
    rows = catalog.rows("SELECT json_extract(fields, '$.assets') FROM removed WHERE source = ?", (source,))
    return {name for (names,) in rows for name in json.loads(names)}


class Removed:
    """What was removed from a store and may come back. Safe to use from several threads and programs."""

    def __init__(self, parts: Parts, recovery: Recovery, images: ImageIndex) -> None:
        self._parts = parts
        self._recovery = recovery
        self._images = images

    def all(self, principal: Principal) -> list[RemovedSource]:
        """Return what ``principal`` could read when it was removed, the latest first; nothing of it is read any more. What
        was taken in again since is left out."""
        rows = self._parts.catalog.rows(
            "SELECT fields, readers, name, whenever FROM removed WHERE source NOT IN (SELECT source FROM sources) "
            "ORDER BY whenever DESC"
        )
        found = [
            RemovedSource(_source(json.loads(fields), json.loads(labels), name), when)
            for fields, labels, name, when in rows
        ]
        return [one for one in found if _could_read(principal, one.source)]

    def restore(self, source: str) -> bool:
        """Bring ``source`` back as it was; return False when it was not removed lately, or is here again. What was embedded
        with another model since is embedded again."""
        parts, catalog = self._parts, self._parts.catalog
        with self._recovery.writing():
            if catalog.knows(source) or not catalog.is_removed(source):
                return False
            ((chunk_rows, fields, labels, name),) = catalog.rows(
                "SELECT chunks, fields, readers, name FROM removed WHERE source = ?", (source,)
            )
            rows = [tuple(row) for row in json.loads(chunk_rows)]
            chunks = [load_chunk(record) for *_, record in rows]
            readers = {source: json.loads(labels)}
            catalog.begin(chunk.id for chunk in chunks)
            for space in parts.spaces.values():
                self._put_vectors(source, space, space.of(chunks), readers)
            parts.lexical.write(add=chunks, delete=(), readers=readers)
            with catalog.transaction() as db:
                _insert(db, json.loads(fields), json.loads(labels), name, rows)
                db.executemany(
                    "INSERT INTO embedded VALUES (?, ?, ?)",
                    ((source, space, key) for space, key in parts.present_keys().items()),
                )
                _forget(db, source)
            catalog.finish()
        self._images.fill(chunk.picture for chunk in chunks if chunk.picture)
        return True

    def _put_vectors(self, source: str, space: EmbeddingSpace, chunks: Sequence[Chunk], readers: Readers) -> None:
        query = "SELECT id, vector FROM removed_vectors WHERE source = ? AND key = ?"
        kept = dict(self._parts.catalog.rows(query, (source, space.key)))
        made = {id_: np.frombuffer(blob, dtype=np.float32).tolist() for id_, blob in kept.items()}
        lacking = [chunk for chunk in chunks if chunk.id not in made]
        made |= {
            chunk.id: vector for chunk, vector in zip(lacking, space.embed(lacking) if lacking else (), strict=True)
        }
        self._parts.put_vectors(space.key, chunks, [made[chunk.id] for chunk in chunks], readers)

    def purge(self, before: float) -> list[str]:
        """Remove for good what was removed before ``before`` (seconds since 1970); return its names."""
        due = self._parts.catalog.rows("SELECT source FROM removed WHERE whenever < ?", (before,))
        return [source for (source,) in due if self.remove(source)]

    def remove(self, source: str) -> bool:
        """Remove ``source`` for good; return False when it waits for nobody."""
        parts, catalog = self._parts, self._parts.catalog
        with self._recovery.writing():
            if not catalog.is_removed(source):
                return False
            assets = removed_assets(catalog, source)
            uploaded = is_upload(source, parts.uploads) and not catalog.knows(source)
            catalog.begin([*assets, *([UPLOAD + source] if uploaded else [])])
            with catalog.transaction() as db:
                _forget(db, source)
            parts.drop_assets(assets)
            if uploaded:
                remove_upload(source, parts.uploads)
            catalog.finish()
        return True


def _insert(
    db: Session, fields: dict[str, Any], labels: Sequence[str], name: str, chunks: Sequence[tuple[Any, ...]]
) -> None:
    source = fields["source"]
    db.execute(
        f"INSERT INTO sources ({', '.join(fields)}) VALUES ({', '.join('?' * len(fields))})", tuple(fields.values())
    )
    db.executemany("INSERT INTO chunks (id, source, ordinal, record) VALUES (?, ?, ?, ?)", chunks)
    db.executemany("INSERT INTO readers VALUES (?, ?)", ((source, label) for label in labels))
    db.executemany("INSERT INTO names VALUES (?, ?)", [(source, name)] if name else [])
    if fields["parser"] == PARSER:  # its words alone were in: it is to be read
        db.execute("INSERT INTO waiting VALUES (?, '', '') ON CONFLICT (source) DO NOTHING", (source,))


def _source(fields: dict[str, Any], labels: Sequence[str], name: str) -> Source:
    return Source(
        source=fields["source"],
        kind=fields["kind"],
        title=fields["title"],
        pages=int(fields["pages"]),
        chunks=int(fields["chunks"]),
        when=fields["whenever"],
        content_hash=fields["content_hash"],
        original=fields["original"],
        losses=tuple(Loss(**loss) for loss in json.loads(fields["losses"])),
        access=Access(tuple(sorted(labels)), fields["owner"]),
        name=name,
        about=load_about(fields.get("about", "")),  # older versions kept none
    )


def _could_read(principal: Principal, source: Source) -> bool:
    """As ``store.auth.access.readable`` says of what is in the catalog."""
    readers = source.access.readers
    return principal.everything or not readers or bool(set(readers) & set(principal.labels))
