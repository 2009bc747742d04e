"""The layout model's grid of a PDF table -> a ``Table`` with header rows."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.passages import union
from ingest.pdf_layout import LayoutBox, clean
from records import BBox, Cell, Table

MAX_HEADER_ROWS = 4
MARGIN = 1.0  # points; an edge so near to a word's end does not cut it
_VALUE = re.compile(r"^[\s($€£¥%+\-−–—~<>≤≥]*\d[\d.,\s]*(?:%|[A-Za-z]{1,3})?[\s)*%†‡]*$")
_YEAR = re.compile(r"^(?:fy|q[1-4])?\s?['’]?(?:19|20)\d\d(?:\s?[-–/]\s?\d{2,4})?[*A-Za-z()]{0,3}$", re.IGNORECASE)


Merged = dict[tuple[int, int], tuple[int, str]]  # (row, first column) -> (end column, text)
Word = tuple[float, float, float, float, str]


@dataclass(frozen=True)
class _Piece:
    """Text over the columns ``[start, end)`` of one row."""

    start: int
    end: int
    text: str
    bbox: BBox | None


def table_of(box: LayoutBox, merged: Merged | None = None) -> Table:
    """The table in ``box``; rows and columns without any text are left out.

    ``merged`` holds the cells that the grid has cut (``merged_cells``). First rows that are one cell over all columns are
    no header but what stands above the table: they become its caption.
    """
    rows = [row for row in (_pieces(box, index, merged or {}) for index in range(len(box.grid))) if row]
    width = max(map(len, box.grid))
    titles = []
    while len(rows) > 1 and len(rows[0]) == 1 and rows[0][0].end - rows[0][0].start == width > 1:
        titles.append(rows.pop(0)[0].text)
    rows, width = _closed_up(rows)
    heads = header_rows([_texts(row, width) for row in rows])
    rows = [_spread(row, width) if index < heads - 1 else row for index, row in enumerate(rows)]
    cells = tuple(
        Cell(row=index, col=piece.start, text=piece.text, colspan=piece.end - piece.start, bbox=piece.bbox)
        for index, row in enumerate(rows)
        for piece in row
    )
    return Table(cells=cells, n_rows=len(rows), n_cols=width, header_rows=heads, caption=" ".join(titles))


def _pieces(box: LayoutBox, row: int, merged: Merged) -> list[_Piece]:
    found = []
    col = 0
    while col < len(box.grid[row]):
        end, text = merged.get((row, col), (col + 1, box.grid[row][col]))
        if text:
            found.append(_Piece(col, end, text, union(box.cells[row][col:end])))
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
    if not names:
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


def merged_cells(box: LayoutBox, words: Sequence[Word]) -> Merged:
    """The cells of ``box`` whose right edge runs through a word of the page: what stands on both sides is one cell.

    ``words`` are (x0, y0, x1, y1, text) in reading order; the merged cell's text is read from them, since the grid gives
    only pieces of each of its lines.
    """
    found: Merged = {}
    for row, cells in enumerate(box.cells):
        inside = [word for word in words if _within(word, cells[0][1], cells[0][3], box.bbox)]
        cut = [any(word[0] + MARGIN < cell[2] < word[2] - MARGIN for word in inside) for cell in cells[:-1]]
        for start, end in _joined([*cut, False]):
            if end - start > 1:
                left, right = cells[start][0], cells[end - 1][2]
                text = " ".join(word[4] for word in inside if left <= (word[0] + word[2]) / 2 <= right)
                found[row, start] = (end, clean(text))
    return found


def _within(word: Word, top: float, bottom: float, table: BBox) -> bool:
    x, y = (word[0] + word[2]) / 2, (word[1] + word[3]) / 2
    return top <= y <= bottom and table[0] <= x <= table[2]


def _joined(cut: list[bool]) -> list[tuple[int, int]]:
    """Columns ``[start, end)`` of a row's cells, where ``cut[col]`` says that a word runs from ``col`` into the next."""
    spans = [(0, 1)]
    for col in range(1, len(cut)):
        if cut[col - 1]:
            spans[-1] = (spans[-1][0], col + 1)
        else:
            spans.append((col, col + 1))
    return spans


def header_rows(grid: list[list[str]]) -> int:
    """How many of the first rows name the columns: those before the first row with a value right of its first column.

    Years count as names there. Without any value in the table the first row is taken as the header when it is full.
    """
    for index, row in enumerate(grid[: MAX_HEADER_ROWS + 1]):
        if any(is_value(cell) for cell in row[1:]):
            return index
    full = bool(grid) and all(grid[0][1:]) and len(grid) > 1
    return 1 if full else 0


def is_value(text: str) -> bool:
    """Whether a cell holds a number rather than a name; a bare year is a name."""
    text = text.strip()
    return bool(_VALUE.match(text)) and not _YEAR.match(text)
