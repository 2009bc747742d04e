"""Sources -> index: read, parse, chunk, embed, store. The batch script and the page both come through here."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from threading import Event

from errors import StoreError
from ingest.batch import Batch
from ingest.first_stage import OnWords
from ingest.outcome import Outcome, Prepared, storable, unstorable
from ingest.reading import OnPages, ReadingBatch
from ingest.workers import Workers, is_quick
from models.caption import load_captioner
from records import Access
from store.index import Index
from store.job_files import Job

NOTED_TOGETHER = 20
READ_TOGETHER = 16  # short files that are read in one task, and stored in one write


def ingest(
    index: Index,
    sources: Sequence[str],
    *,
    workers: Workers,
    on_pages: OnPages = lambda *_: None,
    on_words: OnWords = lambda _: None,
    stop: Event | None = None,
    work: Job | None = None,
    access: Mapping[str, Access] | None = None,
    versions: Mapping[str, str] | None = None,
    password: str = "",
    keep_locked: bool = False,
) -> Generator[Outcome]:
    """Take ``sources`` in and yield what became of each as it is done; one that fails does not stop the others.

    ``stop`` ends the batch after the sources at hand. What is in is in; what was not reached is among ``index.jobs.left()``,
    as it is when this program is killed, until it is taken in or ``index.jobs.cancel`` is called.

    Args:
        on_words: is told of each long source whose plain words can be searched while the rest of it is being read.
        work: what ``index.jobs.begin`` gave for these sources, where it was called before.
        access: who may read which of them; the others stay as they are, and new ones are open to everybody.
        versions: the present versions of sources, where they are known already; the others are asked for.
        password: of those that are encrypted; it is kept nowhere.
        keep_locked: those that want another password go on waiting, for somebody is asked for it.

    Raises:
        StoreError: the index itself cannot be written, or was embedded with another model; the sources wait.
    """
    stop = stop or Event()
    named = [source for source in dict.fromkeys(sources) if storable(source)]
    work = work or index.jobs.begin(named, access)
    done: list[str] = []  # without a write of their own; noted together, since each note costs a write
    try:
        index.check_models()
        yield from (unstorable(source) for source in dict.fromkeys(sources) if not storable(source))
        extend = partial(index.jobs.extend, work)
        reading = ReadingBatch(index, workers, on_pages, on_words, stop, extend, versions or {}, password)
        for outcome in _run(reading, named, workers.size + 2):
            waits = outcome.locked and keep_locked
            if outcome.status in ("failed", "unchanged") and not stop.is_set() and not waits:
                done.append(outcome.source)
            if len(done) >= NOTED_TOGETHER:
                index.jobs.cancel(done)
                done = []
            yield outcome
    finally:
        with contextlib.suppress(StoreError):  # the error that ends the batch is on its way already
            index.jobs.cancel(done)
        index.jobs.end(work)


def describe(index: Index, sources: Sequence[str], *, stop: Event | None = None) -> Generator[Outcome]:
    """Have the pictures of ``sources``, which are in the index, described by the vision model of its settings, without
    reading them again; yield what became of each. What is described already is not asked about.

    Raises:
        ModelError: no vision model is set, or it cannot be loaded.
        StoreError: the index itself cannot be written, or was embedded with another model.
    """
    stop = stop or Event()
    load_captioner(index.settings)  # before anything is noted
    index.check_models()
    known = [source for source in dict.fromkeys(sources) if index.catalog.knows(source)]
    work = index.jobs.begin(known)  # so that nobody sweeps away what is said meanwhile
    try:
        yield from _run(Batch(index, stop), sources, index.settings.vision_workers + 1)
    finally:
        with contextlib.suppress(StoreError):
            index.jobs.cancel(known)
        index.jobs.end(work)


def _run(job: Batch, sources: Sequence[str], ahead: int) -> Iterator[Outcome]:
    """Yield all outcomes; ``ahead`` bundles of sources are in preparation while one is embedded and stored. What is stored
    may have its pictures described after that."""
    waiting = deque(sources)
    with ThreadPoolExecutor(max_workers=ahead) as threads:
        running: list[Future[list[Prepared | Outcome]]] = []
        try:
            while True:
                while len(running) < ahead and not job.stop.is_set() and waiting:
                    running.append(threads.submit(job.prepare, _next_bundle(waiting)))
                if not running:
                    return
                results = _pop_done(running).result()
                done = [one for one in results if isinstance(one, Outcome)]
                done += job.store([one for one in results if isinstance(one, Prepared)])
                for outcome in done:
                    waiting.extendleft(reversed(outcome.attachments))
                    if job.describes(outcome):
                        running.append(threads.submit(job.describe, outcome))
                    else:
                        yield outcome
        finally:
            job.ended.set()
            for future in running:
                future.cancel()
            job.close()


def _next_bundle(waiting: deque[str]) -> list[str]:
    """Take the next source off; of short files so many as are read and stored together."""
    bundle = [waiting.popleft()]
    while is_quick(bundle[0]) and waiting and len(bundle) < READ_TOGETHER and is_quick(waiting[0]):
        bundle.append(waiting.popleft())
    return bundle


def _pop_done(running: list[Future[list[Prepared | Outcome]]]) -> Future[list[Prepared | Outcome]]:
    """Take out the first future that is done, so that a long document does not hold up the short ones."""
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    first = next(future for future in running if future in done)
    running.remove(first)
    return first
