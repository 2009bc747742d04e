"""An index as one file, and back.

    manifest.json         format, when, embedding spaces, counts
    catalog.sqlite        the catalog as of the moment of the backup
    vectors/SPACE.json    ids of an embedding space, by its key
    vectors/SPACE.npy     their vectors, a row each, float32
    assets/NAME           every asset in use
    feedback.jsonl        what people said of answers, if they did
    conversations.sqlite  kept conversations, each with its owner, as of that moment, too
    syncs.sqlite          places that are kept in step, who may read what they bring, and the history of their runs
    notices.sqlite        rules that tell of new sources, as whom each reads, and what has fired

The lexical index is not in it: it is written again from the catalog. Embedding spaces of other programs are. Nothing in a
backup is trusted: names are matched whole against the forms above, an asset must have the content it is named by, rows are
copied one by one.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from errors import StoreError
from records import Chunk
from store.assets import Assets
from store.catalog import Catalog
from store.conversations import FILE as CONVERSATIONS
from store.feedback import FILE as FEEDBACK
from store.index import Index
from store.maintenance import catalog_copy
from store.notices import FILE as NOTICES
from store.syncs import FILE as SYNCS
from store.vectors.base import Readers, VectorIndex

FORMAT = 1
_SPACE = r"[0-9A-Za-z_.]{1,64}"
BESIDE = (
    CONVERSATIONS,
    SYNCS,
    NOTICES,
)  # SQLite files of their own, which need not be there; what lies in CATALOG_URL is backed up there
_FILES = "|".join(map(re.escape, (FEEDBACK, *BESIDE)))
_MEMBERS = re.compile(rf"manifest\.json|catalog\.sqlite|{_FILES}|vectors/{_SPACE}\.(?:json|npy)|assets/(.+)")
_AT_ONCE = 2000  # vectors brought back in one call


def save(index: Index, file: Path) -> dict[str, Any]:
    """Write all of ``index`` to ``file``; others may search meanwhile. Return the manifest.

    Raises:
        StoreError: it cannot be written, or something to be saved is missing.
    """
    draft = file.with_name(f".{file.name}.draft")
    try:
        with index.recovery.writing(), zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            manifest = _write(index, archive)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(file)
    except OSError as error:
        raise StoreError(f"The backup {file} could not be written ({error.strerror or error}).") from error
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def _write(index: Index, archive: zipfile.ZipFile) -> dict[str, Any]:
    catalog = index.catalog
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "catalog.sqlite"
        catalog_copy.save(catalog, copy)
        with closing(Catalog(copy)) as saved:
            catalog_copy.drop_removed(saved)  # what was removed stays out of backups
            assets = sorted(saved.assets())
        archive.write(copy, "catalog.sqlite")
    for name in assets:
        archive.writestr(f"assets/{name}", index.assets.read(name))
    for name in BESIDE:
        _write_database(index.folder / name, archive)
    keys = {*catalog.keys().values(), *index.parts.present_keys().values()}
    counts = _write_vectors(index.parts.vectors, keys, archive)
    feedback = index.settings.shared_path / FEEDBACK
    if feedback.is_file():
        archive.write(feedback, FEEDBACK)
    manifest = {
        "format": FORMAT,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "sources": len(catalog.sources()),
        "assets": len(assets),
        "vectors": counts,
    }
    archive.writestr("manifest.json", json.dumps(manifest, indent=1))
    return manifest


def _write_database(path: Path, archive: zipfile.ZipFile) -> None:
    """Add the SQLite file ``path``, if it is there, as it is at this moment: others may be writing to it."""
    if not path.is_file():
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        try:
            with closing(sqlite3.connect(path, timeout=60)) as there, closing(sqlite3.connect(copy)) as here:
                there.backup(here)
        except sqlite3.Error as error:
            raise StoreError(f"{path} cannot be copied ({error}). Repair or remove it.") from error
        archive.write(copy, path.name)


def _write_vectors(vectors: VectorIndex, keys: set[str], archive: zipfile.ZipFile) -> dict[str, int]:
    counts = {}
    for key in sorted(keys & vectors.spaces()):
        stored = vectors.stored(key, sorted(vectors.ids(key)))
        buffer = io.BytesIO()
        np.save(buffer, np.array(list(stored.values()), dtype=np.float32), allow_pickle=False)
        archive.writestr(f"vectors/{key}.json", json.dumps(list(stored)))
        archive.writestr(f"vectors/{key}.npy", buffer.getvalue())
        counts[key] = len(stored)
    return counts


def load(index: Index, file: Path) -> dict[str, Any]:
    """Bring a backup back into ``index``, which must be empty. Return the manifest.

    Killed in the middle, the index is empty again at the next start.

    Raises:
        StoreError: ``file`` is no whole backup of ours, or the index is not empty.
    """
    with _opened(file) as archive, tempfile.TemporaryDirectory(dir=index.folder, prefix="import-") as folder:
        names = _checked_names(archive, file)
        size = sum(info.file_size for info in archive.infolist())
        if size > shutil.disk_usage(index.folder).free:
            raise StoreError(
                f"{file} needs {size:,} bytes, more than {index.folder} has room for. Nothing was brought back."
            )
        manifest = _manifest(archive, file)
        staged = _staged(archive, Path(folder) / "catalog.sqlite", file)
        try:
            with index.recovery.writing():
                if index.catalog.sources():
                    raise StoreError(
                        f"{index.folder} holds {len(index.catalog.sources())} sources. Choose an empty --data-dir."
                    )
                chunks = list(staged.all_chunks())
                index.catalog.begin([*(chunk.id for chunk in chunks), *sorted(staged.assets())])
                _load_assets(index.assets, archive, staged, chunks, file)
                _load_vectors(index.parts.vectors, archive, names, file, chunks, staged.readers())
                index.parts.lexical.write(add=chunks, delete=(), readers=staged.readers(), anew=True)
                catalog_copy.adopt(index.catalog, staged)
                for name in (FEEDBACK, *BESIDE):
                    target = index.settings.shared_path if name == FEEDBACK else index.folder
                    if name in names and not (target / name).exists():
                        _bring_file(archive, name, target, file)
        finally:
            staged.close()
    return manifest


def _bring_file(archive: zipfile.ZipFile, name: str, folder: Path, file: Path) -> None:
    """Write the member ``name`` to ``folder``, whole or not at all; of a database, only what SQLite finds sound."""
    draft = folder / f".{name}.draft"
    try:
        draft.write_bytes(archive.read(name))
        if name in BESIDE:
            with closing(sqlite3.connect(draft)) as db:
                said = db.execute("PRAGMA integrity_check").fetchone()[0]
            if said != "ok":
                raise StoreError(f"{file} is damaged: its {name} says {said}.")
        draft.replace(folder / name)
    except sqlite3.Error as error:
        raise StoreError(f"{file} is damaged: its {name} cannot be read ({error}).") from error
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise StoreError(f"{file} is damaged or no backup ({error}).") from error
    except OSError as error:
        raise StoreError(f"{file} could not be brought back ({error.strerror or error}).") from error


def _checked_names(archive: zipfile.ZipFile, file: Path) -> set[str]:
    names = [info.filename for info in archive.infolist()]
    for name in names:
        found = _MEMBERS.fullmatch(name)
        if not found or (found[1] is not None and not Assets.is_name(found[1])):
            raise StoreError(f"{file} is no backup: it holds {name!r}, which no backup does. Nothing was brought back.")
    if len(set(names)) < len(names):
        raise StoreError(f"{file} is no backup: it holds two members of one name. Nothing was brought back.")
    missing = {"manifest.json", "catalog.sqlite"} - set(names)
    if missing:
        raise StoreError(f"{file} is no backup: {sorted(missing)[0]} is not in it. Nothing was brought back.")
    return set(names)


def _manifest(archive: zipfile.ZipFile, file: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(archive.read("manifest.json"))
        version = int(manifest["format"])
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{file} is no backup: its manifest cannot be read ({error}).") from error
    if version > FORMAT:
        raise StoreError(
            f"{file} was made by a newer version of this program (format {version}; this one reads up to {FORMAT}). Update "
            "this program."
        )
    return dict(manifest)


def _staged(archive: zipfile.ZipFile, path: Path, file: Path) -> Catalog:
    """Return the backup's catalog, moved to the present version."""
    path.write_bytes(archive.read("catalog.sqlite"))
    staged = Catalog(path)
    broken = staged.faults()
    if broken:
        staged.close()
        raise StoreError(f"{file} is damaged: its catalog says {broken[0]}. Nothing was brought back.")
    return staged


def _load_assets(
    assets: Assets, archive: zipfile.ZipFile, staged: Catalog, chunks: Iterable[Chunk], file: Path
) -> None:
    named = staged.assets() | ({name for chunk in chunks for name in (chunk.table, chunk.picture)} - {""})
    for name in sorted(named):
        if not Assets.is_name(name):
            raise StoreError(f"{file} is damaged: {name!r} is not the name of an asset. Nothing was brought back.")
        try:
            data = archive.read(f"assets/{name}")
        except KeyError as error:
            raise StoreError(f"{file} is damaged: the asset {name} is not in it. Nothing was brought back.") from error
        if assets.put(data, name[40:]) != name:
            raise StoreError(f"{file} is damaged: the asset {name} has another content. Nothing was brought back.")


def _load_vectors(
    vectors: VectorIndex,
    archive: zipfile.ZipFile,
    names: set[str],
    file: Path,
    chunks: Iterable[Chunk],
    readers: Readers,
) -> None:
    """Store vectors of chunks that exist; what the backup has no vector of, the doctor makes again."""
    by_id = {chunk.id: chunk for chunk in chunks}
    for name in sorted(name for name in names if name.endswith(".npy")):
        try:
            ids = [str(id_) for id_ in json.loads(archive.read(name.removesuffix(".npy") + ".json"))]
            array = np.load(io.BytesIO(archive.read(name)), allow_pickle=False)
            rows = array.astype(np.float32).reshape(len(ids), -1) if ids else array
        except (ValueError, TypeError, KeyError) as error:
            raise StoreError(
                f"{file} is damaged: {name} cannot be read ({error}). Nothing was brought back."
            ) from error
        if not np.isfinite(rows).all():
            raise StoreError(f"{file} is damaged: {name} holds what is no number. Nothing was brought back.")
        key = Path(name).stem
        known = [(by_id[id_], row.tolist()) for id_, row in zip(ids, rows, strict=True) if id_ in by_id]
        for start in range(0, len(known), _AT_ONCE):
            part = known[start : start + _AT_ONCE]
            vectors.upsert(key, [chunk for chunk, _ in part], [row for _, row in part], readers)
