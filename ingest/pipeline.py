"""Sources -> index: read, parse, chunk, embed, store. The batch script and the page both come through here."""

from __future__ import annotations

import contextlib
import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from threading import Event, Lock

from errors import PasswordError, SourceError, StoreError
from ingest.about import extracted, idf_of
from ingest.chunk.chunker import chunk_document, window_of
from ingest.chunk.descriptions import described
from ingest.connectors.registry import version_of
from ingest.connectors.sidecar import own_fields
from ingest.describe import LOSS, Describing, Usage, assets_for, stored
from ingest.first_stage import FirstStage, OnWords
from ingest.losses import with_empty_pages
from ingest.outcome import Outcome, Prepared, outcome_of, storable, unchanged, unstorable
from ingest.workers import PAGES, Loaded, Workers, is_quick
from models.caption import load_captioner
from models.said import CannotDescribe
from records import About, Access, Fields, Loss
from store.being_read import is_whole
from store.catalog import Fingerprint
from store.index import Index
from store.job_files import Job
from store.new_document import NewDocument
from store.writer import AssetsGone, SourceChanged

PARSER_VERSION = "11"  # raise it when parsing or chunking changes, and sources are parsed again

_REMOVED = "{} was removed while it was being read."
NOTED_TOGETHER = 20
READ_TOGETHER = 16  # short files that are read in one task, and stored in one write

log = logging.getLogger(__name__)
OnPages = Callable[[str, int, int], None]  # source, pages read, pages in all


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
        reading = _Reading(index, workers, on_pages, on_words, stop, extend, versions or {}, password)
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
        yield from _run(_Job(index, stop), sources, index.settings.vision_workers + 1)
    finally:
        with contextlib.suppress(StoreError):
            index.jobs.cancel(known)
        index.jobs.end(work)


def _run(job: _Job, sources: Sequence[str], ahead: int) -> Iterator[Outcome]:
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
    from concurrent.futures import FIRST_COMPLETED, wait

    done, _ = wait(running, return_when=FIRST_COMPLETED)
    first = next(future for future in running if future in done)
    running.remove(first)
    return first


class _Job:
    """One batch of sources that are in the index already."""

    def __init__(self, index: Index, stop: Event) -> None:
        self._index = index
        self.stop = stop
        self.ended = Event()  # nobody waits for outcomes any more
        self._captioner = load_captioner(index.settings) if index.settings.vision_model else None
        self._describing = Describing(index, self._captioner, self._is_over) if self._captioner else None

    def _is_over(self) -> bool:
        return self.stop.is_set() or self.ended.is_set()

    def prepare(self, sources: Sequence[str]) -> list[Prepared | Outcome]:
        """Do everything short of embedding; runs in a thread that waits for workers and network."""
        return [
            Outcome(source=source, status="unchanged")
            if self._index.catalog.knows(source)
            else Outcome(source=source, status="failed", error=f"{source} is not in the index. Take it in first.")
            for source in sources
        ]

    def store(self, prepared: Sequence[Prepared], tries: int = 3) -> list[Outcome]:
        """Embed and store in one write; runs in the thread of the caller."""
        if not prepared:
            return []
        known = {source for one in prepared if is_whole(self._index.catalog, source := one.document.source)}
        when = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            new = [
                NewDocument(one.document, one.chunks, one.fingerprint, one.beside, one.instead_of, one.about)
                for one in prepared
            ]
            self._index.put_all(new, when)
        except (AssetsGone, SourceChanged) as error:
            # another batch removed what this one found already stored, or was faster with the same source
            if len(prepared) > 1:
                return [outcome for one in prepared for outcome in self.store([one], tries)]
            source = prepared[0].document.source
            if prepared[0].instead_of and not self._index.catalog.knows(source):
                return [Outcome(source=source, status="failed", error=_REMOVED.format(source))]
            if isinstance(error, SourceChanged) and tries > 1:
                now = tuple(self._index.catalog.chunk_ids(source))
                return self.store([replace(prepared[0], instead_of=now)], tries - 1)
            (again,) = self.prepare([source])
            if isinstance(again, Outcome):
                return [again]
            if tries == 1:
                return [Outcome(source=source, status="failed", error=str(error))]
            return self.store([again], tries - 1)
        return [outcome_of(one, known) for one in prepared]

    def describes(self, outcome: Outcome) -> bool:
        """Tell whether pictures of a source are to be looked at that has come to ``outcome``."""
        return (
            self._describing is not None
            and outcome.status != "failed"
            and outcome.usage is None
            and not self._is_over()
        )

    def describe(self, outcome: Outcome) -> list[Prepared | Outcome]:
        """Have the pictures described; runs in a thread that waits for the model."""
        return [self._describe(outcome)]

    def _describe(self, outcome: Outcome) -> Outcome:
        assert self._describing is not None
        began = time.perf_counter()
        source = outcome.source
        try:
            if not self._describing.is_due(source):
                return replace(outcome, usage=Usage())
            usage, losses = self._describing.describe(source)
        except CannotDescribe as error:
            return self.without_model(outcome, error)
        except SourceChanged as error:
            return replace(outcome, usage=Usage(), losses=(*outcome.losses, Loss(f"{LOSS}s", str(error))))
        chunks = Counter(chunk.kind for chunk in self._index.catalog.chunks_of(source))
        return replace(
            outcome,
            status="updated" if outcome.status == "unchanged" and usage.described else outcome.status,
            chunks=None if outcome.chunks is None else dict(chunks),
            losses=losses,
            usage=usage,
            seconds=outcome.seconds + time.perf_counter() - began,
        )

    def without_model(self, outcome: Outcome, error: CannotDescribe) -> Outcome:
        """Return what becomes of a source whose pictures cannot be described: here the end, for nothing else is wanted.

        Raises:
            CannotDescribe: always.
        """
        raise error

    def close(self) -> None:
        """Have nothing more described."""
        if self._describing is not None:
            self._describing.close()


class _Reading(_Job):
    """One batch of sources to be read."""

    def __init__(
        self,
        index: Index,
        workers: Workers,
        on_pages: OnPages,
        on_words: OnWords,
        stop: Event,
        extend: Callable[[Sequence[str]], None],
        versions: Mapping[str, str],
        password: str,
    ) -> None:
        super().__init__(index, stop)
        self._load = partial(workers.load, password=password) if password else workers.load
        self._versions = versions
        self._extend = extend  # notes further sources of this batch
        self._workers = workers
        self._tell_pages = on_pages
        self._saying = Lock()
        self._said = False  # that the vision model cannot be loaded
        self._window = window_of(index.embedder.tokenizer)
        self._first_stage = FirstStage(index, workers, self._window, on_words)
        # what followed the last stroke in older versions, a vision model, does not change what is read
        self._parser = "/".join([PARSER_VERSION, index.embedder.fingerprint, str(index.settings.figure_dpi), ""])

    def without_model(self, outcome: Outcome, error: CannotDescribe) -> Outcome:
        """Return the source as it was taken in; with the first one it is said what is wrong."""
        said = Loss(f"{LOSS}s", f"{error} Then: python -m ingest --describe")
        with self._saying:
            losses = () if self._said else (said,)
            self._said = True
        return replace(outcome, usage=Usage(failed=1), losses=(*outcome.losses, *losses))

    def prepare(self, sources: Sequence[str]) -> list[Prepared | Outcome]:
        """Do everything short of embedding; runs in a thread that waits for workers and network."""
        began = time.perf_counter()
        results: dict[str, Prepared | Outcome] = {}
        asked: dict[str, tuple[Fingerprint | None, str]] = {}  # how it is known, its present version
        for source in sources:
            with self._failing(source, began, results):
                current, version = self._present(source)
                if current and version and current.stamp == version:
                    results[source] = self._unchanged(source, own_fields(source), began)
                else:
                    asked[source] = current, version
        hashes = {source: current.content_hash if current else "" for source, (current, _) in asked.items()}
        together = self._workers.load_all(hashes) if len(hashes) > 1 else {}
        for source, (current, version) in asked.items():
            with self._failing(source, began, results):
                loaded = together.get(source) or self._load(source, hashes[source])
                results[source] = self._prepared(source, loaded, current is not None, version, began)
        return [results[source] for source in sources]

    @contextlib.contextmanager
    def _failing(self, source: str, began: float, results: dict[str, Prepared | Outcome]) -> Iterator[None]:
        """Let a source that fails have an outcome that says why, and the others go on."""
        try:
            yield
            return
        except PasswordError as error:
            seconds = time.perf_counter() - began
            results[source] = Outcome(source=source, status="failed", error=str(error), seconds=seconds, locked=True)
            return
        except SourceError as error:
            reason = str(error)
        except StoreError:
            raise  # the index itself: no other source would fare better
        except Exception as error:
            log.exception("%s", source)
            reason = f"{source} met a fault of this program ({type(error).__name__}: {error}). Please report it."
        seconds = time.perf_counter() - began
        results[source] = Outcome(source=source, status="failed", error=reason, seconds=seconds)

    def store(self, prepared: Sequence[Prepared], tries: int = 3) -> list[Outcome]:
        """Embed and store; what was attached before and is not any more is removed."""
        if attachments := [source for one in prepared for source in one.document.attachments]:
            self._extend(attachments)  # before it is stored, for then nobody would look for them again
        outcomes = super().store(prepared, tries)
        for outcome in outcomes:
            if outcome.status == "updated":
                for gone in set(self._index.catalog.attached_to(outcome.source)) - set(outcome.attachments):
                    self._index.remove(gone)
        return outcomes

    def _present(self, source: str) -> tuple[Fingerprint | None, str]:
        """How a source was when it was taken in, None where it is to be read anyway; and its present version."""
        known = self._index.catalog.fingerprint(source)
        current = known if known and known.parser.startswith(self._parser) else None
        return current, self._versions.get(source) or version_of(source)

    def _prepared(
        self, source: str, loaded: Loaded, read_alike: bool, version: str, began: float
    ) -> Prepared | Outcome:
        """A loaded source with its pages read, or taken over where it was ``read_alike`` before, and cut into chunks."""
        own = own_fields(source)
        words = self._first_stage.take_in(source, loaded, own)
        assets = self._index.catalog.assets_of(source) if read_alike else ()
        former = next((name for name in assets if name.endswith(PAGES)), "")
        try:
            loaded = self._workers.read_pages_of(source, loaded, former, partial(self._on_pages, source))
        except SourceError as error:  # perhaps because its bytes are gone
            if words and not self._index.catalog.knows(source):
                raise SourceError(_REMOVED.format(source)) from error
            raise
        if loaded.document is None:
            self._index.catalog.touch(source, version)
            return self._unchanged(source, own, began)
        document = loaded.document
        tables = {
            i: self._index.assets.put_table(element.table)
            for i, element in enumerate(document.elements)
            if element.table is not None
        }
        chunks = chunk_document(document, tables, self._window)
        document = replace(document, losses=with_empty_pages(document.losses, document, chunks))
        pictures = {chunk.picture for chunk in chunks}
        known_chunks = self._index.catalog.chunks_of(source)
        said = stored(self._index, source, known_chunks, self._captioner)
        kept = {picture: one for picture, one in said.items() if picture in pictures}
        return Prepared(
            document=document,
            chunks=described(chunks, kept, self._window),
            fingerprint=Fingerprint(loaded.content_hash, version, self._parser),
            beside=frozenset({*assets_for(self._index, kept), loaded.pages} - {""}),
            about=extracted(
                About(stated=document.stated, own=own), chunks, idf_of(self._index, source if words else "")
            ),
            began=began,
            instead_of=words,
        )

    def _unchanged(self, source: str, own: Fields, began: float) -> Outcome:
        """What becomes of a source whose content is as before: only the user's fields of it may be others."""
        known = self._index.catalog.source(source)
        if known is None or known.about.own == own:
            return unchanged(source, began)
        self._index.catalog.set_about(source, replace(known.about, own=own))
        return Outcome(source=source, status="updated", title=known.title, seconds=time.perf_counter() - began)

    def _on_pages(self, source: str, done: int, total: int) -> None:
        if self._is_over():
            raise SourceError("Stopped before it was read.")
        self._first_stage.note_pages(source, done)
        self._tell_pages(source, done, total)
