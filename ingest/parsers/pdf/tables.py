"""The layout model's grid of a PDF table -> a ``Table`` with header rows."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.parsers.pdf.captions import UNITS
from ingest.parsers.pdf.cells import Merged, MergedCell
from ingest.parsers.pdf.layout import LayoutBox
from records import BBox, Cell, Table
from text.geometry import union
from text.years import YEAR

MAX_HEADER_ROWS = 5
_VALUE = re.compile(r"^[\s($€£¥%+\-−–—~<>≤≥]*\d[\d.,\s]*(?:%|[A-Za-z]{1,3})?[\s)*%†‡]*$")
_YEAR = re.compile(rf"^(?:fy|q[1-4])?\s?['’]?{YEAR}(?:\s?[-–/]\s?\d{{2,4}})?[*A-Za-z()]{{0,3}}$", re.IGNORECASE)


@dataclass(frozen=True)
class _Piece:
    """Text over the columns ``[start, end)`` of one row."""

    start: int
    end: int
    text: str
    bbox: BBox | None
    drawn: bool = False  # a line on the page shows over which columns
    rows: int = 1


def table_of(box: LayoutBox, merged: Merged | None = None) -> Table:
    """Return the table in ``box``; rows and columns without any text are left out.

    ``merged`` holds the cells that the grid has cut (``pdf_spans``). First rows that are one cell over all columns are
    no header but what stands above the table: they become its caption.
    """
    rows = [row for row in (_pieces(box, index, merged or {}) for index in range(len(box.grid))) if row]
    width = max(map(len, box.grid))
    titles = []
    while len(rows) > 1 and len(rows[0]) == 1 and rows[0][0].end - rows[0][0].start == width > 1:
        titles.append(rows.pop(0)[0].text)
    rows, width = _closed_up(rows)
    heads = _header_rows(rows, width)
    rows = [_spread(row, width) if index < heads - 1 else row for index, row in enumerate(rows)]
    rows = _names_as_one(rows, heads)
    cells = tuple(
        Cell(
            row=index,
            col=piece.start,
            text=piece.text,
            rowspan=min(piece.rows, len(rows) - index),
            colspan=piece.end - piece.start,
            bbox=piece.bbox,
        )
        for index, row in enumerate(rows)
        for piece in row
    )
    return Table(cells=cells, n_rows=len(rows), n_cols=width, header_rows=heads, caption=" ".join(titles))


def _pieces(box: LayoutBox, row: int, merged: Merged) -> list[_Piece]:
    found = []
    covered = {col for (first, col), cell in merged.items() if first < row < first + cell.rows}
    col = 0
    while col < len(box.grid[row]):
        end, text, drawn, rows = merged.get((row, col), MergedCell(col + 1, box.grid[row][col]))
        if text and col not in covered:
            places = [place for cells in box.cells[row : row + rows] for place in cells[col:end]]
            found.append(_Piece(col, end, text, union(places), drawn, rows))
        col = end
    return found


def _closed_up(rows: list[list[_Piece]]) -> tuple[list[list[_Piece]], int]:
    """The rows without the columns in which no text begins or ends, and how many columns are left."""
    used = sorted({piece.start for row in rows for piece in row})

    def place(piece: _Piece) -> _Piece:
        start = bisect_left(used, piece.start)
        return replace(piece, start=start, end=max(start + 1, bisect_left(used, piece.end)))

    return [[place(piece) for piece in row] for row in rows], len(used)


def _texts(row: list[_Piece], width: int) -> list[str]:
    texts = [""] * width
    for piece in row:
        texts[piece.start] = piece.text
    return texts


def _spread(row: list[_Piece], width: int) -> list[_Piece]:
    """A header row that has another one below it, its names over the columns they stand for.

    A name that stands over several columns leaves empty cells beside it. Each goes to the nearest name; of two equally
    near ones to the left one, unless the names stand over the right of their columns.
    """
    names = [piece for piece in row if piece.start > 0]  # the first column names the rows
    if not names or any(piece.drawn for piece in row):
        return row
    prefer_right = names[0].start > 1
    columns = {piece: [*range(piece.start, piece.end)] for piece in row}
    for col in range(1, width):
        if not any(piece.start <= col < piece.end for piece in row):
            nearest = min(
                names,
                key=lambda piece: (
                    max(piece.start - col, col - piece.end + 1),
                    -piece.start if prefer_right else piece.start,
                ),
            )
            columns[nearest].append(col)
    return [replace(piece, start=min(columns[piece]), end=max(columns[piece]) + 1) for piece in row]


def _header_rows(rows: list[list[_Piece]], width: int) -> int:
    """``header_rows``, with the row of numbers, one counting on from the other, below a name that a line shows to stand
    over them."""
    heads = header_rows([_texts(row, width) for row in rows])
    last = max(heads, 1) - 1
    below = rows[last + 1 : last + 2]
    return last + 2 if any(piece.drawn and _counts(piece, row) for row in below for piece in rows[last]) else heads


def _counts(name: _Piece, row: list[_Piece]) -> bool:
    texts = [piece.text for piece in row if name.start <= piece.start < name.end]
    numbers = [int(text) for text in texts if text.isdecimal()]
    steps = {after - before for before, after in pairwise(numbers)}
    return steps == {1} and not any(is_value(text) for text in texts if not text.isdecimal())


def _names_as_one(rows: list[list[_Piece]], heads: int) -> list[list[_Piece]]:
    """The header rows with each name that no other one stands over as one cell down to its column.

    Beside a name over several columns, with the columns' own names below it, stand names that are as high as both: in
    one of the two rows, or with a line in each.
    """
    for index in range(heads - 2, -1, -1):
        if not any(piece.end - piece.start > 1 for piece in rows[index]):
            continue
        both = [*rows[index], *rows[index + 1]]
        wide = {col for piece in both if piece.end - piece.start > 1 for col in range(piece.start, piece.end)}
        above = {piece.start: piece for piece in rows[index] if piece.start not in wide}
        below = {piece.start: piece for piece in rows[index + 1] if piece.start not in wide}
        tall = [_as_one(above.get(col), below.get(col)) for col in sorted({*above, *below})]
        rows[index] = sorted(
            [*tall, *(piece for piece in rows[index] if piece.start in wide)], key=lambda piece: piece.start
        )
        rows[index + 1] = [piece for piece in rows[index + 1] if piece.start in wide]
    return rows


def _as_one(above: _Piece | None, below: _Piece | None) -> _Piece:
    pieces = [piece for piece in (above, below) if piece is not None]
    text = " ".join(piece.text for piece in pieces)
    return replace(pieces[0], text=text, bbox=union(piece.bbox for piece in pieces), rows=1 + pieces[-1].rows)


def header_rows(grid: Sequence[Sequence[str]]) -> int:
    """Return how many of the first rows name the columns: those before the first row with a value right of its first column.

    Years count as names there. Last ones of these rows that hold nothing but a label of the rows below are no header; a
    line of units is. Without any value in the table the first row is taken as the header when it is full.
    """
    for index, row in enumerate(grid[: MAX_HEADER_ROWS + 1]):
        if any(is_value(cell) for cell in row[1:]):
            while index > 1 and not any(grid[index - 1][1:]) and not UNITS.search(grid[index - 1][0]):
                index -= 1
            return index
    full = bool(grid) and all(grid[0][1:]) and len(grid) > 1
    return 1 if full else 0


def is_value(text: str) -> bool:
    """Return whether a cell holds a number rather than a name; a bare year is a name."""
    text = text.strip()
    return bool(_VALUE.match(text)) and not _YEAR.match(text)
