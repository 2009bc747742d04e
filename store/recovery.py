"""Bringing catalog, vectors, words and assets back to agreement after a writer was killed. The catalog is right, and its
journal names what was being written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from store.uploads import abandoned, remove_upload
from store.vectors import Vectors

if TYPE_CHECKING:
    from store.index import Index

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
    drop_assets(index, assets - set(keep))
    for file in files:
        source = file.removeprefix(UPLOAD)
        if index.catalog.space(source) is None:
            remove_upload(source, index.uploads)
    index.catalog.finish()


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
