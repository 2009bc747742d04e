"""What runs in worker processes, and the processes.

A source is parsed away from the program that serves the page, within limits on time and memory: a parser that crashes,
hangs or swells takes down its task alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from config import Settings
from errors import ParseError, SourceError
from ingest.connectors.address import is_path, suffix_of
from ingest.connectors.base import Connector
from ingest.connectors.registry import CONNECTORS, read_source
from ingest.page_progress import OnPage, PageProgress, tell
from ingest.parsers.base import Outline, Parser
from ingest.parsers.memory import GREW, begin_task, leave_if_grown
from ingest.parsers.pdf.unlock import unlocked
from ingest.parsers.registry import PARSERS, kind_of, known_suffixes
from ingest.parsers.stated import stated_fields
from ingest.worker_process import prepare_process
from records import Document, Fields, Loss
from store.bucket_assets import open_assets

P = ParamSpec("P")
T = TypeVar("T")

PAGES_A_TASK = 8  # pages a worker reads in one go: short enough for a live progress bar
WORDS_A_TASK = 100  # pages whose plain words a worker reads in one go
ALONE_PART = 4  # a page that is read by itself, since its run failed, has this part of a run's time
MAX_FATAL_PAGES = 3  # that crash or hang; then the rest of a source is not tried
TASKS_BEFORE_REST = 16  # a process is then replaced: libraries keep memory that they do not need
PAGES = ".pages"  # suffix of the asset with a source's pages as they were read
QUICK_BYTES = 50_000  # of a file that is read in one task with others


OnPages = Callable[[int, int], None]  # pages read, pages in all


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A source's bytes are read; it is parsed already, or its pages come next, or it is just as it was before."""

    content_hash: str
    kind: str = ""  # of ``PARSERS``; "" when it is as it was before
    original: str = ""  # asset
    stated: Fields = ()  # what it says of itself
    outline: Outline | None = None  # of a source that is read page by page
    document: Document | None = None
    pages: str = ""  # asset with its pages as they were read, so that those that stay the same need not be again


def load(source: str, settings: Settings, known_hash: str, password: str = "") -> Loaded:
    """Read ``source``, which ``password`` may open, and, unless its content is ``known_hash`` or it has pages, parse it; runs
    in a worker.

    Raises:
        SourceError: it cannot be read or parsed.
    """
    assets = open_assets(settings)
    raw = read_source(source, settings)
    content_hash = hashlib.sha256(raw.data).hexdigest()
    if content_hash == known_hash:
        return Loaded(content_hash=content_hash)
    kind = kind_of(raw)
    parser = PARSERS[kind]
    if parser.as_pdf is not None and (pages := parser.as_pdf(raw, settings=settings)):
        raw, kind, parser = replace(raw, data=pages), "pdf", PARSERS["pdf"]
    if kind == "pdf":
        raw = unlocked(raw, password)
    stated = stated_fields(kind, raw, settings)
    suffix = parser.suffixes[0] if parser.keeps_suffix else ""
    if parser.paged is not None:
        outline = parser.paged.outline(raw)
        if outline.pages > settings.max_pages:
            raise ParseError(f"{source} has {outline.pages:,} pages, the limit is {settings.max_pages:,}. Split it.")
        original = assets.put(raw.data, suffix)
        return Loaded(content_hash=content_hash, kind=kind, original=original, stated=stated, outline=outline)
    document = parser.parse(raw, assets=assets, settings=settings)
    length = _characters(document)
    if length > settings.max_characters:
        raise ParseError(f"{source} holds {length:,} characters, the limit is {settings.max_characters:,}. Split it.")
    document = _with_readable_attachments(document)
    document = replace(document, kind=kind, original=assets.put(raw.data, suffix), stated=stated)
    return Loaded(content_hash=content_hash, kind=kind, document=document)


def load_all(known_hashes: Mapping[str, str], settings: Settings) -> dict[str, Loaded]:
    """Return what ``load`` makes of each source; those that it cannot read are left out. Runs in a worker."""
    found: dict[str, Loaded] = {}
    for source, known_hash in known_hashes.items():
        with contextlib.suppress(SourceError):
            found[source] = load(source, settings, known_hash)
    return found


def is_quick(source: str) -> bool:
    """Tell whether a source is a short file of a kind that has neither pages nor pixels, so that to start a task for it alone
    would take longer than to read it."""
    suffix = suffix_of(source) if is_path(source) else ""
    slow = (parser.paged or parser.as_pdf for parser in PARSERS.values() if suffix in parser.suffixes)
    try:
        return bool(suffix) and not any(slow) and Path(source).stat().st_size <= QUICK_BYTES
    except OSError:
        return False  # reading it will say why


def _with_readable_attachments(document: Document) -> Document:
    """The document with those of its attachments that some parser reads, by their names; the others are losses."""
    known = known_suffixes()
    readable = tuple(source for source in document.attachments if suffix_of(source) in known)
    lost = [
        Loss(f"attachment {source.rpartition('/')[2]}", "it is of a kind that cannot be read.")
        for source in document.attachments
        if source not in readable
    ]
    return replace(document, attachments=readable, losses=(*document.losses, *lost))


def read_pages(kind: str, path: Path, numbers: Sequence[int], settings: Settings) -> list[Any]:
    """Return the pages ``numbers`` of the source whose bytes are at ``path``, telling of each; runs in a worker.

    Raises:
        ParseError: it cannot be opened again.
    """
    paged = PARSERS[kind].paged
    assert paged is not None
    assets = open_assets(settings)
    try:
        data = path.read_bytes()
    except OSError as error:  # it was removed meanwhile
        raise ParseError(f"{path.name} cannot be read any more ({error.strerror}).") from error
    contents: list[Any] = []
    for number in numbers:
        contents += paged.read(data, [number], assets, settings)
        tell(path.name, number)
    return contents


def read_words(kind: str, path: Path, source: str, numbers: Sequence[int], outline: Outline) -> Document:
    """Return the plain words of the pages ``numbers`` of the source whose bytes are at ``path``; runs in a worker.

    Raises:
        ParseError: it cannot be opened again.
    """
    paged = PARSERS[kind].paged
    assert paged is not None and paged.words is not None
    return paged.words(source, path.read_bytes(), numbers, outline)


def page_runs(numbers: Sequence[int], length: int = PAGES_A_TASK) -> list[Sequence[int]]:
    """Return page numbers in runs of ``length``."""
    return [numbers[start : start + length] for start in range(0, len(numbers), length)]


def _characters(document: Document) -> int:
    """Return how much text there is to index, cells of tables included."""
    cells = (cell for element in document.elements if element.table for cell in element.table.cells)
    return sum(len(element.text) for element in document.elements) + sum(len(cell.text) for cell in cells)


def _call(
    parsers: Mapping[str, Parser],
    connectors: Mapping[str, Connector],
    function: Callable[P, T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Call ``function`` with the file types and places that the program has: a worker starts with our own alone."""
    for known, sent in ((PARSERS, parsers), (CONNECTORS, connectors)):
        known.clear()  # so that they are in the program's order, too
        known.update(sent)  # type: ignore[arg-type]
    begin_task()
    try:
        return function(*args, **kwargs)
    except Exception as error:
        leave_if_grown(error)
        raise


class WorkerGrewError(ParseError):
    """A worker ended because it had grown over earlier tasks."""


class Workers:
    """A pool of processes that are replaced when they die. Started on first use."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._size = settings.workers or min(4, os.cpu_count() or 1)
        self._started: Any = None
        self._progress: PageProgress | None = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def size(self) -> int:
        """Return the number of processes."""
        return self._size

    def _submit(self, seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        from pebble import ProcessPool

        if self._started is None:
            # spawned, not forked: a fork copies locks that other threads hold
            context = multiprocessing.get_context("spawn")
            self._progress = PageProgress()
            self._started = ProcessPool(
                max_workers=self._size,
                max_tasks=TASKS_BEFORE_REST,
                context=context,
                initializer=prepare_process,
                initargs=(self._settings.task_memory_mb, self._progress.writer),
            )
        sent = (dict(PARSERS), dict(CONNECTORS), function, *args)
        future: Future[T] = self._started.schedule(_call, args=sent, kwargs=kwargs, timeout=seconds)
        return future

    def read_pages_of(self, source: str, loaded: Loaded, former: str, on_pages: OnPages) -> Loaded:
        """Return ``source`` parsed, with the pages read that it may have.

        Args:
            former: asset with the pages as they were read when the source was taken in before; "" where there is none.
            on_pages: is told of the pages; what it raises ends the reading.

        Raises:
            SourceError: its pages cannot be read.
        """
        if loaded.outline is None:
            return loaded
        paged = PARSERS[loaded.kind].paged
        assert paged is not None
        assets, outline = open_assets(self._settings), loaded.outline
        kept: Mapping[int, Any] = {}
        if former and not assets.missing([former]):
            kept = paged.restore(assets.read(former), outline, lambda name: not assets.missing([name]))
        numbers = [number for number in range(1, outline.pages + 1) if number not in kept]
        furthest = 0

        def told(done: int) -> None:
            nonlocal furthest
            furthest = max(furthest, done)
            on_pages(len(kept) + furthest, outline.pages)

        told(0)
        assert self._progress is not None
        with self._progress.listening(loaded.original, told):
            pages, lost = self._read_pages(loaded.kind, loaded.original, numbers, told)
        pages += kept.values()
        document = paged.assemble(source, outline, pages, lost)
        document = replace(document, kind=loaded.kind, original=loaded.original, stated=loaded.stated)
        stored = assets.put(paged.dump(pages, outline), PAGES) if outline.pages > PAGES_A_TASK else ""
        return replace(loaded, document=document, pages=stored)

    def words_of(self, source: str, loaded: Loaded, numbers: Sequence[int]) -> Document | None:
        """Return the plain words of the pages ``numbers``; None where pages of this kind have none to be read in a moment.

        Raises:
            SourceError: they cannot be read.
        """
        paged = PARSERS[loaded.kind].paged
        if paged is None or paged.words is None or loaded.outline is None:
            return None
        path = open_assets(self._settings).path(loaded.original)
        seconds = self._settings.task_seconds
        futures = [
            self._submit(seconds, read_words, loaded.kind, path, source, run, loaded.outline)
            for run in page_runs(numbers, WORDS_A_TASK)
        ]
        try:
            parts = [self._result(future, source, seconds) for future in futures]
        finally:
            for future in futures:
                future.cancel()
        elements = tuple(element for part in parts for element in part.elements)
        return replace(parts[0], elements=elements, original=loaded.original, stated=loaded.stated)

    def load_all(self, known_hashes: Mapping[str, str]) -> dict[str, Loaded]:
        """Call ``load`` in one task of a worker for sources with known hashes. Those are left out that are to be loaded each
        by itself: it fails, or one of them made the worker crash or held it up."""
        seconds = self._settings.task_seconds
        try:
            future = self._submit(seconds, load_all, known_hashes, self._settings)
            return self._result(future, ", ".join(known_hashes), seconds)
        except SourceError:
            return {}

    def load(self, source: str, known_hash: str, password: str = "") -> Loaded:
        """Call ``load`` in a worker.

        Raises:
            SourceError: it cannot be read or parsed, or the worker died or ran out of time or memory over it.
        """
        return self._run(self._settings.task_seconds, source, load, source, self._settings, known_hash, password)

    def _read_pages(
        self, kind: str, original: str, numbers: Sequence[int], told: OnPage
    ) -> tuple[list[Any], dict[int, str]]:
        """Return the pages ``numbers`` of the asset ``original``, in order, and why others are lost. Pages that kill a worker
        are, and after ``MAX_FATAL_PAGES`` of them so is the rest."""
        path = open_assets(self._settings).path(original)
        seconds = float(self._settings.task_seconds)
        pages: list[Any] = []
        lost: dict[int, str] = {}
        fatal = done = 0

        runs = page_runs(numbers)
        futures = [self._submit(seconds, read_pages, kind, path, run, self._settings) for run in runs]
        try:
            for run, future in zip(runs, futures, strict=True):
                contents = None
                done += len(run)
                if fatal < MAX_FATAL_PAGES:
                    with contextlib.suppress(SourceError):  # one of these pages did it
                        contents = self._result(future, path.name, seconds)
                if contents:
                    pages += contents
                    told(done)
                    continue
                for number in run:  # each by itself then, so that the others come through
                    if fatal >= MAX_FATAL_PAGES:
                        lost[number] = f"not read, since {fatal} other pages crashed or held up their reader."
                        continue
                    name, limit = f"page {number}", seconds / ALONE_PART
                    try:
                        alone = self._run(limit, name, read_pages, kind, path, [number], self._settings)
                    except SourceError as error:
                        fatal += 1
                        lost[number] = str(error)
                    else:
                        pages += alone
                told(done)
        finally:
            for future in futures:
                future.cancel()
        return pages, lost

    def _run(self, seconds: float, what: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what ``function`` makes of ``what`` in a worker, in a fresh one where others have grown too much for it."""
        for _ in range(self._size):
            try:
                return self._result(self._submit(seconds, function, *args, **kwargs), what, seconds)
            except WorkerGrewError:
                continue
        return self._result(self._submit(seconds, function, *args, **kwargs), what, seconds)

    def _result(self, future: Future[T], what: str, seconds: float) -> T:
        from concurrent.futures import TimeoutError as OutOfTime

        from pebble import ProcessExpired

        try:
            return future.result()
        except OutOfTime as error:
            raise ParseError(f"{what} took more than {seconds:.0f} s to read.") from error
        except ProcessExpired as error:
            if error.exitcode == GREW:
                raise WorkerGrewError(f"{what} found no memory left in its reader.") from error
            raise ParseError(f"{what} made its reader crash (exit code {error.exitcode}).") from error
        except MemoryError as error:
            limit = self._settings.task_memory_mb
            raise ParseError(f"{what} needs more memory than reading it may take ({limit:,} MB).") from error
        except SourceError:
            raise
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError, RecursionError) as error:
            # a parser's own fault over unforeseen content: this source fails, the batch goes on
            raise ParseError(f"{what} could not be parsed ({type(error).__name__}: {error}).") from error

    def close(self) -> None:
        """Stop the processes."""
        if self._started is not None:
            self._started.stop()
            self._started.join()
            self._started = None
        if self._progress is not None:
            self._progress.close()
            self._progress = None
