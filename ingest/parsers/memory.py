"""A worker that has grown over earlier tasks ends, instead of doing badly what it has no memory left for.

Libraries keep memory that they do not need, so a page may find none though it needs little. In a fresh process it is read
as it should be.
"""

from __future__ import annotations

import os

GREW = 77  # exit code
SAYINGS = (
    "MemoryError",
    "allocate memory",
    "bad_alloc",
    "out of memory",
    "alloc (",
    "alloc failed",
)  # libraries have errors of their own for it

_tasks = 0  # that this process was given; 0 where it is no worker


def begin_task() -> None:
    """Count a task of this process."""
    global _tasks
    _tasks += 1


def leave_if_grown(error: BaseException) -> None:
    """End this process with ``GREW`` if ``error`` says that memory ran out, unless it has done nothing before: then what it
    was given needs too much."""
    if _tasks > 1 and is_out_of_memory(error):
        os._exit(GREW)


def is_out_of_memory(error: BaseException | None) -> bool:
    """Tell whether ``error``, or what caused it, says that memory ran out."""
    while error is not None:
        said = f"{type(error).__name__}: {error}"
        if isinstance(error, MemoryError) or any(saying in said for saying in SAYINGS):
            return True
        error = error.__cause__ or error.__context__
    return False
