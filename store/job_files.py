"""Jobs under way: which sources a program has begun to take in, so that what a kill interrupts goes on later.

    works/3f2a...    a file that a living program holds locked; unlocked, its program was killed

The catalog names the sources that each job still waits for. Pictures and originals are stored before their source is, so a
job that was killed may leave some that nobody uses: they are swept away as soon as no living job could need them.
"""

from __future__ import annotations

import fcntl
import os
import uuid
from pathlib import Path

from errors import StoreError
from store.locks import open_lock


class JobFiles:
    """The files of all jobs on a data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self) -> Job:
        """Return a new job of this program."""
        return Job(self._folder / uuid.uuid4().hex)

    def exist(self) -> bool:
        """Tell whether any job left a file, living or not."""
        return any(self._folder.glob("*"))

    def dead(self) -> tuple[list[Path], bool]:
        """Return the files of jobs that were killed, and whether any other job lives."""
        dead: list[Path] = []
        lives = False
        for path in self._folder.glob("*"):
            if _locked(path):
                lives = True
            else:
                dead.append(path)
        return dead, lives

    def lives(self, name: str) -> bool:
        """Tell whether the program of the job ``name`` lives."""
        return _locked(self._folder / name)


class Job:
    """Some sources on their way in. ``close`` it when none is left, or nobody will go on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = path.name
        self._handle = open_lock(path)
        fcntl.flock(self._handle, fcntl.LOCK_EX)

    def close(self, *, tidy: bool = True) -> None:
        """Give the job up; unless ``tidy``, leave word that there may be something to sweep."""
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
