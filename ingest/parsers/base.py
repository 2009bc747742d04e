"""What a parser is, and what parsers need from the rest of the system."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from config import Settings
from records import Document, Raw


class AssetSink(Hashable, Protocol):
    """A place that keeps files by content; the asset store is one."""

    def put(self, data: bytes, suffix: str) -> str:
        """Keep ``data`` and return its name; the same bytes give the same name. ``suffix`` is e.g. ``.png``."""
        ...

    def read(self, name: str) -> bytes:
        """Return what was kept under ``name``."""
        ...


class Parse(Protocol):
    """The function of a parser."""

    def __call__(self, raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
        """Return the document that ``raw`` holds; runs in a worker process.

        Raises:
            ParseError: it is damaged, or nothing in it can be read.
        """
        ...


class AsPdf(Protocol):
    """The function that makes a PDF of a source that is pages by its content, though not by its type."""

    def __call__(self, raw: Raw, *, settings: Settings) -> bytes:
        """Return a PDF, b"" where the source is no pages; runs in a worker process.

        Raises:
            ParseError: it is damaged.
        """
        ...


@dataclass(frozen=True)
class Bookmark:
    """An entry of the table of contents that a file carries; levels and pages count from 1."""

    level: int
    title: str
    page: int


@dataclass(frozen=True)
class Outline:
    """What opening a source tells before its pages are read."""

    pages: int
    title: str = ""
    bookmarks: tuple[Bookmark, ...] = ()
    keys: tuple[str, ...] = ()  # of its pages: those with equal keys are read alike; "" or none are not known

    def section_of(self, page: int) -> tuple[str, ...]:
        """Return the bookmarks above a page, outermost first; of several on it the first one counts."""
        path: dict[int, str] = {}
        for at, one in enumerate(self.bookmarks):
            if one.page > page or (one.page == page and at and self.bookmarks[at - 1].page == page):
                break
            path = {level: title for level, title in path.items() if level < one.level} | {one.level: one.title}
        return tuple(path[level] for level in sorted(path))


@dataclass(frozen=True, kw_only=True)
class PagedReading:
    """How a long source is read a few pages at a time: several processes share it, and a page that crashes its reader is
    lost alone. What a page is between ``read`` and ``assemble`` is the parser's own; it is sent between processes.

    ``outline(raw)`` opens the source and ``read(data, numbers, assets, settings)`` reads the pages ``numbers``, which
    count from 1, of its bytes; both run in a worker process. ``assemble(source, outline, pages, lost)`` puts the pages
    together; ``lost`` says why others are missing, by number. All raise ParseError when the source cannot be read.

    ``dump(pages, outline)`` says as bytes what pages are that need not be read again while they have the same keys;
    ``restore(bytes, outline, is_there)`` returns those of them that stand in a source with this outline, by number, as far as
    their assets are there.

    ``words(source, data, numbers, outline)``, where there is one, returns the pages ``numbers`` as a document of their plain
    words alone, many times as fast as ``read``: a long source can be searched by them until it is read. In a worker, too.
    """

    outline: Callable[[Raw], Outline]
    read: Callable[[bytes, Sequence[int], AssetSink, Settings], list[Any]]
    assemble: Callable[[str, Outline, Sequence[Any], Mapping[int, str]], Document]
    dump: Callable[[Sequence[Any], Outline], bytes]
    restore: Callable[[bytes, Outline, Callable[[str], bool]], Mapping[int, Any]]
    words: Callable[[str, bytes, Sequence[int], Outline], Document] | None = None


def never(_: Raw) -> bool:
    """Return False: the content of this file type looks like any other text."""
    return False


@dataclass(frozen=True, kw_only=True)
class Parser:
    """One file type: how it is told from others, and how it is read.

    It is sent to worker processes, so its functions stand at the top of a module.
    """

    label: str  # for people
    parse: Parse
    suffixes: tuple[str, ...]  # in small letters, with the dot; originals are stored under the first
    media_types: tuple[str, ...] = ()  # as servers name it
    accepts: Callable[[Raw], bool] = never  # whether the content is certainly of this type, whatever it is called
    binary: bool = False  # whether its files may hold bytes that no text has
    keeps_suffix: bool = True  # whether the stored original has a suffix
    paged: PagedReading | None = None  # how it is read when it is long; ``parse`` reads it whole
    as_pdf: AsPdf | None = None  # makes a PDF of what is pages, to be read and kept in its place
