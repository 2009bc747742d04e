"""Bringing catalog, vectors, words and assets back to agreement after a writer was killed. The catalog is right, and its
journal names what was being written."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from errors import StoreError
from records import Chunk
from store.locks import open_lock
from store.uploads import abandoned, remove_upload
from store.vectors import Vectors
from text.embedded import embedded_text

if TYPE_CHECKING:
    from store.index import Index

logger = logging.getLogger(__name__)

UPLOAD = "upload:"  # in the journal: the copy of an uploaded file


def recover(index: Index, keep: Iterable[str] = ()) -> None:
    """Mends what a writer left half done, but for the assets ``keep``. Under the write lock."""
    begun = index.catalog.journal()
    if not begun:
        return
    chunks = index.catalog.chunks(begun)
    assets = {name for name in begun if index.assets.is_name(name)}
    files = [name for name in begun if name.startswith(UPLOAD)]
    gone = [id_ for id_ in begun if id_ not in chunks and id_ not in assets and id_ not in files]
    if gone:
        index.words.write(add=(), delete=gone)
    keeping: dict[str, list[str]] = {"": gone}
    for id_, chunk in chunks.items():
        space = index.catalog.space(chunk.source)
        if space:
            keeping.setdefault(space, []).append(id_)
    delete_elsewhere(index, keeping)
    _complete(index, [chunks[id_] for id_ in keeping.get(index.embedder.fingerprint, ())])
    drop_assets(index, assets - set(keep))
    for file in files:
        source = file.removeprefix(UPLOAD)
        if index.catalog.space(source) is None:
            remove_upload(source, index.uploads)
    index.catalog.finish()


def repair_if_idle(index: Index, lock: Path, *, opening: bool = False) -> None:
    """Mends and sweeps, unless a writer holds ``lock``: then the journal is its own. An index that cannot be written to can
    still be read."""
    begun = index.catalog.journal() or any((index.folder / "works").glob("*")) or abandoned(index.uploads)
    if not begun:
        return
    try:
        _ = index.words
        handle = open_lock(lock)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            recover(index)
            sweep(index)
            if opening:  # who was killed may have deleted, and not looked
                repair_graph(index)
        except BlockingIOError:
            return  # whoever writes will mend, and the last work to end sweep
        finally:
            os.close(handle)
    except (StoreError, OSError) as error:
        logger.warning("What an interrupted write left in %s could not be mended yet: %s", index.folder, error)


def _complete(index: Index, chunks: Sequence[Chunk]) -> None:
    """Embeds those of ``chunks`` again that have lost their vector."""
    known = index.ask_vectors(lambda vectors: vectors.known([chunk.id for chunk in chunks]))
    absent = [chunk for chunk in chunks if chunk.id not in known]
    if absent:
        made = index.embedder.embed_documents([embedded_text(chunk) for chunk in absent])
        index.ask_vectors(lambda vectors: vectors.upsert(absent, made))


def repair_graph(index: Index) -> None:
    """Puts chunks into the search graph again that searches miss after deletions. Under the write lock."""
    spaces = index.catalog.spaces()
    ids = [
        id_
        for source, space in spaces.items()
        if space == index.embedder.fingerprint
        for id_ in index.catalog.chunk_ids(source)
    ]
    missed = index.ask_vectors(lambda vectors: vectors.unfound(sorted(ids)))
    if missed:
        index.catalog.begin(missed)
        index.ask_vectors(lambda vectors: vectors.put_anew(missed))
        _complete(index, list(index.catalog.chunks(missed).values()))
        index.catalog.finish()
        logger.info("%d chunks that searches missed were put into the search graph again.", len(missed))


def delete_elsewhere(index: Index, keep: dict[str, list[str]]) -> None:
    """Deletes the vectors of each list of ids from all embedding spaces but the one it is kept in, the present one
    included; spaces that this empties go."""

    def delete(vectors: Vectors) -> None:
        for one in (vectors, *vectors.others()):
            ids = [id_ for space, ids in keep.items() if space != one.space for id_ in ids]
            if ids:
                one.delete(ids)
            if one is not vectors and not one.count():
                one.drop()

    index.ask_vectors(delete)


def drop_assets(index: Index, candidates: set[str]) -> None:
    """Removes those of ``candidates`` that no source uses."""
    gone = candidates - index.catalog.assets()
    for name in gone:
        index.assets.remove(name)
    if gone:
        index.signatures.remove(gone)


def sweep(index: Index) -> list[str]:
    """Removes assets and drafts that belong to no source, unless living work may need them; returns their names. Under the
    write lock."""
    dead, lives = index.works.dead()
    if lives:
        return []
    stray = sorted(set(index.assets.names()) - index.catalog.assets())
    for name in stray:
        index.assets.remove(name)
    drafts = [*index.assets.drafts(), *abandoned(index.uploads)]
    for path in [*drafts, *dead]:
        path.unlink(missing_ok=True)
    return [*stray, *(path.name for path in drafts)]
