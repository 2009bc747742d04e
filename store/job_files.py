"""Jobs under way: which sources a program has begun to take in, so that what a kill interrupts goes on later.

    works/3f2a...    a file that a living program holds locked; unlocked, its program was killed

Where machines share a catalog, a row and a lock of the database stand for the file.

The catalog names the sources that each job still waits for. Pictures and originals are stored before their source is, so a
job that was killed may leave some that nobody uses: they are swept away as soon as no living job could need them.
"""

from __future__ import annotations

import fcntl
import os
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from errors import StoreError
from store.database.base import DatabaseFault
from store.database.locking import DatabaseLock
from store.database.postgres import PostgresDatabase
from store.locks import open_lock


class Job(Protocol):
    """Some sources on their way in. ``close`` it when none is left, or nobody will go on."""

    name: str

    def close(self, *, tidy: bool = True) -> None:
        """Give the job up; unless ``tidy``, leave word that there may be something to sweep."""
        ...


class JobList(Protocol):
    """All jobs on a store."""

    def create(self) -> Job:
        """Return a new job of this program."""
        ...

    def exist(self) -> bool:
        """Tell whether any job left word, living or not."""
        ...

    def dead(self) -> tuple[list[str], bool]:
        """Return the names of jobs that were killed, and whether any other job lives."""
        ...

    def forget(self, names: Sequence[str]) -> None:
        """Forget the jobs ``names``."""
        ...

    def lives(self, name: str) -> bool:
        """Tell whether the program of the job ``name`` lives."""
        ...


class JobFiles:
    """The files of all jobs on a data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self) -> Job:
        """Return a new job of this program."""
        return _JobFile(self._folder / uuid.uuid4().hex)

    def exist(self) -> bool:
        """Tell whether any job left a file, living or not."""
        return any(self._folder.glob("*"))

    def dead(self) -> tuple[list[str], bool]:
        """Return the names of jobs that were killed, and whether any other job lives."""
        dead: list[str] = []
        lives = False
        for path in self._folder.glob("*"):
            if _locked(path):
                lives = True
            else:
                dead.append(path.name)
        return dead, lives

    def lives(self, name: str) -> bool:
        """Tell whether the program of the job ``name`` lives."""
        return _locked(self._folder / name)

    def forget(self, names: Sequence[str]) -> None:
        """Remove the files of the jobs ``names``."""
        for name in names:
            (self._folder / name).unlink(missing_ok=True)


class _JobFile:
    """A job by its file."""

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


class JobRows:
    """The jobs on a catalog at ``url`` that machines share.

    Raises:
        StoreError: the database cannot be used, here and below.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        try:
            self._tables = PostgresDatabase(url, "jobs", "CREATE TABLE IF NOT EXISTS jobs (name TEXT PRIMARY KEY)", 1)
        except DatabaseFault as error:
            raise _unusable(error) from error

    def create(self) -> Job:
        """Return a new job of this program."""
        name = uuid.uuid4().hex
        held = self._lock(name).take()
        self._write("INSERT INTO jobs VALUES (?)", name)
        return _JobRow(name, held, self)

    def exist(self) -> bool:
        """Tell whether there is any job, living or not."""
        return bool(self._names())

    def dead(self) -> tuple[list[str], bool]:
        """Return the names of jobs that were killed, and whether any other job lives."""
        names = self._names()
        dead = [name for name in names if not self.lives(name)]
        return dead, len(dead) < len(names)

    def forget(self, names: Sequence[str]) -> None:
        """Remove the rows of the jobs ``names``."""
        for name in names:
            self._write("DELETE FROM jobs WHERE name = ?", name)

    def lives(self, name: str) -> bool:
        """Tell whether the program of the job ``name`` lives."""
        return self._lock(name).is_held()

    def _lock(self, name: str) -> DatabaseLock:
        return DatabaseLock(self._url, f"job {name}")

    def _names(self) -> list[str]:
        try:
            return [name for (name,) in self._tables.rows("SELECT name FROM jobs")]
        except DatabaseFault as error:
            raise _unusable(error) from error

    def _write(self, query: str, name: str) -> None:
        try:
            with self._tables.transaction() as db:
                db.execute(query, (name,))
        except DatabaseFault as error:
            raise _unusable(error) from error


class _JobRow:
    """A job by its row, and the connection whose lock shows that it lives."""

    def __init__(self, name: str, held: Any, jobs: JobRows) -> None:
        self.name = name
        self._held = held
        self._jobs = jobs

    def close(self, *, tidy: bool = True) -> None:
        """Give the job up; unless ``tidy``, leave word that there may be something to sweep."""
        if not self._held.closed:
            if tidy:
                self._jobs.forget([self.name])
            self._held.close()


def _unusable(error: DatabaseFault) -> StoreError:
    return StoreError(f"The jobs in the database cannot be read or written ({error}). Is the database there?")
