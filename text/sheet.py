"""A table as rows that can be computed with: what its columns are, which rows are data."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import pairwise

from records import Table
from text.glossary import Glossary, load_glossary
from text.values import date_of, number_of, plain, tokens
from text.word_lists import word_list

LEFTWARDS = 0.15  # share of different cells that a column must have more to name the rows before its left neighbour
NAMES_ROWS = 0.8  # share of different cells below which dates, if all differ, name the rows better
MOSTLY = 0.6  # share of a column's filled cells that must be numbers (dates) for a column of numbers (dates)
_SUM = re.compile(r"^\W*(?:grand\s+|sub-?)?(?:totals?|sum|overall|average|mean|all|net)\b", re.IGNORECASE)
_NAME = re.compile(
    r"^(?:[A-Z][\w.'’-]*|de|van|von|der|da|di|la|le)(?:\s+(?:[A-Z(][\w.'’)-]*|de|van|von|der|da|di|la|le))+$"
)


@dataclass(frozen=True)
class Sheet:
    """A table with its data rows: without header, totals, and rows that only name those below them.

    ``about`` holds the words of caption, title and headings, as families.
    """

    table: Table
    about: frozenset[str] = frozenset()
    glossary: Glossary = field(default_factory=load_glossary)

    @cached_property
    def head(self) -> int:
        """How many rows name the columns; the first one does, too, when all its cells are words that differ and others
        below it are numbers or dates, although the source does not mark it."""
        if self.table.header_rows or not self.table.n_rows:
            return self.table.header_rows
        first, *body = [[plain(cell) for cell in row] for row in self.table.grid()]
        words = [cell for cell in first if cell and not re.search(r"\d", cell)]
        values = any(number_of(cell) is not None or date_of(cell) is not None for row in body for cell in row)
        return int(len(set(words)) == self.table.n_cols > 1 and values)

    @cached_property
    def grid(self) -> list[list[str]]:
        """Cells by row and column, footnote marks left out; a spanning cell stands wherever it reaches."""
        return [[plain(cell) for cell in row] for row in self.table.grid()]

    @cached_property
    def rows(self) -> tuple[int, ...]:
        """The data rows, from the top."""
        head = self.grid[: self.head]
        found = []
        for row in range(self.head, self.table.n_rows):
            cells = self.grid[row]
            filled = {cell for cell in cells if cell}
            title = len(filled) < 2 and self.table.n_cols > 2
            first = next((cell for cell in cells if cell), "")
            if filled and not title and cells not in head and not _SUM.match(first):
                found.append(row)
        return tuple(found)

    @cached_property
    def names(self) -> list[str]:
        """The columns' names, as they stand."""
        return [plain(name) for name in replace(self.table, header_rows=self.head).column_names()]

    @cached_property
    def headers(self) -> list[frozenset[str]]:
        """The columns' names as families of words."""
        return [frozenset(self.tokens(name)) for name in self.names]

    def tokens(self, text: str) -> tuple[str, ...]:
        """Return the words of ``text`` as families, as the glossary spells them out."""
        return self.glossary.tokens(text)

    def says_of(self, column: int) -> list[str]:
        """All that may state the unit of a column: its name, the caption, its cells."""
        return [self.names[column], self.table.caption, *self.filled(column)]

    @property
    def columns(self) -> range:
        """All columns."""
        return range(self.table.n_cols)

    def number(self, row: int, column: int) -> float | None:
        """The number that a cell is."""
        return number_of(self.grid[row][column])

    def filled(self, column: int) -> list[str]:
        """The column's cells that say anything, from the top."""
        return [cell for row in self.rows if (cell := self.grid[row][column])]

    def _mostly(self, column: int, test: Callable[[str], object]) -> bool:
        cells = self.filled(column)
        return bool(cells) and sum(test(cell) is not None for cell in cells) >= MOSTLY * len(cells)

    @cached_property
    def dates(self) -> frozenset[int]:
        """Columns of dates or years."""
        return frozenset(col for col in self.columns if self._mostly(col, date_of) and not self._counts(col))

    def _counts(self, column: int) -> bool:
        """Whether numbers that look like years are amounts: then some of them do not."""
        cells = self.filled(column)
        return sum(date_of(cell) is None and number_of(cell) is not None for cell in cells) > 0.1 * len(cells)

    @cached_property
    def numeric(self) -> frozenset[int]:
        """Columns of numbers other than dates."""
        return frozenset(
            col
            for col in self.columns
            if col not in self.dates and self._mostly(col, number_of) and not self._numbers_rows(col)
        )

    def _numbers_rows(self, column: int) -> bool:
        """Whether the cells are 1, 2, 3 ... and so an order, not an amount."""
        values = [self.number(row, column) for row in self.rows]
        return len(values) > 2 and values == list(range(1, len(values) + 1))

    @cached_property
    def persons(self) -> frozenset[int]:
        """Columns whose cells look like names of people: two or more capitalised words."""
        return frozenset(
            col for col in self.columns if self._mostly(col, _NAME.match) and col not in self.dates | self.numeric
        )

    @cached_property
    def key(self) -> int:
        """The column that names the rows: of words, with few repeats, and rather to the left."""
        texts = [col for col in self.columns if col not in self.numeric and self.filled(col)]
        texts = [col for col in texts if not self._numbers_rows(col)] or texts
        texts = [col for col in texts if not self.headers[col] & _families("aside_columns")] or texts
        words = [col for col in texts if col not in self.dates] or texts or [0]
        share = {col: len(set(self.filled(col))) / max(1, len(self.rows)) for col in words}
        best = max(words, key=lambda col: share[col] - LEFTWARDS * words.index(col))
        days = [col for col in sorted(self.dates) if len(set(self.filled(col))) == len(self.rows)]
        return days[0] if days and share[best] < NAMES_ROWS else best

    def label(self, row: int) -> str:
        """What names the row: its cell in the key column, or its first that is filled."""
        return self.grid[row][self.key] or next(cell for cell in self.grid[row] if cell)

    def order(self, column: int) -> int:
        """1 where the dates (numbers) of a column rise from row to row, -1 where they fall, 0 where neither."""
        values = [value for row in self.rows if (value := self.value(row, column)) is not None]
        rising = all(a <= b for a, b in pairwise(values))
        falling = all(a >= b for a, b in pairwise(values))
        return 0 if rising == falling else 1 if rising else -1

    def value(self, row: int, column: int) -> float | None:
        """What a cell is compared by: its number, or its date as one number."""
        if column in self.dates:
            found = date_of(self.grid[row][column])
            return found[0] * 10_000 + found[1] * 100 + found[2] if found else None
        return self.number(row, column)

    @property
    def first_date(self) -> int | None:
        """The column of dates that a year is looked up in: the first."""
        return min(self.dates, default=None)

    @cached_property
    def ranks(self) -> frozenset[int]:
        """Columns in which less is better."""
        return frozenset(col for col in self.columns if self.headers[col] & _families("rank_columns"))


@cache
def _families(words: str) -> frozenset[str]:
    """The words of a list as families."""
    return frozenset(tokens(" ".join(word_list(words))))
