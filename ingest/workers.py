"""What runs in worker processes, and the processes.

A source is parsed away from the program that serves the page, within limits on time and memory: a parser that crashes,
hangs or swells takes down its task alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from config import Settings
from errors import ParseError, SourceError
from ingest.chunk.mentions import with_mentions
from ingest.connectors.fetch import read_source, sniff
from ingest.parsers.pdf import document as pdf
from ingest.parsers.pdf.layout import LayoutPage
from records import Document, Loss, SourceKind
from store.assets import Assets

P = ParamSpec("P")
T = TypeVar("T")

_SUFFIXES: dict[SourceKind, str] = {"web": ".html", "markdown": ".md", "text": ".txt", "image": ""}
ALONE_PART = 4  # a page that is read by itself, since its run failed, has this part of a run's time
MAX_FATAL_PAGES = 3  # that crash or hang; then the rest of a PDF is not tried
TASKS_BEFORE_REST = 16  # a process is then replaced: libraries keep memory that they do not need


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A source's bytes are stored; it is a PDF whose pages come next, or parsed already, or just as it was before."""

    content_hash: str
    original: str = ""
    pdf: pdf.PdfInfo | None = None
    document: Document | None = None


def load(source: str, settings: Settings, known_hash: str) -> Loaded:
    """Fetches ``source`` and, unless its content is ``known_hash`` or it is a PDF, parses it; runs in a worker.

    Raises:
        SourceError: it cannot be fetched or parsed.
    """
    assets = Assets(settings.data_dir / "assets")
    raw = read_source(source, settings)
    content_hash = hashlib.sha256(raw.data).hexdigest()
    if content_hash == known_hash:
        return Loaded(content_hash=content_hash)
    kind = sniff(raw)
    if kind == "pdf":
        info = pdf.inspect(raw.data, source)
        if info.pages > settings.max_pages:
            raise ParseError(f"{source} has {info.pages:,} pages, the limit is {settings.max_pages:,}. Split it.")
        return Loaded(content_hash=content_hash, original=assets.put(raw.data, ".pdf"), pdf=info)
    document = _parser(kind)(raw, assets=assets, settings=settings)
    length = _characters(document)
    if length > settings.max_characters:
        raise ParseError(f"{source} holds {length:,} characters, the limit is {settings.max_characters:,}. Split it.")
    original = assets.put(raw.data, _SUFFIXES[kind])
    document = replace(document, elements=with_mentions(document.elements), original=original)
    return Loaded(content_hash=content_hash, document=document)


def _characters(document: Document) -> int:
    """How much text there is to index, cells of tables included."""
    cells = (cell for element in document.elements if element.table for cell in element.table.cells)
    return sum(len(element.text) for element in document.elements) + sum(len(cell.text) for cell in cells)


def _parser(kind: SourceKind) -> Callable[..., Document]:
    """The parser for a kind; imported here, so that a worker loads only what its sources need."""
    match kind:
        case "web":
            from ingest.parsers.html.page import parse_web

            return parse_web
        case "markdown":
            from ingest.parsers.markdown import parse_markdown

            return parse_markdown
        case "text":
            from ingest.parsers.plain import parse_plain

            return parse_plain
        case "image":
            from ingest.parsers.image import parse_picture

            return parse_picture
        case "pdf":
            raise ValueError("PDFs are read page by page: see read_pages.")


class Workers:
    """A pool of processes that are replaced when they die. Started on first use."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._size = settings.workers or min(4, os.cpu_count() or 1)
        self._started: Any = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def size(self) -> int:
        """Number of processes."""
        return self._size

    def _submit(self, seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        from pebble import ProcessPool

        if self._started is None:
            # spawned, not forked: a fork copies locks that other threads hold
            context = multiprocessing.get_context("spawn")
            self._started = ProcessPool(
                max_workers=self._size,
                max_tasks=TASKS_BEFORE_REST,
                context=context,
                initializer=_prepare_process,
                initargs=(self._settings.task_memory_mb,),
            )
        future: Future[T] = self._started.schedule(function, args=args, kwargs=kwargs, timeout=seconds)
        return future

    def load(self, source: str, known_hash: str) -> Loaded:
        """``load`` in a worker.

        Raises:
            SourceError: it cannot be fetched or parsed, or the worker died or ran out of time or memory over it.
        """
        seconds = self._settings.task_seconds
        return self._result(self._submit(seconds, load, source, self._settings, known_hash), source, seconds)

    def read_pages(self, path: Path, pages: int) -> Iterator[list[pdf.PageContent]]:
        """All pages of the PDF at ``path``, in order, a few at a time. Pages that kill a worker are losses, and after
        ``MAX_FATAL_PAGES`` of them so is the rest."""
        assets = Assets(self._settings.data_dir / "assets")
        dpi, seconds = self._settings.figure_dpi, float(self._settings.task_seconds)
        fatal = 0

        def submit(numbers: Sequence[int], seconds: float) -> Future[list[pdf.PageContent]]:
            return self._submit(seconds, pdf.read_pages, path, numbers, assets, dpi)

        def alone(number: int) -> pdf.PageContent:
            nonlocal fatal
            if fatal >= MAX_FATAL_PAGES:
                return _lost(number, f"not read, since {fatal} other pages crashed or held up their reader.")
            name, limit = f"page {number}", seconds / ALONE_PART
            try:
                return self._result(submit([number], limit), name, limit)[0]
            except SourceError as error:
                fatal += 1
                return _lost(number, str(error))

        runs = pdf.tasks(pages)
        futures = [submit(run, seconds) for run in runs]
        try:
            for run, future in zip(runs, futures, strict=True):
                contents = None
                if fatal < MAX_FATAL_PAGES:
                    with contextlib.suppress(SourceError):  # one of these pages did it
                        contents = self._result(future, path.name, seconds)
                # each by itself then, so that the others come through
                yield contents or [alone(number) for number in run]
        finally:
            for future in futures:
                future.cancel()

    def _result(self, future: Future[T], what: str, seconds: float) -> T:
        from concurrent.futures import TimeoutError as OutOfTime

        from pebble import ProcessExpired

        try:
            return future.result()
        except OutOfTime as error:
            raise ParseError(f"{what} took more than {seconds:.0f} s to read.") from error
        except ProcessExpired as error:
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
        """Stops the processes."""
        if self._started is not None:
            self._started.stop()
            self._started.join()
            self._started = None


def _lost(number: int, why: str) -> pdf.PageContent:
    layout = LayoutPage(number=number, width=0.0, height=0.0, error=why)
    return pdf.PageContent(layout, losses=(Loss(f"page {number}", why),))


def _prepare_process(memory_mb: int) -> None:
    """Limits a worker's memory. Workers share few cores with each other and with the embedder; and Ctrl-C is the parent's
    to handle."""
    import logging
    import resource
    import signal
    import sys
    from threading import Thread

    import onnxruntime

    class OneThread(onnxruntime.SessionOptions):  # type: ignore[misc]
        """One thread for each model: there is a worker for every core, and threads that wait for each other spin."""

        def __init__(self) -> None:
            super().__init__()
            self.intra_op_num_threads = 1

    onnxruntime.SessionOptions = OneThread  # the libraries that load the models offer no setting for it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if memory_mb:
        with contextlib.suppress(ValueError, OSError):  # a lower limit is set already, or the system knows none
            resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 1_000_000, memory_mb * 1_000_000))
    Thread(target=_end_with, args=(os.getppid(),), name="watch", daemon=True).start()
    os.nice(5)  # a page that answers questions meanwhile comes first
    logging.disable(logging.WARNING)
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123  libraries print; stdout belongs to the command


def _end_with(parent: int) -> None:
    """Ends this worker soon after the program that it works for was killed; it must not store assets nobody waits for."""
    while os.getppid() == parent:
        time.sleep(0.1)
    os._exit(1)
