"""Words of a question that stand in the cells of a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from text.english.table_words import EMPTY
from text.sheet import Sheet

MIN_SHARE = 0.2  # of a cell's words that the question must hold: a word out of a long note says little
_APART = re.compile(r"[,;:()/\n]|\s[-–—]\s")
_ARTICLES = ("the", "a", "an")


@dataclass(frozen=True)
class Mention:
    """Words ``[start, end)`` of the question that stand in cells of a column."""

    start: int
    end: int
    column: int
    rows: tuple[int, ...]
    whole: bool  # they are all of the cell, or all of a part of it that commas set apart


def mentions(words: tuple[str, ...], sheet: Sheet) -> list[Mention]:
    """Return where cells' words stand among ``words``, as families: the longest first, whole cells before parts."""
    found = [one for column in sheet.columns for one in _in_column(words, sheet, column)]
    return sorted(found, key=lambda one: (one.start - one.end, not one.whole, one.column))


def _in_column(words: tuple[str, ...], sheet: Sheet, column: int) -> Iterator[Mention]:
    def same(asked: str, own: str) -> bool:
        return asked == own or sheet.glossary.is_form(asked, own)

    rows_of: dict[str, list[int]] = {}
    for row in sheet.rows:
        if text := sheet.grid[row][column]:
            rows_of.setdefault(text, []).append(row)
    spans: dict[tuple[int, int], tuple[bool, set[int]]] = {}
    for text, rows in rows_of.items():
        cell = sheet.tokens(text)
        if "not" in cell and "not" not in words:
            continue
        parts = [_without_articles(sheet.tokens(part)) for part in (text, *_APART.split(text))]
        for start, end in _common(words, cell, same):
            asked = _without_articles(words[start:end])
            whole = any(len(asked) == len(part) and all(map(same, asked, part)) for part in parts)
            known, before = spans.get((start, end), (False, set()))
            if whole > known:
                spans[start, end] = (True, set(rows))
            elif whole == known and (whole or end - start >= MIN_SHARE * len(cell)):
                spans[start, end] = (whole, before | set(rows))
    for (start, end), (whole, held) in spans.items():
        yield Mention(start, end, column, tuple(sorted(held)), whole)


def _without_articles(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in _ARTICLES)


def _common(
    words: tuple[str, ...], cell: tuple[str, ...], same: Callable[[str, str], bool]
) -> Iterator[tuple[int, int]]:
    """The longest runs of ``words`` that stand in the cell in the same order without a gap, and say something."""
    for start in range(len(words)):
        best = start
        for place in range(len(cell)):
            end = start
            while end < len(words) and place + end - start < len(cell) and same(words[end], cell[place + end - start]):
                end += 1
            best = max(best, end)
        while start + 1 < best < start + len(cell) and words[best - 1] in EMPTY:
            best -= 1
        if any(word not in EMPTY for word in words[start:best]) and (
            words[start] not in EMPTY or best - start == len(cell)
        ):
            yield start, best
