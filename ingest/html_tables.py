"""Tables of a web page as data: their cells in a grid, header rows and caption."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace

from bs4 import Tag

from ingest.html_images import is_icon
from ingest.html_table_markup import Markup, Row
from ingest.html_tree import BLOCKS, InlineText, attribute, number, traverse
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
    """A data table as cells in a grid; None when it has no text, or more than ``MAX_POSITIONS`` places.

    A cell that holds nothing but icons has their alternative texts, as a column of flags or ticks would be empty
    otherwise. A header row that is one cell across all columns is taken as the caption.
    """
    placed = place_cells(markup.rows)
    if not placed:
        return None
    images: list[tuple[Tag, int]] = []
    cells: list[Cell] = []
    for cell, tag in placed:
        reader = _CellText(tables)
        traverse(tag, reader)
        icons = (attribute(image, "alt") for image in reader.images if is_icon(image))
        cells.append(replace(cell, text="\n".join(reader.inline.take()) or " ".join(filter(None, icons))))
        images.extend((image, cell.row) for image in reader.images)
    if not any(cell.text for cell in cells):
        return None
    caption = _CellText(tables)
    if markup.caption is not None:
        traverse(markup.caption, caption)
    titles = [" ".join(caption.inline.take())]
    names = [_names_column(tag) for _, tag in placed]
    in_head = {row for row, tags in enumerate(_rows_kept(markup)) if tags.in_head}
    row_texts = {
        row: " | ".join(" ".join(c.text.split()) for c in cells if c.row == row and c.text) for _, row in images
    }
    while cells[0].colspan == _width(cells) > 1 and cells[0].rowspan == 1 and names[0] and cells[-1].row > 0:
        titles.append(" ".join(cells[0].text.split()))
        cells = [replace(cell, row=cell.row - 1) for cell in cells[1:]]
        names = names[1:]
        in_head = {row - 1 for row in in_head}
    table = Table(
        cells=tuple(cells),
        n_rows=max(cell.row + cell.rowspan for cell in cells),
        n_cols=_width(cells),
        header_rows=_count_header_rows(cells, names, in_head),
        caption=": ".join(filter(None, titles)),
    )
    beside = [(image, "") for image in caption.images] + [(image, row_texts[row]) for image, row in images]
    return ReadTable(table, tuple(beside), tuple(_data_inside(markup)))


def _width(cells: list[Cell]) -> int:
    return max(cell.col + cell.colspan for cell in cells)


def _rows_kept(markup: Markup) -> list[Row]:
    return [row for row in markup.rows if row.cells]


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
    """Cells, without their texts yet, in the grid by the HTML standard's algorithm; None beyond ``MAX_POSITIONS``.

    https://html.spec.whatwg.org/multipage/tables.html#forming-a-table. A cell reaches down no further than its row
    group, and right no further than the next cell that reaches down from above, so that no two cells overlap. Rows and
    columns in which no cell begins show nothing of their own: they are left out, and the spans across them shrink.
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
    kept_rows = sorted({cell.row for cell, _ in placed})
    kept_cols = sorted({cell.col for cell, _ in placed})
    if len(kept_rows) * len(kept_cols) > MAX_POSITIONS:
        return None
    compact = []
    for cell, tag in placed:
        row, col = bisect_left(kept_rows, cell.row), bisect_left(kept_cols, cell.col)
        below, right = bisect_left(kept_rows, cell.row + cell.rowspan), bisect_left(kept_cols, cell.col + cell.colspan)
        compact.append((replace(cell, row=row, col=col, rowspan=below - row, colspan=right - col), tag))
    return compact


def _group_ends(rows: list[Row]) -> list[int]:
    """For each row the index after the last row of its group."""
    ends = [len(rows)] * len(rows)
    for index in range(len(rows) - 2, -1, -1):
        ends[index] = ends[index + 1] if rows[index].group == rows[index + 1].group else index + 1
    return ends


def _count_header_rows(cells: list[Cell], names: list[bool], in_head: set[int]) -> int:
    """The first rows that name the columns: those of ``<thead>``, else the leading ones that hold header cells alone.

    A header cell that reaches down takes the rows it covers along. A row that is one cell across all columns is the
    title of what follows and names none, and some row must be left to be named.
    """
    width = _width(cells)
    last = cells[-1].row
    rows: list[list[int]] = [[] for _ in range(last + 1)]
    for index, cell in enumerate(cells):
        rows[cell.row].append(index)
    count = reach = 0
    for row, inside in enumerate(rows[:-1]):
        across = width > 1 and cells[inside[0]].colspan == width
        if across or not (row in in_head or row < reach or all(names[index] for index in inside)):
            break
        if row >= reach and not any(cells[index].text for index in inside):
            break
        count = row + 1
        reach = max([reach, *(row + cells[index].rowspan for index in inside if names[index] and cells[index].text)])
    return count


def _names_column(cell: Tag) -> bool:
    """Whether a cell is a ``<th>`` for a column, or is empty, or is bold throughout."""
    if cell.name == "th":
        return attribute(cell, "scope").lower() not in ("row", "rowgroup")
    text = cell.get_text(strip=True)
    bold = "".join(tag.get_text(strip=True) for tag in cell.find_all(("b", "strong"), recursive=False))
    return text == bold
