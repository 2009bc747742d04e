"""What is found for the questions of one turn: several at once, each once."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import Future
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
        self._at_work = 0  # questions that are being looked up
        self._since = 0.0  # when the first of them was begun
        self.seconds = 0.0  # in which any question was looked up
        self.notices: dict[str, None] = {}

    def begin(self, questions: Iterable[str]) -> None:
        """Begin to look ``questions`` up, several at once and in their order: who asks for one waits for it alone."""
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
        with self._lock:
            if not self._at_work:
                self._since = time.perf_counter()
            self._at_work += 1
        try:
            with collecting() as notices:
                found = hits_of(self._retriever.invoke(question))
        except BaseException as error:  # noqa: BLE001  it is raised again for whoever asks
            self._end(())
            future.set_exception(error)
        else:
            self._end(notices)
            future.set_result(found)

    def _end(self, notices: Iterable[str]) -> None:
        with self._lock:
            self._at_work -= 1
            if not self._at_work:
                self.seconds += time.perf_counter() - self._since
            self.notices |= dict.fromkeys(notices)
