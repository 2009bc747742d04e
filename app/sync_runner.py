"""Syncs inside the running page: those that are due, and those that somebody asks for; then what they brought is told."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread

from langchain_core.runnables import Runnable

from errors import AssistantError
from ingest.notices import Ask, look
from ingest.sync.run import run_sync
from ingest.sync.serve import LOOK_AGAIN, due_now
from ingest.workers import Workers
from records import Chunk, Scope, Turn
from store.index import Index
from store.notices import Notices
from store.syncs import Syncs

log = logging.getLogger(__name__)


class SyncRunner:
    """One thread that runs syncs, one after the other; it begins with ``start`` or the first ``run``."""

    def __init__(self, index: Index, chain: Callable[[], Runnable[Turn, Turn]]) -> None:
        self._index = index
        self._chain = chain
        self._asked: SimpleQueue[str] = SimpleQueue()
        self._stop = Event()
        self._lock = Lock()
        self._thread: Thread | None = None
        self.syncs = Syncs(index.folder, index.settings.catalog_url)
        self.notices = Notices(index.folder)
        self.running: dict[str, None] = {}  # names of those that run or wait for their turn

    def start(self) -> None:
        """Begin to run what is due."""
        with self._lock:
            if self._thread is None and not self._stop.is_set():
                self._thread = Thread(target=self._work, name="syncs", daemon=True)
                self._thread.start()

    def run(self, name: str) -> None:
        """Run the sync ``name`` as soon as its turn comes; one that waits already is run once."""
        if name not in self.running:
            self.running[name] = None
            self._asked.put(name)
        self.start()

    def close(self) -> None:
        """Stop after the sources at hand."""
        self._stop.set()
        self._asked.put("")
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        with Workers(self._index.settings) as workers:
            while not self._stop.is_set():
                try:
                    self._one(self._asked.get(timeout=LOOK_AGAIN), workers)
                except Empty:
                    for state in due_now(self.syncs.all(), time.time()):
                        self._one(state.sync.name, workers)
                    self._told()

    def _one(self, name: str, workers: Workers) -> None:
        try:
            state = self.syncs.state(name)
            if state is not None and not self._stop.is_set():
                self.running[name] = None
                run_sync(self._index, workers, self.syncs, state, stop=self._stop)
                self._told()
        except AssistantError as error:
            log.warning("The sync %s could not run: %s", name, error)
        finally:
            self.running.pop(name, None)

    def _told(self) -> None:
        try:
            if self.notices.rules():
                look(self._index, self.notices, ask_by(self._chain))
        except AssistantError as error:
            log.warning("Whether notices are due could not be looked up: %s", error)


def ask_by(chain: Callable[[], Runnable[Turn, Turn]]) -> Ask:
    """Return what asks ``chain`` a question and gives back the first passage that bears the answer out."""
    return partial(_ask, chain)


def _ask(chain: Callable[[], Runnable[Turn, Turn]], question: str, scope: Scope) -> tuple[Chunk, str] | None:
    turn = chain().invoke(Turn(question=question, scope=scope))
    cited = next((one for one in turn.citations if one.checked), None)
    return (cited.chunk, cited.quote) if turn.outcome == "answered" and cited is not None else None
