"""Where the lexical index lies: opened on first use, written anew from the catalog when that is needed.

Of a catalog that machines share, each machine has an index of its own, which follows the catalog: nobody writes to it but
``follow``, after each write of this program, and every ``SECONDS`` for what others wrote.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from threading import Event, RLock, Thread

from errors import StoreError
from models.language import language_of
from records import Chunk
from store.catalog import Catalog
from store.database.chunk_changes import ChunkChanges
from store.database.locking import StoreLock
from store.lexical import LexicalIndex, LexicalIndexOutdated
from store.locks import exclusive
from store.untold_languages import set_languages, without_language

log = logging.getLogger(__name__)
AT_ONCE = 500  # chunks whose language is noted in one transaction
FOLLOWED = 5_000  # changes that are written in one commit
SECONDS = 0.5  # between two looks at what others wrote


class LexicalFolder:
    """The lexical index of a data folder. Safe to use from several threads.

    Args:
        folder: of the index.
        catalog: what it is made from.
        write_lock: of the store.
        changes: of a catalog that machines share; None where the catalog is this folder's own.
    """

    def __init__(
        self, folder: Path, catalog: Catalog, write_lock: StoreLock, changes: ChunkChanges | None = None
    ) -> None:
        self._folder = folder
        self._catalog = catalog
        self._write_lock = write_lock
        self._index: LexicalIndex | None = None
        self._lock = RLock()
        self._changes = changes
        self._seen = folder.with_name("words.seen")  # which changes are in the index
        self._writes = folder.with_name("words.lock")  # held by whoever follows, of the programs of this machine
        self._closed = Event()
        self._follower: Thread | None = None

    def open(self) -> LexicalIndex:
        """Return the index; it is written anew, under the write lock, when it is of another version or was removed.

        Raises:
            StoreError: it is damaged.
        """
        if self._index is not None:  # who searches does not wait for who follows
            return self._index
        with self._lock:
            if self._index is None:
                self._index = self._opened()
            return self._index

    def write(
        self,
        add: Iterable[Chunk],
        delete: Iterable[str],
        readers: Mapping[str, Sequence[str]] | None = None,
        *,
        anew: bool = False,
    ) -> None:
        """Add chunks, whose sources have ``readers``, and delete ids, or with ``anew`` all there is; where the catalog is
        shared this is left to ``follow``, which sees it in the catalog."""
        if self._changes is None:
            self.open().write(add, delete, readers, anew=anew)

    def follow(self) -> None:
        """Take over what changed in a shared catalog since the last time.

        Raises:
            StoreError: the catalog cannot be read, or the index not be written.
        """
        if self._changes is None:
            return
        with self._lock:
            index = self.open()
            while (seen := self._read_seen()) != self._changes.last():
                with exclusive(self._writes):
                    seen = self._read_seen()  # another program of this machine may have been faster
                    found = self._changes.since(seen, FOLLOWED)
                    if found is None:
                        index = self._written_anew()
                        continue
                    ids, last = found
                    there = self._catalog.chunks(ids)
                    readers = self._catalog.readers({chunk.source for chunk in there.values()})
                    index.write(there.values(), [id_ for id_ in ids if id_ not in there], readers)
                    self._write_seen(last)

    def keep_following(self) -> None:
        """Follow a shared catalog from now on, until ``close``."""
        if self._changes is not None and self._follower is None:
            self._changes.forget()
            self._follower = Thread(target=self._keep_following, name="follow the catalog", daemon=True)
            self._follower.start()

    def _keep_following(self) -> None:
        failing = False
        while not self._closed.wait(SECONDS):
            try:
                self.follow()
                failing = False
            except StoreError as error:
                if not failing:
                    log.warning("The lexical index does not follow the catalog now, and tries on: %s", error)
                failing = True

    def close(self) -> None:
        """Follow no more."""
        self._closed.set()
        if self._follower is not None:
            self._follower.join()

    def _read_seen(self) -> int:
        """The last change that is in the index; -1 when that is not known of this catalog."""
        try:
            index, number = json.loads(self._seen.read_text())
        except (OSError, ValueError, TypeError):
            return -1
        return int(number) if index == self._catalog.meta("index") else -1

    def _write_seen(self, number: int) -> None:
        draft = self._seen.with_suffix(".draft")
        try:
            draft.write_text(json.dumps([self._catalog.meta("index"), number]))
            draft.replace(self._seen)
        except OSError as error:
            raise StoreError(
                f"{self._seen} cannot be written ({error.strerror}). Free space, check its rights."
            ) from error

    def _opened(self) -> LexicalIndex:
        if self._changes is not None:
            try:
                return LexicalIndex(self._folder)
            except LexicalIndexOutdated:
                with exclusive(self._writes):
                    return self._written_anew()
        try:
            index = LexicalIndex(self._folder)
            if index.count() or not self._catalog.rows("SELECT 1 FROM chunks LIMIT 1"):
                return index
        except LexicalIndexOutdated:
            pass
        with self._write_lock.held():
            return self.rewrite()

    def rewrite(self) -> LexicalIndex:
        """Write the index anew from the catalog, and return it. Under the write lock."""
        if self._changes is None:
            return self._written_anew()
        with self._lock, exclusive(self._writes):
            return self._written_anew()

    def _written_anew(self) -> LexicalIndex:
        with self._lock:
            seen = self._changes.last() if self._changes is not None else 0  # what comes later is seen by who follows
            try:
                index = LexicalIndex(self._folder)
                index.count()
            except StoreError:
                shutil.rmtree(self._folder, ignore_errors=True)
                index = LexicalIndex(self._folder)
            self._tell_languages()
            index.write(add=self._catalog.all_chunks(), delete=(), readers=self._catalog.readers(), anew=True)
            if self._changes is not None:
                self._write_seen(seen)
            self._index = index
            return index

    def _tell_languages(self) -> None:
        """Note the language of each chunk that was stored before languages were."""
        batch = without_language(self._catalog, "", AT_ONCE)
        if batch:
            log.warning("The words of all documents are indexed anew, each by its language. This happens once.")
        while batch:
            set_languages(self._catalog, {id_: language_of(text) for id_, text in batch})
            batch = without_language(self._catalog, batch[-1][0], AT_ONCE)
