"""What is found for the questions of one turn: several at once, each once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Lock

from langchain_core.runnables.config import ContextThreadPoolExecutor

from chains.retrieval.notices import collecting
from chains.retrieval.retriever import Retriever, hits_of
from records import Hit

MAX_AT_ONCE = 4  # questions that are looked up at the same time


class Retrieval:
    """The retriever over one turn: it remembers what it found, and how long that took. Safe to use from several threads."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever
        self._found: dict[str, Future[tuple[Hit, ...]]] = {}
        self._lock = Lock()
        self._pool: ContextThreadPoolExecutor | None = None
        self._at_work = 0  # what is being embedded or looked up
        self._since = 0.0  # when the first of them was begun
        self.seconds = 0.0  # in which any question was looked up
        self.notices: dict[str, None] = {}

    def begin(self, questions: Sequence[str]) -> None:
        """Begin to look ``questions`` up, several at once and in their order: who asks for one waits for it alone. They are
        embedded in one batch first.

        Raises:
            Exception: whatever the retriever raises over embedding them.
        """
        with self._timed():
            self._retriever.prepare([one for one in dict.fromkeys(questions) if one not in self._found])
        if self._pool is None:
            self._pool = ContextThreadPoolExecutor(max_workers=MAX_AT_ONCE, thread_name_prefix="retrieval")
        for question in dict.fromkeys(questions):
            with self._lock:
                if question in self._found:
                    continue
                future: Future[tuple[Hit, ...]] = Future()
                self._found[question] = future
            self._pool.submit(self._look_up, question, future)

    def close(self) -> None:
        """Begin nothing more, and wait for what is being looked up; after that no question can be asked."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def __call__(self, question: str) -> tuple[Hit, ...]:
        """Return the hits for ``question``.

        Raises:
            Exception: whatever the retriever raises.
        """
        with self._lock:
            future = self._found.get(question)
            begun = future is not None
            if future is None:
                self._found[question] = future = Future()
        if not begun:
            self._look_up(question, future)
        return future.result()

    def _look_up(self, question: str, future: Future[tuple[Hit, ...]]) -> None:
        try:
            with self._timed(), collecting() as notices:
                found = hits_of(self._retriever.invoke(question))
        except BaseException as error:  # noqa: BLE001  it is raised again for whoever asks
            future.set_exception(error)
        else:
            with self._lock:
                self.notices |= dict.fromkeys(notices)
            future.set_result(found)

    @contextmanager
    def _timed(self) -> Iterator[None]:
        """Count the time of what is done meanwhile, once where several are at work."""
        with self._lock:
            if not self._at_work:
                self._since = time.perf_counter()
            self._at_work += 1
        try:
            yield
        finally:
            with self._lock:
                self._at_work -= 1
                if not self._at_work:
                    self.seconds += time.perf_counter() - self._since
