"""Where the words of a citation stand on the drawn pages of an Office file.

The file has no such places: a text flows, a sheet is drawn as one sees fit. So words are looked for on what was drawn, and
only what is there once is marked; what is not, or several times, is not, for a wrong mark is worse than none.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from app.tables import cited_cells
from errors import StoreError
from records import BBox, Cell, Chunk, Source, Table
from store.assets import Assets
from store.office_pages import OfficePages
from store.originals import Originals, PageWord
from text.geometry import union

_TOKEN = re.compile(r"[^\W_]+(?:[.,'\u2019][^\W_]+)*")
CHART = "Chart: "  # begins the captions of charts, whose numbers are drawn as bars and lines
MAX_SIDE = 3_000.0  # points of a sheet that is shown; of a larger one nothing could be read
MIN_SIDE = 10.0  # an empty sheet has less
_SURE = 3  # words, of which a run that occurs once tells a page
_SURE_LETTERS = 4  # of a lone word that is marked; numbers are too often there by chance
_UNDRAWN = frozenset(("Notes", "Comments"))  # headings that parsers give to what stands beside a slide or text


@dataclass(frozen=True)
class DrawnPlace:
    """A page of what was drawn, from 1, and the rectangles on it of what is cited, none where they are not sure."""

    page: int
    marks: tuple[BBox, ...] = ()


class DrawnText:
    """The words of some pages in their order, to look runs of words up in."""

    def __init__(self, pages: Sequence[Sequence[PageWord]], first: int = 1) -> None:
        self._words: list[tuple[int, PageWord]] = []
        starts, parts, at = [], [], 1
        for number, words in enumerate(pages, start=first):
            for word in words:
                for token in tokens(word.text):
                    self._words.append((number, word))
                    starts.append(at)
                    parts.append(token)
                    at += len(token) + 1
        self._starts = starts
        self._text = f" {' '.join(parts)} "

    def find(self, wanted: Sequence[str]) -> list[int]:
        """Return at which words the run ``wanted`` begins, at most two: more than one is not sure anyway."""
        run = f" {' '.join(wanted)} "
        found: list[int] = []
        at = self._text.find(run) if wanted else -1
        while at >= 0 and len(found) < 2:
            found.append(bisect_right(self._starts, at + 1) - 1)
            at = self._text.find(run, at + 1)
        return found

    def page(self, at: int) -> int:
        """Return the page of a word."""
        return self._words[at][0]

    def lines(self, start: int, end: int) -> tuple[BBox, ...]:
        """Return rectangles around the words ``[start, end)`` that are on the page of the first, one a line."""
        lines: dict[tuple[int, int], list[BBox]] = {}
        for number, word in self._words[start:end]:
            if number == self.page(start):
                lines.setdefault(word.line, []).append(word.bbox)
        return tuple(box for boxes in lines.values() if (box := union(boxes)) is not None)


def tokens(text: str) -> list[str]:
    """Return the words and numbers of a text, as they are compared."""
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())


class Cited(NamedTuple):
    """A table, and which of its cells are meant, by row and column."""

    table: Table
    cells: frozenset[tuple[int, int]]


def place_on_drawing(drawn: DrawnText, chunk: Chunk, quote: str, cited: Cited | None = None) -> DrawnPlace | None:
    """Return where a citation of ``chunk`` stands; None where that is not known.

    Args:
        drawn: the words of the page of the chunk, where its pages have a name (slides, sheets); else of all pages.
        chunk: what is cited.
        quote: the words of it that are.
        cited: the cells that are, where it is part of a table.
    """
    at_page = DrawnPlace(chunk.page) if chunk.unit else None
    lines = chunk.text.splitlines()
    if chunk.kind == "image" or chunk.author or _stands_beside(chunk, quote):
        return at_page or _page_by_runs(drawn, lines)
    if cited is not None:
        is_chart = cited.table.caption.startswith(CHART)
        return (None if is_chart else _place_of_cells(drawn, cited, chunk)) or at_page
    return _place_of_words(drawn, chunk.text, quote) or at_page or _page_by_runs(drawn, lines)


def _stands_beside(chunk: Chunk, quote: str) -> bool:
    """Whether the words are a note or comment. A short slide is one passage with its notes, below the heading of these."""
    above = chunk.text.partition(quote)[0].splitlines() if quote else []
    return bool(_UNDRAWN & {*chunk.section[-1:], *(line.strip() for line in above)})


def _place_of_words(drawn: DrawnText, text: str, quote: str) -> DrawnPlace | None:
    wanted = tokens(quote)
    if not wanted or (len(wanted) == 1 and not (wanted[0].isalpha() and len(wanted[0]) >= _SURE_LETTERS)):
        return None
    found = drawn.find(wanted)
    if len(found) == 1:
        return DrawnPlace(drawn.page(found[0]), drawn.lines(found[0], found[0] + len(wanted)))
    start = text.find(quote)
    around = drawn.find(tokens(text)) if found and start >= 0 and text.count(quote) == 1 else []
    if len(around) == 1:
        begin = around[0] + len(tokens(text[:start]))
        return DrawnPlace(drawn.page(begin), drawn.lines(begin, begin + len(wanted)))
    return None


def _place_of_cells(drawn: DrawnText, cited: Cited, chunk: Chunk) -> DrawnPlace | None:
    rows: dict[int, list[Cell]] = {}
    for cell in sorted(cited.table.cells, key=lambda one: (one.row, one.col)):
        rows.setdefault(cell.row, []).append(cell)
    marks: list[tuple[int, BBox]] = []
    for row in sorted({row for row, _ in cited.cells}):
        runs = [(cell, tokens(cell.text)) for cell in rows.get(row, ())]
        found = drawn.find([token for _, run in runs for token in run])
        if len(found) != 1 or sum(len(run) for _, run in runs) < 2:
            continue
        at = found[0]
        for cell, run in runs:
            if (cell.row, cell.col) in cited.cells and run:
                marks += [(drawn.page(at), box) for box in drawn.lines(at, at + len(run))]
            at += len(run)
    if marks:
        page = marks[0][0]
        return DrawnPlace(page, tuple(box for number, box in marks if number == page))
    if chunk.unit:
        return None
    last = chunk.last_row or cited.table.n_rows
    held = [row for row in sorted(rows) if chunk.first_row <= row < last]
    return _page_by_runs(drawn, [" ".join(cell.text for cell in rows[row]) for row in held])


def _page_by_runs(drawn: DrawnText, runs: Iterable[str]) -> DrawnPlace | None:
    """The page on which most of ``runs`` stand, of those that are somewhere once; None where two pages have as many."""
    pages: Counter[int] = Counter()
    for run in runs:
        wanted = tokens(run)
        found = drawn.find(wanted) if len(wanted) >= _SURE else []
        if len(found) == 1:
            pages[drawn.page(found[0])] += 1
    ranked = pages.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return DrawnPlace(ranked[0][0])


@dataclass(frozen=True)
class DrawnPages:
    """Office files as far as their pages have been drawn, and what draws them."""

    originals: Originals
    office: OfficePages
    assets: Assets

    def is_drawn(self, source: Source) -> bool:
        """Tell whether pages of ``source`` can be shown now."""
        return self.office.can_draw(source) and self.office.is_drawn(source.original)

    def is_coming(self, source: Source) -> bool:
        """Tell whether pages of ``source`` can be shown after they have been drawn."""
        return self.office.can_draw(source) and not self.office.is_drawn(source.original)

    def place(self, chunk: Chunk, source: Source, quote: str, bbox: BBox | None) -> DrawnPlace | None:
        """Return where a citation stands on the drawn pages of ``source``; None where that is not known, or the page is too
        large to be read."""
        try:
            pages = len(self.originals.page_words(source.original))
            if chunk.unit and (pages != source.pages or not 1 <= chunk.page <= pages):
                return None
            drawn = _drawn_text(self.originals, source.original, chunk.page if chunk.unit else 0)
            cited = None
            if chunk.table:
                table = self.assets.read_table(chunk.table)
                cited = Cited(table, cited_cells(table, chunk, quote, bbox))
            place = place_on_drawing(drawn, chunk, quote, cited)
            return place if place and self._fits(source.original, place.page) else None
        except (StoreError, ValueError):
            return None

    def pages(self, source: Source) -> int:
        """Return how many pages were drawn."""
        return len(self.originals.page_words(source.original))

    def _fits(self, original: str, page: int) -> bool:
        return all(MIN_SIDE <= side <= MAX_SIDE for side in self.originals.size(original, page))


@lru_cache(maxsize=32)
def _drawn_text(originals: Originals, original: str, page: int) -> DrawnText:
    """The words of a page, of all with 0."""
    words = originals.page_words(original)
    return DrawnText(words[page - 1 : page], page) if page else DrawnText(words)
