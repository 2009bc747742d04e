"""The layout model's grid of a PDF table -> a ``Table`` with header rows."""

from __future__ import annotations

import re

from ingest.pdf_layout import LayoutBox
from records import Cell, Table

MAX_HEADER_ROWS = 4
_VALUE = re.compile(r"^[\s($€£¥%+\-−–—~<>≤≥]*\d[\d.,\s]*(?:%|[A-Za-z]{1,3})?[\s)*%†‡]*$")
_YEAR = re.compile(r"^(?:fy|q[1-4])?\s?['’]?(?:19|20)\d\d(?:\s?[-–/]\s?\d{2,4})?[*A-Za-z()]{0,3}$", re.IGNORECASE)


def table_of(box: LayoutBox) -> Table:
    """The table in ``box``; rows and columns without any text are left out."""
    rows = [index for index, row in enumerate(box.grid) if any(row)]
    cols = [col for col in range(max(map(len, box.grid))) if any(_at(box.grid[row], col) for row in rows)]
    grid = [[_at(box.grid[row], col) for col in cols] for row in rows]
    cells = tuple(
        Cell(row=i, col=j, text=grid[i][j], bbox=box.cells[row][col])
        for i, row in enumerate(rows)
        for j, col in enumerate(cols)
        if grid[i][j]
    )
    return Table(cells=cells, n_rows=len(rows), n_cols=len(cols), header_rows=header_rows(grid))


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
