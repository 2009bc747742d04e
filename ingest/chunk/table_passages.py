"""A table as passages that fit the embedder: split by rows, caption and header repeated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.chunk.passages import Count, Passage, join, split
from records import BBox, Span, Table

CAPTION_SHARE = 3  # a caption longer than a third of the limit is not repeated
NOTHING = Passage("")
Row = list[tuple[str, BBox | None]]


@dataclass(frozen=True)
class TablePart:
    """Rows ``[first_row, last_row)`` of a table as text."""

    passage: Passage
    first_row: int
    last_row: int


def table_parts_by_page(
    table: Table, limit: int, count: Count, caption: Passage = NOTHING
) -> Iterator[tuple[int, TablePart]]:
    """Yield the ``table_parts`` of a table that may go on over pages, each with the page on which its rows stand; 0 is that
    on which the table begins. A rectangle of the header is given there alone."""
    pages = [0] * table.n_rows
    for cell in table.cells:
        pages[cell.row] = max(pages[cell.row], cell.page)
    for page in dict.fromkeys(pages):
        rows = [row for row, on in enumerate(pages) if on == page and (page or row >= table.header_rows)]
        shown = {*range(table.header_rows), *rows}
        cells = tuple(
            replace(cell, bbox=cell.bbox if cell.page == page else None) for cell in table.cells if cell.row in shown
        )
        said = caption if page == 0 else Passage(caption.text)
        for part in table_parts(replace(table, cells=cells), limit, count, said):
            yield page, part


def table_parts(table: Table, limit: int, count: Count, caption: Passage = NOTHING) -> list[TablePart]:
    """Split ``table`` into parts of at most ``limit`` tokens, one line a row, cells divided by " | ".

    Every part begins with the caption and the header rows: without them its rows say nothing. A caption that is too long
    for that comes before the parts. A table whose header takes more than half the limit is cut into groups of columns
    too, each with the first column, which names the rows.
    """
    rows = _rows(table)
    if count(caption.text) > limit // CAPTION_SHARE:
        alone = [TablePart(piece, 0, 0) for piece in split(caption, limit, count)]
        return alone + _parts(rows, table.header_rows, limit, count, NOTHING)
    return _parts(rows, table.header_rows, limit, count, caption)


def _rows(table: Table) -> list[Row]:
    """Cells by row; a cell that spans stands once in each row it covers, so that every row reads alone."""
    grid: list[dict[int, tuple[str, BBox | None]]] = [{} for _ in range(table.n_rows)]
    for cell in table.cells:
        for row in range(cell.row, min(cell.row + cell.rowspan, table.n_rows)):
            grid[row][cell.col] = (cell.text, cell.bbox)
    return [[row.get(col, ("", None)) for col in range(table.n_cols)] for row in grid]


def _parts(rows: list[Row], header_rows: int, limit: int, count: Count, caption: Passage) -> list[TablePart]:
    header = join([caption, *(_line(row) for row in rows[:header_rows])])
    body = [(index, _line(row)) for index, row in enumerate(rows) if index >= header_rows]
    body = [(index, line) for index, line in body if line.text]
    header_length = count(header.text)
    columns = max((len(row) for row in rows), default=0)
    longest = max((count(line.text) for _, line in body), default=0)
    if header_length and columns > 2 and header_length + longest > limit and header_length > limit // 2:
        middle = (columns + 1) // 2
        left = [row[:middle] for row in rows]
        right = [row[:1] + row[middle:] for row in rows]
        return [part for half in (left, right) for part in _parts(half, header_rows, limit, count, caption)]
    if header_length > limit // 2:  # a header nobody can repeat stands alone
        alone = [TablePart(piece, 0, header_rows) for piece in split(header, limit, count)]
        return alone + _pack(NOTHING, body, limit, count, header_rows)
    return _pack(header, body, limit, count, header_rows)


def _pack(
    header: Passage, body: Sequence[tuple[int, Passage]], limit: int, count: Count, header_rows: int
) -> list[TablePart]:
    room = limit - count(header.text)
    groups: list[list[tuple[int, Passage]]] = []
    used = room + 1
    for index, line in body:
        for piece in split(line, room, count):
            length = count(piece.text)
            if used + length > room:
                groups.append([])
                used = 0
            groups[-1].append((index, piece))
            used += length
    if not groups:
        return [TablePart(header, 0, header_rows)] if header.text else []
    return [TablePart(join([header, *(line for _, line in group)]), group[0][0], group[-1][0] + 1) for group in groups]


def _line(row: Row) -> Passage:
    text = ""
    spans: list[Span] = []
    for col, (cell, bbox) in enumerate(row):
        if col:
            text += " | "
        cell = " ".join(cell.split())
        if bbox is not None and cell:
            spans.append(Span(len(text), len(text) + len(cell), bbox))
        text += cell
    if not text.replace("|", "").strip():
        return NOTHING
    return Passage(text, tuple(spans))
