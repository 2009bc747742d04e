"""The layout model's grid of a PDF table -> a ``Table`` with header rows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.passages import union
from ingest.pdf_layout import LayoutBox
from records import BBox, Cell, Table

MAX_HEADER_ROWS = 4
MARGIN = 1.0  # points; an edge so near to a word's end does not cut it
_VALUE = re.compile(r"^[\s($€£¥%+\-−–—~<>≤≥]*\d[\d.,\s]*(?:%|[A-Za-z]{1,3})?[\s)*%†‡]*$")
_YEAR = re.compile(r"^(?:fy|q[1-4])?\s?['’]?(?:19|20)\d\d(?:\s?[-–/]\s?\d{2,4})?[*A-Za-z()]{0,3}$", re.IGNORECASE)


def table_of(box: LayoutBox, cuts: frozenset[tuple[int, int]] = frozenset()) -> Table:
    """The table in ``box``; rows and columns without any text are left out.

    ``cuts`` holds the cells (row, column of the grid) whose right edge runs through a word: what stands left and right of
    it is one cell.
    """
    rows = [index for index, row in enumerate(box.grid) if any(row)]
    cols = [col for col in range(max(map(len, box.grid))) if any(_at(box.grid[row], col) for row in rows)]
    grid = [[_at(box.grid[row], col) for col in cols] for row in rows]
    heads = header_rows(grid)
    boxes = [[box.cells[row][col] for col in cols] for row in rows]
    cells = []
    for i, row in enumerate(grid):
        joined = _joined([(rows[i], col) in cuts for col in cols])
        for start, end in _header_spans(row, joined) if i < heads - 1 else joined:
            text = "".join(row[start:end])
            if text:
                bbox = union(boxes[i][start:end])
                cells.append(Cell(row=i, col=start, text=text, colspan=end - start, bbox=bbox))
    return Table(cells=tuple(cells), n_rows=len(rows), n_cols=len(cols), header_rows=heads)


def _joined(cut: list[bool]) -> list[tuple[int, int]]:
    """Columns ``[start, end)`` of a row's cells, where ``cut[col]`` says that a word runs from ``col`` into the next."""
    spans = [(0, 1)]
    for col in range(1, len(cut)):
        if cut[col - 1]:
            spans[-1] = (spans[-1][0], col + 1)
        else:
            spans.append((col, col + 1))
    return spans


def _header_spans(texts: list[str], joined: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Cells ``[start, end)`` of a header row that has another one below it.

    A name that stands over several columns leaves empty cells beside it. Each goes to the nearest name; of two equally
    near ones to the left one, unless the names stand over the right of their columns.
    """
    spans = [(start, end) for start, end in joined if any(texts[start:end])]
    names = [span for span in spans if span[0] > 0]  # the first column names the rows
    if not names:
        return spans
    prefer_right = names[0][0] > 1
    owned: dict[tuple[int, int], list[int]] = {span: [*range(*span)] for span in spans}
    for col in range(1, len(texts)):
        if not any(start <= col < end for start, end in spans):
            distance = {span: max(span[0] - col, col - span[1] + 1) for span in names}
            owner = min(names, key=lambda span: (distance[span], span[0] if not prefer_right else -span[0]))
            owned[owner].append(col)
    return [(min(cols), max(cols) + 1) for cols in owned.values()]


def cut_words(box: LayoutBox, words: Sequence[BBox]) -> frozenset[tuple[int, int]]:
    """The cells of ``box`` (row, column) whose right edge runs through one of the page's ``words``."""
    found = set()
    for row, cells in enumerate(box.cells):
        for col, (_, top, edge, bottom) in enumerate(cells[:-1]):
            for x0, y0, x1, y1 in words:
                if top <= (y0 + y1) / 2 <= bottom and x0 + MARGIN < edge < x1 - MARGIN:
                    found.add((row, col))
    return frozenset(found)


def _at(row: tuple[str, ...], col: int) -> str:
    return row[col] if col < len(row) else ""


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
