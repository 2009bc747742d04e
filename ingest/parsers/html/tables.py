"""Tables of a web page as data: their cells in a grid, header rows and caption."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from bs4 import Tag

from ingest.parsers.html.images import is_file_name, is_icon
from ingest.parsers.html.mathml import math_text
from ingest.parsers.html.table_markup import Markup, Row
from ingest.parsers.html.tree import BLOCKS, InlineText, attribute, number, traverse
from records import Cell, Table

MAX_COLSPAN = 1000  # HTML standard, attributes common to td and th
MAX_ROWSPAN = 65534
MAX_POSITIONS = 1_000_000  # rows x columns; beyond this it is no table for a reader


class _CellText:
    """The text of a cell or caption; tables inside it that are data stand on their own and are left out."""

    def __init__(self, tables: dict[int, Markup]) -> None:
        self.inline = InlineText()
        self.images: list[Tag] = []
        self._tables = tables

    def open(self, tag: Tag) -> bool:
        if tag.name == "table" and id(tag) in self._tables and self._tables[id(tag)].is_data:
            self.inline.break_line()
            return False
        if tag.name == "img":
            self.images.append(tag)
        elif tag.name == "sup":
            self.inline.open_superscript()
        elif tag.name == "math":
            self.inline.add(math_text(tag))
            return False
        elif tag.name in BLOCKS or tag.name == "br":
            self.inline.break_line()
        return True

    def text(self, text: str) -> None:
        self.inline.add(text)

    def close(self, tag: Tag) -> None:
        if tag.name == "sup":
            self.inline.close_superscript()
        elif tag.name in BLOCKS:
            self.inline.break_line()


@dataclass(frozen=True)
class ReadTable:
    """A table, the pictures in it with the text of their rows, and the tables that stand in its cells."""

    table: Table
    images: tuple[tuple[Tag, str], ...]
    nested: tuple[Tag, ...]


def read_table(markup: Markup, tables: dict[int, Markup]) -> ReadTable | None:
    """Return a data table as cells in a grid; None when it has no text, or more than ``MAX_POSITIONS`` places.

    A cell that holds nothing but icons has their alternative texts, as a column of flags or ticks would be empty
    otherwise. A header row that is one cell across all columns is taken as the caption.
    """
    placed = place_cells(markup.rows)
    if placed is None:
        return None
    images: list[tuple[Tag, Cell]] = []
    named: list[_Named] = []
    in_head = {id(tag) for row in markup.rows if row.in_head for tag in row.cells}
    bold_names = not any(tag.name == "th" for _, tag in placed)
    for place, tag in placed:
        principal = _CellText(tables)
        traverse(tag, principal)
        cell = replace(place, text="\n".join(principal.inline.take()) or _icon_text(principal.images))
        names = id(tag) in in_head or _names_column(tag) or (bold_names and cell.row == 0 and _is_bold(tag))
        named.append(_Named(cell, names))
        images.extend((image, cell) for image in principal.images)
    row_texts = _row_texts(named, {cell.row for _, cell in images})
    caption = _CellText(tables)
    if markup.caption is not None:
        traverse(markup.caption, caption)
    titles = [" ".join(caption.inline.take())]
    named = _without_blanks(named)
    if named and (named[-1].cell.row + 1) * _width(named) > MAX_POSITIONS:
        return None
    while len(named) > 1 and named[0].is_title(_width(named)):
        titles.append(" ".join(named[0].cell.text.split()))
        named = [_Named(replace(cell, row=cell.row - 1), names) for cell, names in named[1:]]
    if not named:
        return None
    table = Table(
        cells=tuple(cell for cell, _ in named),
        n_rows=max(cell.row + cell.rowspan for cell, _ in named),
        n_cols=_width(named),
        header_rows=_count_header_rows(named),
        caption=": ".join(filter(None, titles)),
    )
    beside = [(image, "") for image in caption.images] + [(image, row_texts[cell.row]) for image, cell in images]
    return ReadTable(table, tuple(beside), tuple(_data_inside(markup)))


class _Named(NamedTuple):
    """A cell, and whether it names the columns it stands over."""

    cell: Cell
    names: bool

    def is_title(self, width: int) -> bool:
        """Return whether it is a header that stands alone in its row."""
        return self.names and self.cell.colspan == width > 1 and self.cell.rowspan == 1


def _width(named: list[_Named]) -> int:
    return max(cell.col + cell.colspan for cell, _ in named)


def _icon_text(images: list[Tag]) -> str:
    alts = (attribute(image, "alt") for image in images if is_icon(image))
    return " ".join(alt for alt in alts if alt and not is_file_name(alt))


def _row_texts(named: list[_Named], rows: set[int]) -> dict[int, str]:
    """The texts of the cells that begin in a row, for some rows."""
    texts: dict[int, list[str]] = {row: [] for row in rows}
    for cell, _ in named:
        if cell.row in rows and cell.text:
            texts[cell.row].append(" ".join(cell.text.split()))
    return {row: " | ".join(parts) for row, parts in texts.items()}


def _without_blanks(named: list[_Named]) -> list[_Named]:
    """The cells with text; rows and columns that set none of them apart (spacers, swatches of colour) are closed up.

    A line between two rows (columns) counts where a cell begins, and another has ended there or since the line before.
    """
    full = [item for item in named if item.cell.text]
    rows = _lines((item.cell.row, item.cell.rowspan) for item in full)
    cols = _lines((item.cell.col, item.cell.colspan) for item in full)
    kept = []
    for cell, names in full:
        row, col = bisect_right(rows, cell.row), bisect_right(cols, cell.col)
        rowspan = bisect_left(rows, cell.row + cell.rowspan) + 1 - row
        colspan = bisect_left(cols, cell.col + cell.colspan) + 1 - col
        kept.append(_Named(replace(cell, row=row, col=col, rowspan=rowspan, colspan=colspan), names))
    return sorted(kept, key=lambda item: (item.cell.row, item.cell.col))


def _lines(spans: Iterable[tuple[int, int]]) -> list[int]:
    """Where ``(start, length)`` spans begin after others have ended, in order."""
    starts: set[int] = set()
    ends: set[int] = set()
    for start, length in spans:
        starts.add(start)
        ends.add(start + length)
    lines = []
    ended = False
    for place in sorted(starts | ends):
        ended = ended or place in ends
        if ended and place in starts:
            lines.append(place)
            ended = False
    return lines


def _data_inside(markup: Markup) -> list[Tag]:
    """The outermost data tables in the cells of a table."""
    found: list[Tag] = []
    waiting = list(reversed(markup.nested))
    while waiting:
        inner = waiting.pop()
        if inner.is_data:
            found.append(inner.tag)
        else:
            waiting.extend(reversed(inner.nested))
    return found


def place_cells(rows: list[Row]) -> list[tuple[Cell, Tag]] | None:
    """Return cells, without their texts yet, in the grid by the HTML standard's algorithm; None beyond ``MAX_POSITIONS``.

    https://html.spec.whatwg.org/multipage/tables.html#forming-a-table. A cell reaches down no further than its row
    group, and right no further than the next cell that reaches down from above, so that no two cells overlap.
    """
    ends = _group_ends(rows)
    placed: list[tuple[Cell, Tag]] = []
    busy: dict[int, int] = {}  # column -> first row in which it is free again
    work = 0
    for index, row in enumerate(rows):
        col = 0
        for tag in row.cells:
            while busy.get(col, 0) > index:
                col += 1
            span = min(number(tag, "colspan") or 1, MAX_COLSPAN)
            span = next((step for step in range(1, span) if busy.get(col + step, 0) > index), span)
            rowspan = number(tag, "rowspan")
            rowspan = min(1 if rowspan is None else rowspan or MAX_ROWSPAN, MAX_ROWSPAN, ends[index] - index)
            placed.append((Cell(row=index, col=col, rowspan=rowspan, colspan=span, text=""), tag))
            busy.update(dict.fromkeys(range(col, col + span), index + rowspan))
            col += span
        work += col + 1
        if work > MAX_POSITIONS:
            return None
    return placed


def _group_ends(rows: list[Row]) -> list[int]:
    """For each row the index after the last row of its group."""
    ends = [len(rows)] * len(rows)
    for index in range(len(rows) - 2, -1, -1):
        ends[index] = ends[index + 1] if rows[index].group == rows[index + 1].group else index + 1
    return ends


def _count_header_rows(named: list[_Named]) -> int:
    """The first rows that name the columns, as ``<thead>`` says or since they hold header cells alone.

    A header cell that reaches down takes the rows it covers along. A row that is one cell across all columns is the
    title of what follows and names none. In a table of header cells alone it is the first that names.
    """
    width = _width(named)
    rows: list[list[_Named]] = [[] for _ in range(named[-1].cell.row + 1)]
    for item in named:
        rows[item.cell.row].append(item)
    count = reach = first = 0
    for row, inside in enumerate(rows):
        if inside and inside[0].cell.colspan == width > 1:
            break
        if row >= reach and not (inside and all(item.names for item in inside)):
            break
        count = row + 1
        reach = max([reach, *(row + item.cell.rowspan for item in inside if item.names)])
        first = first or reach
    return count if count < len(rows) else first if first < len(rows) else 0


def _names_column(tag: Tag) -> bool:
    return tag.name == "th" and attribute(tag, "scope").lower() not in ("row", "rowgroup")


def _is_bold(tag: Tag) -> bool:
    """Whether all text of a cell is bold."""
    text = tag.get_text(strip=True)
    return bool(text) and text == "".join(part.get_text(strip=True) for part in tag.find_all(("b", "strong"), limit=1))
