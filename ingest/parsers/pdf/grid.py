"""Repairs of the layout model's table grid from ruling lines and the places of words.

Each takes a table box and gives it back, with its texts and rectangles joined or cut where the page shows that the model
was wrong, or as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import mean

from ingest.parsers.pdf.layout import LayoutBox
from ingest.parsers.pdf.rules import FREE, RULED, Rules, covered
from ingest.parsers.pdf.tables import header_rows, is_value
from ingest.parsers.pdf.words import Words, middle, text_of
from records import BBox
from text.geometry import union


def without_empty(box: LayoutBox) -> LayoutBox:
    """Return the table without rows and columns that hold no text, if any is left then."""
    rows = [index for index, row in enumerate(box.grid) if any(row)]
    columns = [col for col, texts in enumerate(zip(*box.grid, strict=True)) if any(texts)]
    if not rows:
        return box
    return replace(
        box,
        grid=tuple(tuple(box.grid[row][col] for col in columns) for row in rows),
        cells=tuple(tuple(box.cells[row][col] for col in columns) for row in rows),
    )


def rows_joined(box: LayoutBox, words: Words, rules: Rules) -> LayoutBox:
    """Join two rows of a table that rules its rows where no line divides them and the lower one fills nothing
    that the upper one leaves empty."""
    shares = [_ruled_below(box, row, words, rules) for row in range(len(box.grid) - 1)]
    if 2 * sum(share >= RULED for share in shares) < len(shares):
        return box
    return _join(box, lambda upper, lower, at: shares[at] < FREE and _adds_nothing(upper, lower))


def _adds_nothing(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Whether ``lower`` fills fewer columns than ``upper``, and none that ``upper`` leaves empty."""
    filled = [bool(text) for text in lower]
    return sum(filled) < sum(map(bool, upper)) and all(
        above or not below for above, below in zip(upper, filled, strict=True)
    )


def continuations_joined(box: LayoutBox, words: Words, rules: Rules) -> LayoutBox:
    """Join a row that begins in the middle of a sentence to the row above it: one of which every text begins with
    a small letter, or the label does and the row above is nothing but a label."""
    heads = header_rows(box.grid)
    shares = [_ruled_below(box, row, words, rules) for row in range(len(box.grid) - 1)]

    def continues(upper: Sequence[str], lower: Sequence[str], at: int) -> bool:
        if at < heads or shares[at] >= FREE:
            return False
        after = box.grid[at + 2][0] if at + 2 < len(box.grid) else ""
        if upper[0] and not any(upper[1:]):
            starts = lower[0][:1].islower() and not after[:1].islower() and any(lower[1:])
            return starts and not upper[0].endswith((":", "."))
        pairs = [(above, below) for above, below in zip(upper, lower, strict=True) if below]
        return all(
            below[:1].islower() and above and not above[:1].islower() and not is_value(above) for above, below in pairs
        )

    return _join(box, continues)


def columns_joined(box: LayoutBox, words: Words, rules: Rules) -> LayoutBox:
    """Join two columns of a table that rules its columns where no line divides them and no row below the header
    fills both."""
    shares = [_ruled_beside(box, col, words, rules) for col in range(len(box.grid[0]) - 1)]
    ruled = sum(share >= RULED for share in shares)
    heads = max(1, header_rows(box.grid))
    if ruled < 2 or 2 * ruled < len(shares):
        return box
    for col in reversed(range(len(shares))):
        if shares[col] < FREE and not any(row[col] and row[col + 1] for row in box.grid[heads:]):
            box = _columns_as_one(box, col, words)
    return box


def _ruled_below(box: LayoutBox, row: int, words: Words, rules: Rules) -> float:
    """The share of the table's width along which a line runs between the words of ``row`` and those of the next.

    Looked for from the last line of the cell of ``row`` that ends first to the first line of the cell below that begins
    last: a text in the middle of two rows stands on the line between them.
    """
    above = [[middle(word)[1] for word in words.within(cell)] for cell in box.cells[row]]
    below = [[middle(word)[1] for word in words.within(cell)] for cell in box.cells[row + 1]]
    if not any(above) or not any(below):
        return 0.0
    near = (min(max(heights) for heights in above if heights), max(min(heights) for heights in below if heights))
    return covered(rules.across, near, (box.bbox[0], box.bbox[2]))


def _ruled_beside(box: LayoutBox, col: int, words: Words, rules: Rules) -> float:
    """The share of the table's height along which a line runs between the words of column ``col`` and those of the
    next."""
    left = [middle(word)[0] for cells in box.cells for word in words.within(cells[col])]
    right = [middle(word)[0] for cells in box.cells for word in words.within(cells[col + 1])]
    if not left or not right or mean(left) >= mean(right):
        return 0.0
    return covered(rules.down, (mean(left), mean(right)), (box.bbox[1], box.bbox[3]))


def _join(box: LayoutBox, joins: Callable[[Sequence[str], Sequence[str], int], bool]) -> LayoutBox:
    """The rows with each for which ``joins(row above as it is by then, row, index of the one above)`` in the one above."""
    grid: list[list[str]] = [list(box.grid[0])]
    cells: list[list[BBox]] = [list(box.cells[0])]
    for row in range(1, len(box.grid)):
        if joins(grid[-1], box.grid[row], row - 1):
            grid[-1] = [" ".join(filter(None, pair)) for pair in zip(grid[-1], box.grid[row], strict=True)]
            cells[-1] = [_around(*pair) for pair in zip(cells[-1], box.cells[row], strict=True)]
        else:
            grid.append(list(box.grid[row]))
            cells.append(list(box.cells[row]))
    return replace(box, grid=tuple(map(tuple, grid)), cells=tuple(map(tuple, cells)))


def _columns_as_one(box: LayoutBox, col: int, words: Words) -> LayoutBox:
    grid, cells = [], []
    for texts, places in zip(box.grid, box.cells, strict=True):
        place = _around(places[col], places[col + 1])
        both = texts[col] and texts[col + 1]
        text = text_of(words.within(place)) if both else texts[col] or texts[col + 1]
        grid.append((*texts[:col], text, *texts[col + 2 :]))
        cells.append((*places[:col], place, *places[col + 2 :]))
    return replace(box, grid=tuple(grid), cells=tuple(cells))


def _around(one: BBox, other: BBox) -> BBox:
    found = union([one, other])
    assert found is not None
    return found
