"""What the layout model took into a table's grid at its edges: two header rows as one, a note below it as its last row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ingest.parsers.pdf.cells import row_box
from ingest.parsers.pdf.layout import LayoutBox, clean
from ingest.parsers.pdf.rules import RULED, Rules, covered
from ingest.parsers.pdf.spans import MARGIN, cut_cells
from ingest.parsers.pdf.tables import header_rows
from ingest.parsers.pdf.words import Word, Words, box_of, lines, middle, phrases, text_of, words_in
from records import BBox, Line


def rows_cut(box: LayoutBox, words: Words, rules: Rules) -> LayoutBox:
    """Cut rows where the page divides them: at a line drawn through a row from side to side, in a header row also at one
    through two columns or more, and below a name that stands over several columns with names of their own."""
    heads = max(1, header_rows(box.grid))
    for row in reversed(range(len(box.grid))):
        for edge in reversed(_drawn_edges(box, row, words, rules, in_header=row < heads)):
            box = _cut(box, row, edge, words)
    for row in reversed(range(min(heads, len(box.grid)))):
        below = _edge_below_name(box, row, words)
        box = box if below is None else _cut(box, row, below, words)
    return box


def _drawn_edges(box: LayoutBox, row: int, words: Words, rules: Rules, *, in_header: bool) -> list[float]:
    """Heights in ``row``, from top to bottom, of lines with words above and below them in the columns they run through."""
    found = []
    inside = words.within(row_box(box, row))
    for height in sorted(
        {place for place, _, _ in rules.across if box.cells[row][0][1] < place < box.cells[row][0][3]}
    ):
        ruled = [
            cell for cell in box.cells[row] if covered(rules.across, (height, height), (cell[0], cell[2])) >= RULED
        ]
        sides = {middle(word)[1] < height for cell in ruled for word in words_in(inside, cell)}
        if len(sides) == 2 and len(ruled) >= (2 if in_header else len(box.cells[row])):
            found.append(height)
    return found


def _edge_below_name(box: LayoutBox, row: int, words: Words) -> float | None:
    inside = lines(words.within(row_box(box, row)))
    for at in range(1, len(inside)):
        below = [word for line in inside[at:] for word in line]
        if any(_stands_over(name, box.cells[row], below) for name in phrases(inside[at - 1])):
            return (max(word[3] for word in inside[at - 1]) + min(word[1] for word in below)) / 2
    return None


def _stands_over(name: Sequence[Word], cells: Sequence[BBox], below: Sequence[Word]) -> bool:
    """Whether ``name`` reaches over several columns, each with a text of its own below, and is nearer to the middle of all
    of them than to any one: a long word that sticks out of its column is not."""
    place = box_of(name)
    texts = [
        [phrase for line in lines(words_in(below, cell)) for phrase in phrases(line)]
        for cell in cells
        if min(place[2], cell[2]) - max(place[0], cell[0]) > MARGIN
    ]
    if len(texts) < 2 or not all(texts):
        return False
    boxes = [box_of([word for phrase in column for word in phrase]) for column in texts]
    middles = [(one[0] + one[2]) / 2 for one in boxes]
    own = (place[0] + place[2]) / 2
    apart = all(left[2] < right[0] for left, right in pairwise(boxes))
    return apart and abs((middles[0] + middles[-1]) / 2 - own) < min(abs(one - own) for one in middles)


def _cut(box: LayoutBox, row: int, edge: float, words: Words) -> LayoutBox:
    """``row`` as two rows, one above and one below the height ``edge``."""
    upper = tuple((x0, y0, x1, edge) for x0, y0, x1, _ in box.cells[row])
    lower = tuple((x0, edge, x1, y1) for x0, _, x1, y1 in box.cells[row])
    grid = [tuple(text_of(words.within(cell)) for cell in cells) for cells in (upper, lower)]
    return replace(
        box,
        grid=(*box.grid[:row], *grid, *box.grid[row + 1 :]),
        cells=(*box.cells[:row], upper, lower, *box.cells[row + 1 :]),
    )


def without_notes(box: LayoutBox, words: Words) -> tuple[LayoutBox, LayoutBox | None]:
    """Return the table without its last rows that are but running text over several columns, and these as a text box."""
    end = len(box.grid)
    heads = max(1, header_rows(box.grid))
    while end > heads + 1 and _is_note(box, end - 1, words):
        end -= 1
    if end == len(box.grid):
        return box, None
    top, bottom = box.cells[end - 1][0][3], box.bbox[3]
    note = words.within((box.bbox[0], box.cells[end][0][1], box.bbox[2], bottom))
    text = tuple(Line(clean(" ".join(word[4] for word in line)), box_of(line)) for line in lines(note))
    table = replace(box, bbox=(*box.bbox[:3], top), grid=box.grid[:end], cells=box.cells[:end])
    return table, LayoutBox(kind="text", bbox=box_of(note), lines=text)


def _is_note(box: LayoutBox, row: int, words: Words) -> bool:
    wide = cut_cells(box, row, words.within(row_box(box, row)), whole_phrases=True).get(0)
    return wide is not None and not any(box.grid[row][wide.end :])
