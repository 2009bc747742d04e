"""How the models of a worker run in ONNX Runtime: the libraries that load them offer no setting for it."""

from __future__ import annotations

import sys
from typing import Any

LAYOUT = "pymupdf."  # the library whose models find tables and headings


def worker_options(given: Any) -> Any:
    """Return a kind of ``onnxruntime.SessionOptions``, which is ``given``, for a process beside one other a core.

    Each model has one thread: there is a worker for every core, and threads that wait for each other spin. And the layout
    models keep their memory from page to page, which their library forbids: to ask for it anew is a sixth of the time of a
    page, and what it fears, that it grows, ends with the process. Text recognition gives its memory back, as it wants to: a
    large picture takes half a gigabyte.
    """

    class WorkerOptions(given):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.intra_op_num_threads = 1

        @property
        def enable_cpu_mem_arena(self) -> bool:
            return bool(given.enable_cpu_mem_arena.__get__(self))

        @enable_cpu_mem_arena.setter
        def enable_cpu_mem_arena(self, wanted: bool) -> None:
            who_asks = sys._getframe(1).f_globals["__name__"]
            if not who_asks.startswith(LAYOUT):
                given.enable_cpu_mem_arena.__set__(self, wanted)

    return WorkerOptions
