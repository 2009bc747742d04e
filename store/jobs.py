"""Work under way: which sources a program has begun to take in, so that what a kill interrupts goes on later.

    works/3f2a...    a file that a living program holds locked; unlocked, its program was killed

The catalog names the sources that each work still waits for. Pictures and originals are stored before their source is, so
a work that was killed may leave some that nobody uses: they are swept away as soon as no living work could need them.
"""

from __future__ import annotations

import fcntl
import os
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from errors import StoreError
from records import Access
from store.catalog import Catalog
from store.locks import open_lock


class Works:
    """All work on a data folder. Callers hold the folder's write lock where a method says so."""

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        self._folder = folder
        self._catalog = catalog

    def begin(self, sources: Sequence[str], access: Mapping[str, Access]) -> Work:
        """Notes that ``sources`` are to be taken in, and who may read those in ``access``. Under the write lock."""
        work = Work(self._folder / uuid.uuid4().hex)
        try:
            self._catalog.expect(sources, work.name, access)
        except StoreError:
            work.close()
            raise
        return work

    def dead(self) -> tuple[list[Path], bool]:
        """The files of works that were killed, and whether any other work lives."""
        dead: list[Path] = []
        lives = False
        for path in self._folder.glob("*"):
            if _locked(path):
                lives = True
            else:
                dead.append(path)
        return dead, lives

    def left(self) -> list[str]:
        """Sources that works which are no more were going to take in."""
        waiting = self._catalog.waiting()
        living = {name for name in set(waiting.values()) if _locked(self._folder / name)}
        return [source for source, work in waiting.items() if work not in living]


class Work:
    """Some sources on their way in. ``close`` it when none is left, or nobody will go on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = path.name
        self._handle = open_lock(path)
        fcntl.flock(self._handle, fcntl.LOCK_EX)

    def close(self, *, tidy: bool = True) -> None:
        """Gives the work up; unless ``tidy``, it leaves word that there may be something to sweep."""
        if self._handle >= 0:
            if tidy:
                self._path.unlink(missing_ok=True)
            os.close(self._handle)
            self._handle = -1


def _locked(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StoreError(f"{path} cannot be opened ({error.strerror}). Check the rights of the data folder.") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
