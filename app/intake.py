"""Batches of sources taken in while the page goes on: one at a time, each in the order it came."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock

from errors import AssistantError
from ingest.pipeline import Outcome, ingest
from ingest.workers import Workers
from store.index import Index


@dataclass
class Batch:
    """Sources on their way in. The thread that ingests writes, the page reads."""

    sources: tuple[str, ...]
    pages: dict[str, tuple[int, int]] = field(default_factory=dict)  # source: pages read, pages in all
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    error: str = ""  # what ended the batch before its time
    stop: Event = field(default_factory=Event)
    finished: Event = field(default_factory=Event)


class Intake:
    """Takes batches in. ``close`` lets the source at hand end and drops the rest."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._workers = Workers(index.settings)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="intake")
        self._running: list[Batch] = []
        self._lock = Lock()

    def start(self, sources: Sequence[str]) -> Batch:
        """Begins to take ``sources`` in and returns at once."""
        batch = Batch(sources=tuple(dict.fromkeys(sources)))
        with self._lock:
            self._running.append(batch)
        self._thread.submit(self._run, batch)
        return batch

    def running(self) -> tuple[Batch, ...]:
        """Batches not finished yet."""
        with self._lock:
            return tuple(self._running)

    def _run(self, batch: Batch) -> None:
        def on_pages(source: str, done: int, total: int) -> None:
            batch.pages[source] = (done, total)

        try:
            for outcome in ingest(
                self._index, batch.sources, workers=self._workers, on_pages=on_pages, stop=batch.stop
            ):
                batch.outcomes[outcome.source] = outcome
        except AssistantError as error:
            batch.error = str(error)
        except BaseException:
            batch.error = "Something unforeseen went wrong; the terminal that runs this page says what."
            raise
        finally:
            with self._lock:
                self._running.remove(batch)
            batch.finished.set()

    def close(self) -> None:
        """Ends what runs and stops the worker processes."""
        for batch in self.running():
            batch.stop.set()
        self._workers.close()
        self._thread.shutdown(cancel_futures=True)
