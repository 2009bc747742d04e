"""Locks between processes on one data folder (advisory ``flock``; the system frees them when a process dies)."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from errors import StoreError


def open_lock(path: Path) -> int:
    """Return a file handle to lock on.

    Raises:
        StoreError: the folder cannot be written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StoreError(f"Cannot write to {path.parent} ({error.strerror}). Choose another --data-dir.") from error


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock ``path`` alone, waiting for it."""
    handle = open_lock(path)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


class Lease:
    """A shared hold on a lock file: shows that this process uses what the lock stands for."""

    def __init__(self, path: Path) -> None:
        self._handle = open_lock(path)
        fcntl.flock(self._handle, fcntl.LOCK_SH)

    def try_last(self) -> bool:
        """Tell whether nobody else holds the lease; if so, others now wait until ``release``."""
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Give the lease back."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
