"""Ingestion in the background while the page goes on: one batch at a time, each in the order it came."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock

from errors import AssistantError, SourceError
from ingest.outcome import Outcome
from ingest.pipeline import ingest
from ingest.workers import Workers
from records import OPERATOR, Access, Principal, Source
from store.auth.access import joined
from store.index import Index
from store.job_files import Job


@dataclass
class Batch:
    """Sources that are being ingested. The thread that ingests writes, the page reads."""

    sources: tuple[str, ...]
    owner: str = ""  # the user who adds them
    grants: dict[str, Access] = field(default_factory=dict)  # of links that others added, once they have been read anew
    password: str = field(default="", repr=False)  # of encrypted files among them, until the batch is done
    keep_locked: bool = True  # somebody may be asked for the password of a file
    began: float | None = None  # when its turn came, by time.monotonic
    pages: dict[str, tuple[int, int]] = field(default_factory=dict)  # source: pages read, pages in all
    reading: dict[str, float] = field(default_factory=dict)  # source: when its pages were begun, by time.monotonic
    searchable: set[str] = field(default_factory=set)  # sources whose words can be searched while they are being read
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    error: str = ""  # what ended the batch before its time
    stop: Event = field(default_factory=Event)
    finished: Event = field(default_factory=Event)


class Ingestion:
    """A queue of batches with one thread that ingests them. ``close`` lets the source at hand end; ``resume`` continues
    with the rest."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._workers = Workers(index.settings)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ingestion")
        self._running: list[Batch] = []
        self._lock = Lock()
        self._closing = Event()

    def start(
        self,
        sources: Sequence[str],
        access: Access | None = None,
        principal: Principal = OPERATOR,
        password: str = "",
    ) -> Batch:
        """Begin to ingest ``sources`` for ``principal`` and return at once. None as ``access`` leaves what is here
        already to those who may read it, and opens what is new to everybody."""
        batch = Batch(sources=tuple(dict.fromkeys(sources)), owner=principal.name, password=password)
        access_by_source: dict[str, Access] = {}
        for source in batch.sources:
            known = self._index.catalog.access(source)
            if known is None or (access is not None and (principal.everything or known.owner == principal.name)):
                access_by_source[source] = access or Access()
            elif access is not None:
                batch.grants[source] = joined(known, access)
        return self._begin(batch, access_by_source)

    def again(self, source: Source, principal: Principal = OPERATOR) -> Batch:
        """Begin to read ``source`` again although it may not have changed; who may read it stays. What cannot be read any
        more stays as it was."""
        self._index.catalog.invalidate([source.source])
        return self.start([source.source], None, principal)

    def _begin(self, batch: Batch, access: Mapping[str, Access]) -> Batch:
        job = self._index.jobs.begin(batch.sources, access)  # from here on only a person can cancel them
        with self._lock:
            self._running.append(batch)
        self._thread.submit(self._run, batch, job)
        return batch

    def check_capacity(self, number: int) -> None:
        """Check that ``number`` more sources may wait.

        Raises:
            SourceError: too many wait already.
        """
        most = self._index.settings.max_waiting
        waiting = sum(len(batch.sources) - len(batch.outcomes) for batch in self.running())
        if waiting + number > most:
            raise SourceError(
                f"{waiting:,} sources wait to be ingested, and {most:,} may. Try again when some are done."
            )

    def running(self) -> tuple[Batch, ...]:
        """Return the batches that are not finished yet."""
        with self._lock:
            return tuple(self._running)

    def running_of(self, principal: Principal) -> tuple[Batch, ...]:
        """Return those that ``principal`` began. What was resumed after a restart is nobody's: its names tell of others."""
        return tuple(batch for batch in self.running() if principal.name and batch.owner == principal.name)

    def resume(self) -> Batch | None:
        """Continue with what a program that ended, or was killed, was ingesting; None when there is nothing."""
        left = self._index.jobs.left()
        return self._begin(Batch(sources=tuple(left), keep_locked=False), {}) if left else None

    def _run(self, batch: Batch, job: Job) -> None:
        def on_pages(source: str, done: int, total: int) -> None:
            batch.reading.setdefault(source, time.monotonic())
            batch.pages[source] = (done, total)

        batch.began = time.monotonic()
        try:
            for outcome in ingest(
                self._index,
                batch.sources,
                workers=self._workers,
                on_pages=on_pages,
                on_words=batch.searchable.add,
                stop=batch.stop,
                work=job,
                password=batch.password,
                keep_locked=batch.keep_locked,
            ):
                if outcome.status != "failed" and outcome.source in batch.grants:
                    self._index.catalog.set_access(outcome.source, batch.grants[outcome.source])
                batch.sources = tuple(dict.fromkeys((*batch.sources, *outcome.attachments)))
                batch.outcomes[outcome.source] = outcome
            if batch.stop.is_set() and not self._closing.is_set():
                self._index.jobs.cancel([source for source in batch.sources if source not in batch.outcomes])
        except AssistantError as error:
            batch.error = str(error)
        except BaseException:
            batch.error = "Something unforeseen went wrong; the terminal that runs this page says what."
            raise
        finally:
            batch.password = ""
            with self._lock:
                self._running.remove(batch)
            batch.finished.set()

    def close(self) -> None:
        """Stop what runs, and the worker processes."""
        self._closing.set()
        for batch in self.running():
            batch.stop.set()
        self._workers.close()
        self._thread.shutdown(cancel_futures=True)
