"""Cells of a table that take in several of its grid."""

from __future__ import annotations

from typing import NamedTuple

from ingest.parsers.pdf.layout import LayoutBox
from records import BBox


class MergedCell(NamedTuple):
    """A cell over the columns up to ``end``; ``drawn`` when a line on the page shows how wide it is."""

    end: int
    text: str
    drawn: bool = False
    rows: int = 1


Merged = dict[tuple[int, int], MergedCell]  # by first row and first column


def row_box(box: LayoutBox, row: int) -> BBox:
    """Return the rectangle of a row over the whole width of its table."""
    return (box.bbox[0], box.cells[row][0][1], box.bbox[2], box.cells[row][0][3])
