"""The financial statements of one source: which cell is which line of which year."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from chains.finance.items import ITEMS, Item, label_words
from chains.finance.metrics import Terms
from chains.glossary import BALANCE, CASH_FLOWS, INCOME, stands_on
from chains.tables.sheet import Sheet
from chains.tables.values import MONTHS
from chains.years import years_in
from records import Chunk, Reader
from store.index import Index

_PART_OF_YEAR = re.compile(
    r"\b(?:three|six|nine|[369])[\s-]months?\b|\b(?:1[236]|2[468]|3[69]|40|twelve|thirteen|sixteen|twenty[\s-]\w+|"
    r"thirty[\s-]\w+|forty)[\s-]weeks?\b|\bquarter\w*|\bhalf\b|\b(?:[hq][1-4]|[1-4][hq])\b|\byear[\s-]to[\s-]date\b",
    re.IGNORECASE,
)
_NO_AMOUNT = re.compile(  # heads of columns that hold shares, what years differ by, or what never was
    r"\bchanges?\b|\bincrease|\bdecrease|%|\bpercent|\bvs\b|\bpro[\s-]forma\b|\brestat|\badjust", re.IGNORECASE
)
_WHOLE_YEAR = re.compile(r"\btwelve months\b|\b(?<!half )(?<!to )years?\b|\bfiscal\b|\b5[23] weeks\b", re.IGNORECASE)
_DAY = re.compile(rf"\b(?:{'|'.join(MONTHS)})\.?\s+\d{{1,2}},?\s+\d{{4}}\b", re.IGNORECASE)
_EITHER_WAY = re.compile(r"\bbenefit|\bincome\b", re.IGNORECASE)  # an expense, or what was got
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
    def day(self) -> str:
        """ "July 2, 2023" where the column's head is the day of a balance; "" where it is a year."""
        head = self.sheet.names[self.column]
        found = _DAY.search(head)
        return " ".join(found.group().split()) if found and not _WHOLE_YEAR.search(head) else ""

    @property
    def weight(self) -> float:
        """What the cell's number is multiplied with."""
        return -self.times if self.turned else self.times

    def __str__(self) -> str:
        """ "Cost of sales 600": its row's name, shortened where that is long, and its number."""
        label = re.sub(r"\s*\([^)]*(?:\)|$)", "", self.sheet.label(self.row)).strip(" :,")
        amount = re.sub(r"[()]", "", self.cell) if self.turned else self.cell
        return f"{textwrap.shorten(label, LONG_LABEL, placeholder='…')} {amount}"


class Filing:
    """The statements that stand in one source."""

    def __init__(self, index: Index, source: str, reader: Reader, months: frozenset[str] = frozenset()) -> None:
        """``months``: first three letters of those that columns must be of."""
        self.chunks = index.chunks_of(source, reader)
        self._assets = index.assets
        self._months = months

    def prints(self, metric: str) -> bool:
        """Whether a table has a row of that name."""
        row = re.compile(
            rf"^\W*(?:consolidated |total )?{re.escape(metric)}\b[^|]{{0,20}}\|", re.IGNORECASE | re.MULTILINE
        )
        return any(chunk.table and row.search(chunk.text) for chunk in self.chunks)

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
        years = {year for kind, sheets in self._sheets.items() for sheet, _ in sheets for year in _years(sheet, kind)}
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
        whole = printed is not None and label_words(printed.sheet.label(printed.row)).startswith("total")
        if not whole and self._akin(name, year):
            return None
        if printed is not None:
            return _signed(printed, item)
        if item.made_of:
            return self.sum({(part, 0): times for part, times in item.made_of.items()}, year)
        return [] if item.optional else None

    def _printed(self, name: str, year: int) -> Figure | None:
        item = ITEMS[name]
        for pattern in item.printed:
            for sheet, chunk in self._sheets[item.statement]:
                for row in _labelled(sheet, pattern):
                    column = self._column(sheet, row, year, item.statement)
                    if column is not None:
                        return Figure(sheet, chunk, row, column)
        return None

    def _akin(self, name: str, year: int) -> bool:
        """Whether a line is printed that may be a part of the item, or it by another name, and is none that is known."""
        item = ITEMS[name]
        known = [pattern for one in ITEMS.values() if one.statement == item.statement for pattern in one.printed]
        for sheet, _ in self._sheets[item.statement] if item.akin else ():
            end = next(_labelled(sheet, item.down_to), None) if item.down_to else sheet.table.n_rows
            if end is None:
                continue
            assets = next(_labelled(sheet, "total assets"), end)
            start = assets if assets < end else 0  # what stands above is owned, not owed
            for row in _labelled(sheet, item.akin):
                new = start <= row < end and not any(_reads(sheet, row, pattern) for pattern in known)
                if new and self._column(sheet, row, year, item.statement) is not None:
                    return True
        return False

    def _column(self, sheet: Sheet, row: int, year: int, statement: str) -> int | None:
        """The column of that year, and of the months asked for, in which the row has a number; None when several differ."""
        columns = [
            column
            for column, name in enumerate(sheet.names)
            if years_in(name) == {year}
            and _is_of_year(sheet, name, statement)
            and all(month in f"{name} {sheet.names[sheet.key]}".lower() for month in self._months)
            and sheet.number(row, column) is not None
        ]
        return columns[0] if len({sheet.grid[row][column] for column in columns}) == 1 else None


def _signed(figure: Figure, item: Item) -> list[Figure] | None:
    """The figure as it counts; None where its label leaves open which way."""
    label, value = figure.sheet.label(figure.row), figure.sheet.number(figure.row, figure.column) or 0.0
    if item.spent:
        open_ = value < 0 and _EITHER_WAY.search(re.sub(r"\bincome tax", "", label, flags=re.IGNORECASE))
        return None if open_ else [replace(figure, turned=value < 0)]
    a_loss = re.search(r"\bloss\b", label_words(label)) and not re.search(
        r"\b(?:income|earnings|profit)\b", label_words(label)
    )
    return None if a_loss and value > 0 else [figure]


def _labelled(sheet: Sheet, pattern: str) -> Iterator[int]:
    """The rows whose label reads as ``pattern``, from the top."""
    for row in range(sheet.head, sheet.table.n_rows):
        if any(sheet.grid[row]) and _reads(sheet, row, pattern):
            yield row


def _reads(sheet: Sheet, row: int, pattern: str) -> bool:
    return re.fullmatch(pattern, label_words(sheet.label(row))) is not None


def _years(sheet: Sheet, statement: str) -> Iterator[int]:
    """The year of each column that is of one whole year."""
    for name in sheet.names:
        years = years_in(name)
        if len(years) == 1 and _is_of_year(sheet, name, statement):
            yield from years


def _is_of_year(sheet: Sheet, head: str, statement: str) -> bool:
    """Whether a column so headed holds amounts of a whole year, or at its end: what stands above all columns says so where
    the head does not."""
    if _NO_AMOUNT.search(head) or _PART_OF_YEAR.search(head):
        return False
    above = f"{sheet.table.caption} {sheet.names[sheet.key]}"
    return statement == BALANCE or _WHOLE_YEAR.search(head) is not None or not _PART_OF_YEAR.search(above)
