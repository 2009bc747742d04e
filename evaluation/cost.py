"""What a run costs: memory and disk."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType

import psutil


class PeakMemory:
    """A watch on the memory of this process and all below it while it is open; ``peak_bytes`` is the most seen by
    looking ``every`` so many seconds.

    Memory is the unique set size (USS) where the system tells it, else the resident set: pages that several processes
    share are then not counted once for each.
    """

    def __init__(self, every: float = 2.0) -> None:
        self.peak_bytes = 0
        self._every = every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self.peak_bytes = max(self.peak_bytes, process_tree_bytes())
            if self._stop.wait(self._every):
                return


def process_tree_bytes() -> int:
    """Return the memory of this process and all processes below it, in bytes."""
    own = psutil.Process()
    return sum(_bytes(process) for process in [own, *own.children(recursive=True)])


def _bytes(process: psutil.Process) -> int:
    try:
        full = process.memory_full_info()
        return int(getattr(full, "uss", full.rss))
    except psutil.AccessDenied:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0  # it ended while we looked


def disk_bytes(folder: Path) -> int:
    """Return the size of all files below ``folder``."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
