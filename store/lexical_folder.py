"""Where the lexical index lies: opened on first use, written anew from the catalog when that is needed."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from threading import RLock

from errors import StoreError
from models.language import language_of
from store.catalog import Catalog
from store.lexical import LexicalIndex, LexicalIndexOutdated
from store.locks import exclusive

log = logging.getLogger(__name__)
AT_ONCE = 500  # chunks whose language is noted in one transaction


class LexicalFolder:
    """The lexical index of a data folder. Safe to use from several threads."""

    def __init__(self, folder: Path, catalog: Catalog, write_lock: Path) -> None:
        self._folder = folder
        self._catalog = catalog
        self._write_lock = write_lock
        self._index: LexicalIndex | None = None
        self._lock = RLock()

    def open(self) -> LexicalIndex:
        """Return the index; it is written anew, under the write lock, when it is of another version or was removed.

        Raises:
            StoreError: it is damaged.
        """
        with self._lock:
            if self._index is None:
                self._index = self._opened()
            return self._index

    def _opened(self) -> LexicalIndex:
        try:
            index = LexicalIndex(self._folder)
            if index.count() or not self._catalog.rows("SELECT 1 FROM chunks LIMIT 1"):
                return index
        except LexicalIndexOutdated:
            pass
        with exclusive(self._write_lock):
            return self.rewrite()

    def rewrite(self) -> LexicalIndex:
        """Write the index anew from the catalog, and return it. Under the write lock."""
        with self._lock:
            try:
                index = LexicalIndex(self._folder)
                index.count()
            except StoreError:
                shutil.rmtree(self._folder, ignore_errors=True)
                index = LexicalIndex(self._folder)
            self._tell_languages()
            index.write(add=self._catalog.all_chunks(), delete=(), readers=self._catalog.readers(), anew=True)
            self._index = index
            return index

    def _tell_languages(self) -> None:
        """Note the language of each chunk that was stored before languages were."""
        batch = self._catalog.without_language("", AT_ONCE)
        if batch:
            log.warning("The words of all documents are indexed anew, each by its language. This happens once.")
        while batch:
            self._catalog.set_languages({id_: language_of(text) for id_, text in batch})
            batch = self._catalog.without_language(batch[-1][0], AT_ONCE)
