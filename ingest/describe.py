"""Descriptions of a source's pictures by a model: a layer over its chunks, made and renewed without reading the source again.

What a picture cost is kept at once, beside it; the chunks of a source change in one write when all its pictures were asked
about. So a program that is killed pays for no picture twice, and a picture that failed is asked about at the next time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from threading import Lock

from errors import ModelError, StoreError
from ingest.chunk.chunker import window_of
from ingest.chunk.descriptions import described, undescribed
from models.caption import Captioner
from models.said import CannotDescribe, NotDescribed
from records import Chunk, Description, Document, Loss, Source
from store.descriptions import is_description, put_description, read_descriptions
from store.index import Index
from store.new_document import NewDocument
from store.writer import SourceChanged

LOSS = "description of a figure"  # how losses begin that are looked after here
PRINTED_CHARACTERS = 800  # of the words printed in and at a picture that a model is told
FAILURES = 5  # in a row, after which the model counts as gone for this run
TRIES = 3  # of a write that another program comes in between


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What a model was asked for."""

    described: int = 0  # pictures
    failed: int = 0  # pictures; of a source whose model cannot be loaded, one
    tokens_in: int = 0
    tokens_out: int = 0

    def __add__(self, other: Usage) -> Usage:
        """Return both together."""
        return Usage(**{name: value + getattr(other, name) for name, value in vars(self).items()})


@dataclass
class Describing:
    """One run of a captioner over any number of sources; ``close`` it. Safe to use from several threads."""

    index: Index
    captioner: Captioner
    stopped: Callable[[], bool] = lambda: False
    _failures: int = 0  # in a row
    _unusable: CannotDescribe | None = None  # the model cannot be loaded, and is not tried again
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._threads = ThreadPoolExecutor(self.index.settings.vision_workers, thread_name_prefix="describing")
        self._window = window_of(self.index.embedder.tokenizer)

    def is_due(self, source: str) -> bool:
        """Tell whether ``source`` has pictures that this captioner has not described, or that are not shown described."""
        chunks = self.index.catalog.chunks_of(source)
        if not any(chunk.picture for chunk in chunks):
            return False
        known = stored(self.index, source, chunks, self.captioner)
        return bool(self._wanted(chunks, known)) or described(chunks, known, self._window) != chunks

    def _wanted(self, chunks: Sequence[Chunk], known: Mapping[str, Description]) -> list[str]:
        """The pictures that are still to be asked about, in reading order."""
        pictures = dict.fromkeys(chunk.picture for chunk in chunks if chunk.picture)
        return [picture for picture in pictures if not _is_current(known.get(picture), self.captioner)]

    def describe(self, source: str) -> tuple[Usage, tuple[Loss, ...]]:
        """Describe the pictures of ``source`` that are not yet described, and show all descriptions; return what was asked
        for, and the losses of the source after it.

        Raises:
            CannotDescribe: the model cannot be loaded; what was said before is kept.
            StoreError: the index cannot be written, or other programs keep changing the source.
        """
        usage = Usage()
        for left in reversed(range(TRIES)):
            chunks = self.index.catalog.chunks_of(source)
            known = stored(self.index, source, chunks, self.captioner)
            asked, failed = self._ask(source, undescribed(chunks), self._wanted(chunks, known))
            usage += asked
            try:
                return usage, self._show(source, chunks, failed)
            except SourceChanged:
                if not left:
                    raise
        raise AssertionError("the last try returns or raises")

    def _ask(self, source: str, chunks: Sequence[Chunk], pictures: Iterable[str]) -> tuple[Usage, dict[str, str]]:
        """Ask about ``pictures`` and keep what is said; also return why some failed."""
        futures: dict[Future[Description | None], str] = {
            self._threads.submit(self._one, picture, [chunk for chunk in chunks if chunk.picture == picture]): picture
            for picture in pictures
        }
        usage, failed = Usage(), {}
        try:
            for future in as_completed(futures):
                try:
                    said = future.result()
                except CannotDescribe:
                    raise
                except ModelError as error:
                    failed[futures[future]] = str(error)
                    usage += Usage(failed=1)
                    continue
                if said is not None:
                    kept = self.index.keep_description(source, said)
                    usage += Usage(described=int(kept), tokens_in=said.tokens_in, tokens_out=said.tokens_out)
        finally:
            for future in futures:
                future.cancel()
        return usage, failed

    def _one(self, picture: str, chunks: Sequence[Chunk]) -> Description | None:
        """What the model says of ``picture``; None when nothing more is to be asked."""
        if self.stopped():
            return None
        if self._unusable is not None:
            raise self._unusable
        if self._failures >= FAILURES:
            raise ModelError(f"{self.captioner.name} was not asked, since it failed {FAILURES} times in a row.")
        try:
            said = self.captioner.describe(self.index.assets.read(picture), about(chunks))
        except CannotDescribe as error:
            self._unusable = error
            raise
        except (NotDescribed, StoreError) as error:
            raise ModelError(str(error)) from error
        except ModelError:
            with self._lock:
                self._failures += 1
            raise
        with self._lock:
            self._failures = 0
        return Description(
            picture=picture,
            text=said.text,
            author=self.captioner.name,
            prompt=self.captioner.prompt,
            tokens_in=said.tokens_in,
            tokens_out=said.tokens_out,
        )

    def _show(self, source: str, before: Sequence[Chunk], failed: Mapping[str, str]) -> tuple[Loss, ...]:
        """Give ``source`` the chunks with all descriptions that are kept, in one write, and losses for what ``failed``."""
        index = self.index
        known, fingerprint = index.catalog.source(source), index.catalog.fingerprint(source)
        if known is None or fingerprint is None:  # removed in the meantime
            return ()
        if index.catalog.chunk_ids(source) != [chunk.id for chunk in before]:
            raise SourceChanged(f"{source} is being changed by another program. Describe its pictures again.")
        kept = stored(index, source, before, self.captioner)
        chunks = described(before, kept, self._window)
        losses = (
            *(loss for loss in known.losses if not loss.what.startswith(LOSS)),
            *(Loss(f"{LOSS} on page {page}", why) for page, why in _by_page(before, failed)),
        )
        if chunks != before or losses != known.losses:
            assets = {name for name in index.catalog.assets_of(source) if not is_description(name)}
            new = NewDocument(
                _document(replace(known, losses=losses)),
                chunks,
                fingerprint,
                beside=frozenset({*assets, *assets_for(index, kept)}),
                instead_of=tuple(chunk.id for chunk in before),
                about=known.about,
            )
            index.put_all([new], known.when)
        return losses

    def close(self) -> None:
        """Wait until nothing more is asked about: what waits for its turn finds ``stopped``, or is asked about first."""
        # not with cancel_futures: as_completed is never told of futures cancelled so (python/cpython#87893)
        self._threads.shutdown()


def stored(index: Index, source: str, chunks: Sequence[Chunk], captioner: Captioner | None) -> dict[str, Description]:
    """Return for each picture of ``source`` what is kept of it, by ``captioner`` where it has said something.

    Args:
        chunks: as the catalog has them.
    """
    found = read_descriptions(index.assets, index.catalog.assets_of(source), chunks)
    return {
        picture: next((one for one in said if captioner and _is_current(one, captioner)), said[-1])
        for picture, said in found.items()
    }


def assets_for(index: Index, descriptions: Mapping[str, Description]) -> list[str]:
    """Return the assets of ``descriptions``, stored where they were not."""
    return [put_description(index.assets, description) for description in descriptions.values()]


def about(chunks: Sequence[Chunk]) -> str:
    """Return where a picture stands, and what is printed in and at it.

    Args:
        chunks: of that picture, without descriptions; caption first.
    """
    if not chunks:
        return ""
    first = chunks[0]
    head = first.context or " › ".join([first.title, *first.section])
    printed = "\n".join(chunk.text for chunk in chunks if chunk.page == first.page and chunk.text)
    words = f"\nCaption and words printed in it: {printed[:PRINTED_CHARACTERS]}" if printed else ""
    return f"{head}\nPage {first.page}.{words}"


def _is_current(description: Description | None, captioner: Captioner) -> bool:
    """Whether ``captioner`` has said it when asked as it is now; what older versions kept does not tell how it was asked."""
    return (
        description is not None
        and description.author == captioner.name
        and description.prompt in ("", captioner.prompt)
    )


def _by_page(chunks: Sequence[Chunk], failed: Mapping[str, str]) -> list[tuple[int, str]]:
    """The pages of pictures that failed, each with the reason."""
    pages = {chunk.picture: chunk.page for chunk in reversed(chunks)}  # the first place of each wins
    return sorted((pages[picture], why) for picture, why in failed.items())


def _document(known: Source) -> Document:
    """A source as the catalog has it, as a document whose elements are in its chunks already."""
    return Document(
        source=known.source,
        kind=known.kind,
        title=known.title,
        pages=known.pages,
        elements=(),
        losses=known.losses,
        original=known.original,
    )
