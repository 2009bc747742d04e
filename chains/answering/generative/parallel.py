"""Several streams at once, each begun when those it needs have ended."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from queue import SimpleQueue
from threading import Event
from typing import TypeVar

from langchain_core.runnables.config import ContextThreadPoolExecutor

T = TypeVar("T")
MAX_AT_ONCE = 4  # what a server of one's own has slots for


def in_parallel(jobs: Sequence[Callable[[], Iterator[T]]], after: Sequence[Collection[int]]) -> Iterator[tuple[int, T]]:
    """Yield what the ``jobs`` yield as it comes, with the position of the job, from 0.

    Each runs in a thread of its own with the caller's context, so that LangChain's callbacks see it. When the caller closes
    this iterator, or a job fails, those that run stop at their next item.

    Args:
        after: for each job the positions of those that must have ended before; all of them smaller than its own.

    Raises:
        Exception: whatever a job raises.
    """
    queue: SimpleQueue[tuple[int, list[T], Exception | None]] = SimpleQueue()  # no item: the job has ended
    stopped = Event()

    def run(position: int) -> None:
        try:
            for item in jobs[position]():
                if stopped.is_set():
                    return
                queue.put((position, [item], None))
        except Exception as error:  # noqa: BLE001  it is raised again where the caller waits
            queue.put((position, [], error))
        else:
            queue.put((position, [], None))

    waiting, ended = list(range(len(jobs))), set[int]()
    pool = ContextThreadPoolExecutor(max_workers=MAX_AT_ONCE, thread_name_prefix="sub-question")
    try:
        while len(ended) < len(jobs):
            for position in [one for one in waiting if ended.issuperset(after[one])]:
                waiting.remove(position)
                pool.submit(run, position)
            position, items, error = queue.get()
            if error is not None:
                raise error
            if not items:
                ended.add(position)
            for item in items:
                yield position, item
    finally:
        stopped.set()
        pool.shutdown(wait=False, cancel_futures=True)
