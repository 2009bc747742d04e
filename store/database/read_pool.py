"""Connections that read an SQLite file beside the one that writes, so that no reader waits for a writer or another reader."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

IDLE = 8  # connections that are kept open for the next readers


class ReadPool:
    """Lends a connection to one thread at a time. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        self._lock = Lock()
        self._closed = False

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection.

        Raises:
            sqlite3.Error: the file cannot be opened, or the pool was closed.
        """
        with self._lock:
            if self._closed:
                raise sqlite3.ProgrammingError("the catalog is closed")
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=60, check_same_thread=False, isolation_level=None)
        try:
            yield connection
        finally:
            with self._lock:
                keep = not self._closed and len(self._idle) < IDLE
                if keep:
                    self._idle.append(connection)
            if not keep:
                connection.close()

    def close(self) -> None:
        """Close what is idle now, and what is lent when it comes back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
