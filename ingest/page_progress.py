"""Which pages worker processes have read, told as they read them.

A worker may be killed at any moment, also while it tells: so there is no lock that it could take along. What it tells is
shorter than what a pipe takes in one piece (POSIX: 512 bytes at least), so that words of several workers never mix.
"""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from threading import Lock, Thread

from errors import SourceError

OnPage = Callable[[int], None]  # how many of a source's pages are read

_writer: Connection[bytes, bytes] | None = None  # of this process, where it is a worker


def tell_to(writer: Connection[bytes, bytes]) -> None:
    """Let this worker process tell of its pages through ``writer``."""
    global _writer
    _writer = writer


def tell(original: str, number: int) -> None:
    """Tell that page ``number`` of the asset ``original`` is read; outside a worker nobody is told."""
    if _writer is not None:
        with contextlib.suppress(OSError):  # the program that listened is gone
            _writer.send_bytes(f"{original} {number}".encode())


class PageProgress:
    """The end of the pipe at which a program hears of the pages that its workers read."""

    def __init__(self) -> None:
        self._reader, self.writer = multiprocessing.get_context("spawn").Pipe(duplex=False)
        self._listening: dict[str, tuple[set[int], OnPage]] = {}
        self._lock = Lock()
        Thread(target=self._listen, name="page progress", daemon=True).start()

    @contextmanager
    def listening(self, original: str, on_page: OnPage) -> Iterator[None]:
        """Call ``on_page`` for each page of the asset ``original`` that is read; a page counts once."""
        with self._lock:
            self._listening[original] = (set(), on_page)
        try:
            yield
        finally:
            with self._lock:
                self._listening.pop(original, None)

    def _listen(self) -> None:
        while True:
            try:
                original, _, number = self._reader.recv_bytes().decode().partition(" ")
            except (EOFError, OSError):
                return
            with self._lock:
                if original in self._listening:
                    pages, on_page = self._listening[original]
                    pages.add(int(number))
                    with contextlib.suppress(SourceError):  # stopped: who waits for the pages is told so, too
                        on_page(len(pages))

    def close(self) -> None:
        """Hear nothing more; the thread ends with the last writer."""
        self.writer.close()
