"""Taking documents in and removing sources.

A write goes: note chunk ids and assets in the journal; add to the indexes; switch the catalog over in one transaction;
delete what is old; clear the journal. Killed anywhere, the catalog says what is true, and what the journal names and the
catalog does not is deleted at the next start (store.maintenance.recovery). Assets are stored before the write that names
them begins: store.job_files tells when those of a killed program may be swept away.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from errors import StoreError
from records import Chunk, Description, Source
from store.being_read import chunks_without_vectors
from store.catalog import SWITCHED
from store.descriptions import put_description
from store.maintenance.recovery import UPLOAD, Recovery
from store.new_document import NewDocument, assets_of, source_of
from store.parts import Parts
from store.removed import removed_assets, set_aside
from store.uploads import is_upload, remove_upload
from vision.image_index import ImageIndex

Vectors = dict[tuple[str, str], list[float]]  # by the name of the space and the id of the chunk


class AssetsGone(StoreError):
    """Another program removed an asset that a source on its way in needs; prepare the source again."""


class SourceChanged(StoreError):
    """Another program changed a source in the meantime; look at it again."""


class Writer:
    """Writes to all parts of a store. Safe to use from several threads and programs."""

    def __init__(self, parts: Parts, recovery: Recovery, images: ImageIndex) -> None:
        self._parts = parts
        self._recovery = recovery
        self._images = images

    def put_all(self, documents: Sequence[NewDocument], when: str) -> list[Source]:
        """Take documents of different sources in with their chunks, each instead of what its source had before. Unchanged
        chunks stay as they are and are not embedded again. Many small documents at once cost little more than one.

        Raises:
            AssetsGone: an asset is not there any more; parse its source again. None of the documents was taken in.
            SourceChanged: a source does not have the chunks ``instead_of`` any more. None of the documents was taken in.
            StoreError: the index was embedded anew with another model meanwhile.
        """
        parts, catalog = self._parts, self._parts.catalog
        chunks = [chunk for new in documents for chunk in new.chunks]
        vectored = [chunk for new in documents if new.reading is None for chunk in new.chunks]
        embedded = self._embed(self._missing(vectored), {})  # before others have to wait
        assets = {new.document.source: assets_of(new) for new in documents}
        with self._recovery.writing(keep=set().union(*assets.values())):
            if catalog.meta(SWITCHED):  # a program that began before must not write what it would not find
                for space in parts.spaces.values():
                    parts.check_model(space)
            parts.note_models()
            for source, needed in assets.items():
                if gone := parts.assets.missing(needed):
                    raise AssetsGone(f"{source} lost {len(gone)} pictures or tables on its way in. Take it in again.")
            for new in documents:
                if new.instead_of is not None and tuple(catalog.chunk_ids(new.document.source)) != new.instead_of:
                    raise SourceChanged(f"{new.document.source} was changed by another program meanwhile. Try again.")
            missing = self._missing(vectored)  # recovering from an earlier write may have taken some away
            embedded = self._embed(missing, embedded)
            known = {id_ for source in assets for id_ in catalog.chunk_ids(source)}
            lacking = {chunk.id for own in missing.values() for chunk in own}
            added = [chunk for chunk in chunks if chunk.id in lacking or chunk.id not in known]
            old = sorted(known - {chunk.id for chunk in chunks})
            bare = chunks_without_vectors(catalog, assets)
            moved = self._embedded_by_others(assets, chunks)
            readers = catalog.readers(assets)
            before = {name for source in assets for name in catalog.assets_of(source)}
            catalog.begin({chunk.id for chunk in (*added, *moved)}.union(old, before, *assets.values()))
            for name, own in missing.items():
                vectors = [embedded[name, chunk.id] for chunk in own]
                parts.put_vectors(parts.spaces[name].key, own, vectors, readers)
            if added:
                parts.lexical.write(add=added, delete=(), readers=readers)
            sources = []
            for new in documents:
                sources.append(source_of(new, when))
                name = new.document.source
                keys = parts.present_keys() if new.reading is None else {}
                catalog.replace_source(
                    sources[-1], new.chunks, new.fingerprint, assets[name], keys, readers[name], new.reading
                )
            self._delete([id_ for id_ in old if id_ not in bare])
            if bare := bare.intersection(old):
                parts.lexical.write(add=(), delete=sorted(bare))
            if moved:
                parts.delete_elsewhere(moved)
            parts.drop_assets(before)
            catalog.finish()
        self._images.fill(chunk.picture for chunk in chunks if chunk.picture)  # killed here: the first search does it
        return sources

    def _missing(self, chunks: Sequence[Chunk]) -> dict[str, list[Chunk]]:
        """Return for each space the chunks that have no vector in it. The vectors are asked, not the catalog: they may be of
        another embedder, or gone."""
        return {name: self._parts.without_vector(space, chunks) for name, space in self._parts.spaces.items()}

    def _embed(self, missing: dict[str, list[Chunk]], done: Vectors) -> Vectors:
        made = dict(done)
        for name, chunks in missing.items():
            left = [chunk for chunk in chunks if (name, chunk.id) not in done]
            vectors = self._parts.spaces[name].embed(left) if left else []
            made |= {(name, chunk.id): vector for chunk, vector in zip(left, vectors, strict=True)}
        return made

    def _embedded_by_others(self, sources: Iterable[str], chunks: Sequence[Chunk]) -> list[Chunk]:
        """Return those of ``chunks`` whose source has vectors of another embedder of a space."""
        present, recorded = self._parts.present_keys(), self._parts.catalog.keys(sources)
        moved = {
            source for source in sources for name, key in present.items() if recorded.get((source, name), key) != key
        }
        return [chunk for chunk in chunks if chunk.source in moved]

    def _delete(self, ids: Sequence[str]) -> None:
        if ids:
            self._recovery.note_deletion(len(ids))
            self._parts.delete_everywhere(ids)

    def keep_description(self, source: str, description: Description) -> bool:
        """Let ``source`` have ``description`` among its assets from this moment on, whatever becomes of the write that shows
        it; return False when the source is not known, or has that picture no more."""
        parts, catalog = self._parts, self._parts.catalog
        with self._recovery.writing():
            if description.picture not in catalog.assets_of(source):
                return False
            catalog.add_asset(source, put_description(parts.assets, description))
        return True

    def remove(self, source: str, *, for_good: bool = True) -> bool:
        """Remove ``source`` with everything it left, the copy of an uploaded file too; return False when it is not known.

        From this moment on nothing finds it. Unless it is removed ``for_good``, it may come back (``store.removed``).
        """
        parts, catalog = self._parts, self._parts.catalog
        with self._recovery.writing():
            if not catalog.knows(source):
                return False
            old = catalog.chunk_ids(source)
            assets = catalog.assets_of(source)
            before = assets | removed_assets(catalog, source)  # an earlier removal cannot be undone any more
            upload = [UPLOAD + source] if for_good and is_upload(source, parts.uploads) else []
            vectors = {} if for_good else {key: parts.vectors.stored(key, old) for key in parts.present_keys().values()}
            catalog.begin([*old, *before, *upload])
            if for_good:
                catalog.remove_source(source)
            else:
                set_aside(catalog, source, vectors, time.time())
                parts.signatures.remove(assets)  # those that others use are made again
            self._delete(old)
            parts.drop_assets(before)
            if for_good:
                remove_upload(source, parts.uploads)
            catalog.finish()
        return True
