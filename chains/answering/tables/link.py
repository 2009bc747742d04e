"""Words of a question linked to the columns and the cells of a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chains.answering.tables.nations import same_nation
from chains.answering.tables.sheet import Sheet
from text.tokens import STOPWORDS
from text.values import family, tokens

# Words that name one thing in the heads of tables, one group a line.
_SYNONYMS = """rank ranking position place placing finish standing pos
team club side squad
opponent against versus vs face play
attendance people spectator crowd fan attend
country nation nationality
film movie
song single title track
venue location stadium arena site place city town
game match fixture
date day
score result
point goal score tally
height tall high elevation
length long distance
population people inhabitant resident live
time duration fast long
area size large big
cost price
role character
win victory winner champion
no number
series season""".splitlines()
_GROUPS = [frozenset(family(word) for word in line.split()) for line in _SYNONYMS]
LETTERS = {"w": "win", "l": "lose", "d": "draw", "t": "tie", "pts": "point", "pos": "position", "att": "attendance"}
MIN_SHARE = 0.2  # of a cell's words that the question must hold: a word out of a long note says little
_APART = re.compile(r"[,;:()/\n]|\s[-–—]\s")
_EMPTY = frozenset(family(word) for word in STOPWORDS)


@dataclass(frozen=True)
class Mention:
    """Words ``[start, end)`` of the question that stand in cells of a column."""

    start: int
    end: int
    column: int
    rows: tuple[int, ...]
    whole: bool  # they are all of the cell, or all of a part of it that commas set apart

    @property
    def length(self) -> int:
        """Words."""
        return self.end - self.start


def names_column(word: str, header: Iterable[str]) -> bool:
    """Whether a word, as its family, is one of a column's name, spelled out or shortened as tables do."""
    return any(own == word or _shortens(own, word) for own in header)


def _shortens(short: str, word: str) -> bool:
    """ "pos" shortens "posit", "pts" "point", "w" "win"."""
    if short in LETTERS and family(LETTERS[short]) == word:
        return True
    return len(short) == 3 and len(word) > 4 and word.startswith(short)


def synonymous(word: str, header: Iterable[str]) -> bool:
    """Whether a word means what a word of the column's name means."""
    return any(word in group and own in group for group in _GROUPS for own in header)


def mentions(words: tuple[str, ...], sheet: Sheet) -> list[Mention]:
    """Where the cells' words stand in the question's: the longest first, whole cells before parts of cells."""
    found = [one for column in sheet.columns for one in _in_column(words, sheet, column)]
    return sorted(found, key=lambda one: (-one.length, not one.whole, one.column))


def _in_column(words: tuple[str, ...], sheet: Sheet, column: int) -> Iterator[Mention]:
    cells: dict[tuple[tuple[str, ...], frozenset[tuple[str, ...]]], list[int]] = {}
    for row in sheet.rows:
        text = sheet.grid[row][column]
        if text:
            cells.setdefault((tokens(text), frozenset(_parts(text))), []).append(row)
    spans: dict[tuple[int, int], tuple[bool, list[int]]] = {}
    for (cell, parts), rows in cells.items():
        if "not" in cell and "not" not in words:
            continue
        for start, end in _common(words, cell):
            whole = any(_equal(_without_articles(words[start:end]), part) for part in parts)
            if not whole and end - start < MIN_SHARE * len(cell):
                continue
            known, before = spans.get((start, end), (False, []))
            if whole and not known:
                spans[start, end] = (True, list(rows))
            elif whole == known:
                spans[start, end] = (whole, before + rows)
    for (start, end), (whole, rows_found) in spans.items():
        yield Mention(start, end, column, tuple(sorted(rows_found)), whole)


def _parts(text: str) -> list[tuple[str, ...]]:
    """The cell, and what commas, brackets and lines set apart in it, as families."""
    return [_without_articles(tokens(part)) for part in [text, *_APART.split(text)] if part.strip()]


def _equal(asked: tuple[str, ...], own: tuple[str, ...]) -> bool:
    return len(asked) == len(own) and all(map(_same, asked, own))


def _without_articles(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in ("the", "a", "an"))


def _common(words: tuple[str, ...], cell: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """The longest runs of the question's words that stand in the cell in the same order without a gap."""
    for start in range(len(words)):
        best = start
        for place in range(len(cell)):
            end = start
            while end < len(words) and place + end - start < len(cell) and _same(words[end], cell[place + end - start]):
                end += 1
            best = max(best, end)
        while best > start and words[best - 1] in _EMPTY and best - start > 1 and best - start < len(cell):
            best -= 1
        if best > start and not all(word in _EMPTY for word in words[start:best]):
            if words[start] in _EMPTY and best - start < len(cell):
                continue
            yield start, best


def _same(word: str, own: str) -> bool:
    return word == own or same_nation(word, own) or (own in LETTERS and family(LETTERS[own]) == word)
