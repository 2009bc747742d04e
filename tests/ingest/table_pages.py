"""Tables whose cells and words have round coordinates: columns 100 points wide, rows 20 high, letters 5 wide."""

from __future__ import annotations

from ingest.parsers.pdf.layout import LayoutBox
from ingest.parsers.pdf.words import Word

WIDTH, HEIGHT, LETTER = 100.0, 20.0, 5.0


def table(*rows: tuple[str, ...]) -> LayoutBox:
    """A table box; the cell in row r and column c lies at (100c, 20r, 100c + 100, 20r + 20)."""
    cells = tuple(
        tuple((WIDTH * c, HEIGHT * r, WIDTH * c + WIDTH, HEIGHT * r + HEIGHT) for c in range(len(row)))
        for r, row in enumerate(rows)
    )
    return LayoutBox(kind="table", bbox=(0, 0, WIDTH * len(rows[0]), HEIGHT * len(rows)), grid=rows, cells=cells)


def said(x: float, y: float, text: str) -> list[Word]:
    """The words of one line of text that begins at ``x`` and stands in the middle of the height ``y``: 8 points high,
    with 2 points between words."""
    found: list[Word] = []
    for word in text.split():
        found.append((x, y - 4, x + LETTER * len(word), y + 4, word))
        x += LETTER * len(word) + 2
    return found


def words_of(box: LayoutBox) -> list[Word]:
    """Each cell's text as one line at its left, 10 points from its top."""
    return [
        word
        for texts, cells in zip(box.grid, box.cells, strict=True)
        for text, cell in zip(texts, cells, strict=True)
        for word in said(cell[0] + 2, cell[1] + 10, text)
    ]
