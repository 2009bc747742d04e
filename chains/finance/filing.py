"""The financial statements of one source: which cell is which line of which year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from chains.finance.items import ITEMS
from chains.finance.metrics import Terms
from chains.glossary import BALANCE, CASH_FLOWS, INCOME, stands_on
from chains.tables.sheet import Sheet
from chains.years import years_in
from records import Chunk, Reader
from store.index import Index

_NO_YEAR = re.compile(  # heads of columns that hold a part of a year, or what two years differ by
    r"\b(?:three|six|nine|3|6|9)\s+months|\bquarters?\b|\bchanges?\b|\bincrease|\bdecrease|%|\bvs\b", re.IGNORECASE
)
LONG_LABEL = 40  # characters
NEARLY_AS_LONG = 0.7  # as the longest, a statement is that comes first


@dataclass(frozen=True)
class Figure:
    """A cell of a statement, and how often it counts in a sum."""

    sheet: Sheet
    chunk: Chunk  # one of the table's
    row: int
    column: int
    times: float = 1.0
    turned: bool = False  # a payment printed in brackets, which counts as if it were not

    @property
    def cell(self) -> str:
        """The cell as it stands."""
        return self.sheet.grid[self.row][self.column]

    @property
    def weight(self) -> float:
        """What the cell's number is multiplied with."""
        return -self.times if self.turned else self.times

    def __str__(self) -> str:
        """ "Cost of sales 600": its row's name, up to a comma where that is long, and its number."""
        label = self.sheet.label(self.row).rstrip(" :")
        amount = re.sub(r"[()]", "", self.cell) if self.turned else self.cell
        return f"{label if len(label) <= LONG_LABEL else label.split(',')[0]} {amount}"


class Filing:
    """The statements that stand in one source."""

    def __init__(self, index: Index, source: str, reader: Reader) -> None:
        self.chunks = index.chunks_of(source, reader)
        self._assets = index.assets

    @cached_property
    def _sheets(self) -> dict[str, list[tuple[Sheet, Chunk]]]:
        """The tables of each statement, in reading order."""
        return {statement: self._tables_of(statement) for statement in (INCOME, BALANCE, CASH_FLOWS)}

    def _tables_of(self, statement: str) -> list[tuple[Sheet, Chunk]]:
        """Those below one heading: the first with nearly as many lines as any, for extracts of it, before it, and those of
        a part of the company, behind it, are shorter."""
        below: dict[tuple[str, ...], dict[str, tuple[Sheet, Chunk]]] = {}
        for chunk in self.chunks:
            if chunk.table and stands_on(statement, chunk):
                tables = below.setdefault(chunk.section, {})
                if chunk.table not in tables:
                    tables[chunk.table] = Sheet(self._assets.read_table(chunk.table)), chunk
        lines = {section: sum(sheet.table.n_rows for sheet, _ in tables.values()) for section, tables in below.items()}
        most = max(lines.values(), default=0)
        whole = next((section for section in below if lines[section] >= NEARLY_AS_LONG * most), None)
        return list(below[whole].values()) if whole is not None else []

    @property
    def newest(self) -> int | None:
        """The last year that a column of the statements is of."""
        years = {year for sheets in self._sheets.values() for sheet, _ in sheets for year in _years(sheet)}
        return max(years, default=None)

    def sum(self, terms: Terms, year: int) -> list[Figure] | None:
        """The cells whose sum ``terms`` is in ``year``; None when one of them is not printed."""
        found: list[Figure] = []
        for (item, back), times in terms.items():
            figures = self._figures(item, year - back)
            if figures is None:
                return None
            found += [replace(figure, times=figure.times * times) for figure in figures]
        return found

    def _figures(self, name: str, year: int) -> list[Figure] | None:
        item = ITEMS[name]
        printed = self._printed(name, year)
        if printed is not None:
            return [printed]
        if item.made_of:
            return self.sum({(part, 0): times for part, times in item.made_of.items()}, year)
        return [] if item.optional else None

    def _printed(self, name: str, year: int) -> Figure | None:
        item = ITEMS[name]
        for pattern in item.printed:
            for sheet, chunk in self._sheets[item.statement]:
                for row in range(sheet.head, sheet.table.n_rows):
                    if any(sheet.grid[row]) and item.labelled(pattern, sheet.label(row)):
                        column = _column(sheet, row, year)
                        if column is not None:
                            turned = item.spent and (sheet.number(row, column) or 0.0) < 0
                            return Figure(sheet, chunk, row, column, turned=turned)
        return None


def _years(sheet: Sheet) -> Iterator[int]:
    """The year of each column that is of one whole year."""
    for name in sheet.names:
        years = years_in(name)
        if len(years) == 1 and not _NO_YEAR.search(name):
            yield from years


def _column(sheet: Sheet, row: int, year: int) -> int | None:
    """The column whose head is of that year alone, and in which the row has a number; None when several differ."""
    columns = [
        column
        for column, name in enumerate(sheet.names)
        if years_in(name) == {year} and not _NO_YEAR.search(name) and sheet.number(row, column) is not None
    ]
    return columns[0] if len({sheet.grid[row][column] for column in columns}) == 1 else None
