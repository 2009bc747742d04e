"""Where cells of a spreadsheet are: as rectangles like all other places, and as people write them (``Budget!C14``).

A sheet is laid out as if every cell had the size that spreadsheets give to a new one. So a rectangle stands for cells, and
all that finds, joins and cites rectangles works for sheets as it does for pages.
"""

from __future__ import annotations

import re

from records import BBox, Chunk

WIDTH, HEIGHT = 64.0, 20.0  # of one cell
_PLAIN = re.compile(r"[A-Za-z_]\w*")


def cell_box(row: int, col: int, rows: int = 1, cols: int = 1) -> BBox:
    """Return the rectangle of ``rows`` x ``cols`` cells that begin at ``row`` and ``col``, which count from 0."""
    return col * WIDTH, row * HEIGHT, (col + cols) * WIDTH, (row + rows) * HEIGHT


def column_letters(col: int) -> str:
    """Return the letters of a column that counts from 0.

    >>> column_letters(0), column_letters(27)
    ('A', 'AB')
    """
    letters = ""
    col += 1
    while col:
        col, last = divmod(col - 1, 26)
        letters = chr(ord("A") + last) + letters
    return letters


def address(bbox: BBox) -> str:
    """Return the cells that a rectangle of a sheet covers.

    >>> address(cell_box(13, 2)), address(cell_box(0, 0, 2, 3))
    ('C14', 'A1:C2')
    """
    left, top = round(bbox[0] / WIDTH), round(bbox[1] / HEIGHT)
    right, bottom = max(round(bbox[2] / WIDTH) - 1, left), max(round(bbox[3] / HEIGHT) - 1, top)
    first, last = f"{column_letters(left)}{top + 1}", f"{column_letters(right)}{bottom + 1}"
    return first if first == last else f"{first}:{last}"


def place(chunk: Chunk, bbox: BBox | None = None) -> str:
    """Return where a chunk, or the rectangle ``bbox`` of it, is within its source, for people: "page 3", "slide 4",
    "Budget!C14"; "" where its source has no such parts."""
    if chunk.unit == "sheet":
        box = bbox or chunk.bbox
        sheet = chunk.section[0] if chunk.section else ""
        named = sheet if _PLAIN.fullmatch(sheet) else "'" + sheet.replace("'", "''") + "'" if sheet else ""
        return "!".join(part for part in (named, address(box) if box else "") if part)
    return f"{chunk.unit} {chunk.page}" if chunk.unit else ""
