"""Bringing catalog, vectors, lexical index and assets back to agreement after a writer was killed. The catalog is right,
and its journal names what was being written."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from errors import ModelError, StoreError
from records import Chunk
from store.being_read import abandoned as no_more_read
from store.parts import Parts
from store.relabelling import to_relabel
from store.uploads import abandoned, is_upload, remove_upload, unchanged
from store.waiting import expected

log = logging.getLogger(__name__)

DELETED = "deleted"  # setting of the index: chunks deleted since it was last checked whether searches find the others
CHECKED_SHARE = 0.01  # of all chunks, whose deletion is a reason to check
UPLOAD = "upload:"  # in the journal: the copy of an uploaded file


class Recovery:
    """Who writes comes through ``writing``; what an earlier writer left half done is repaired first."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    @contextmanager
    def writing(self, keep: Iterable[str] = ()) -> Iterator[None]:
        """Let nobody else write, over all processes and threads, and recover, but for the assets ``keep``, which this writer
        needs."""
        self._parts.lexical.open()  # may have to write itself, under this very lock
        with self._parts.write_lock.held():
            self.recover(keep)
            yield
        with suppress(StoreError):  # what is written is written; who follows says what is wrong, and tries on
            self._parts.lexical.follow()

    def note_deletion(self, number: int) -> None:
        """Note that chunks are deleted, so that ``repair_after_deletions`` has something to check. Under the write lock."""
        catalog = self._parts.catalog
        catalog.set_meta(DELETED, str(int(catalog.meta(DELETED) or 0) + number))

    def recover(self, keep: Iterable[str] = ()) -> None:
        """Repair what a writer left half done, but for the assets ``keep``. Under the write lock."""
        parts = self._parts
        parts.relabel()
        begun = parts.catalog.journal()
        if not begun:
            return
        chunks = parts.catalog.chunks(begun)
        assets = {name for name in begun if parts.assets.is_name(name)}
        files = [name for name in begun if name.startswith(UPLOAD)]
        parts.delete_everywhere(set(begun) - set(chunks) - assets - set(files))
        parts.delete_elsewhere(chunks.values())
        self.complete(chunks.values())
        parts.drop_assets(assets - set(keep))
        for file in files:
            source = file.removeprefix(UPLOAD)
            if not (parts.catalog.knows(source) or parts.catalog.is_removed(source)):
                remove_upload(source, parts.uploads)
        parts.catalog.finish()

    def complete(self, chunks: Iterable[Chunk]) -> None:
        """Embed those of ``chunks`` again that have lost a vector which the present embedders made. Under the write lock."""
        parts, listed = self._parts, list(chunks)
        recorded = parts.catalog.keys(chunk.source for chunk in listed)
        for space in parts.spaces.values():
            own = [chunk for chunk in listed if recorded.get((chunk.source, space.name)) == space.key]
            if absent := parts.without_vector(space, own):
                parts.put_vectors(space.key, absent, space.embed(absent))

    def repair_if_idle(self, *, opening: bool = False) -> None:
        """Recover and sweep, unless a writer is at it: then the journal is its own. An index that cannot be written to can
        still be read."""
        parts = self._parts
        if not (
            parts.catalog.journal()
            or to_relabel(parts.catalog, 1)
            or no_more_read(parts.catalog)
            or parts.job_files.exist()
            or abandoned(parts.uploads)
            or self._stray_uploads()
        ):
            return
        try:
            parts.lexical.open()
            with parts.write_lock.if_free() as free:
                if not free:
                    return  # whoever writes will recover, and the last job to end sweep
                self.recover()
                self.sweep()
                if opening:  # who was killed may have deleted, and not checked
                    self._repair_graphs()
        except (StoreError, ModelError, OSError) as error:  # ModelError: what is lost must be embedded again
            log.warning("What an interrupted write left in %s could not be repaired yet: %s", parts.folder, error)

    def repair_after_deletions(self) -> None:
        """Check whether deletions have hidden anything from searches, and repair it, when their number since it was last
        checked is a share of all chunks: the check takes half a second, and more where there are many chunks, and so it
        costs each deletion the same however many there are."""
        catalog = self._parts.catalog
        try:
            deleted = int(catalog.meta(DELETED) or 0)
            if not deleted or deleted < CHECKED_SHARE * catalog.rows("SELECT COUNT(*) FROM chunks")[0][0]:
                return
            with self.writing():
                self._repair_graphs()
                catalog.set_meta(DELETED, "0")
        except (StoreError, ModelError, OSError) as error:
            log.warning("Whether searches find all in %s could not be checked: %s", self._parts.folder, error)

    def _repair_graphs(self) -> None:
        parts, recorded = self._parts, self._parts.catalog.keys()
        kinds = parts.catalog.kinds()
        for space in parts.spaces.values():
            ids = sorted(
                id_
                for id_, source, kind in kinds
                if kind in space.kinds and recorded.get((source, space.name)) == space.key
            )
            if missed := parts.vectors.unreachable(space.key, ids):
                self.repair(space.key, missed)
                log.info("%d chunks that searches missed were put into the search graph again.", len(missed))

    def repair(self, key: str, ids: list[str]) -> None:
        """Let searches of the space at ``key`` find ``ids`` again; a kill in between loses nothing. Under the write lock."""
        catalog = self._parts.catalog
        catalog.begin(ids)
        self._parts.vectors.repair(key, ids)
        self.complete(catalog.chunks(ids).values())
        catalog.finish()

    def _drop(self, source: str) -> None:
        """Remove a source whose words alone are in, with its assets and the copy of an uploaded file."""
        catalog = self._parts.catalog
        chunks, assets = catalog.chunk_ids(source), catalog.assets_of(source)
        uploaded = is_upload(source, self._parts.uploads) and not catalog.is_removed(source)
        catalog.begin([*chunks, *assets, *([UPLOAD + source] if uploaded else [])])
        catalog.remove_source(source)
        self._parts.delete_everywhere(chunks)
        self._parts.drop_assets(assets)
        if uploaded:
            remove_upload(source, self._parts.uploads)
        catalog.finish()

    def _stray_uploads(self) -> list[Path]:
        """Copies on this machine whose sources were removed on another, where each has its own."""
        catalog = self._parts.catalog
        if not self._parts.own_uploads or not (files := unchanged(self._parts.uploads)):
            return []
        known = {*expected(catalog), *(source for (source,) in catalog.rows("SELECT source FROM sources"))}
        return [Path(file) for file in files if file not in known and not catalog.is_removed(file)]

    def sweep(self) -> list[str]:
        """Remove assets and drafts that belong to no source, and sources whose words alone are in and that nobody waits for,
        unless a living job may need them; return the names of the files. Under the write lock."""
        parts = self._parts
        dead, lives = parts.job_files.dead()
        if lives:
            return []
        for source in no_more_read(parts.catalog):
            self._drop(source)
        stray = sorted(set(parts.assets.names()) - parts.catalog.assets())
        for name in stray:
            parts.assets.remove(name)
        drafts = [*parts.assets.drafts(), *abandoned(parts.uploads), *self._stray_uploads()]
        for path in drafts:
            path.unlink(missing_ok=True)
        parts.job_files.forget(dead)
        return [*stray, *(path.name for path in drafts)]
