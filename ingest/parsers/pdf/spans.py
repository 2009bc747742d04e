"""Which cells of a table's grid are one cell: read from words that run over the grid's edges, and from ruling lines."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ingest.parsers.pdf.cells import Merged, MergedCell, row_box
from ingest.parsers.pdf.header_lines import CENTRED, names_above_lines
from ingest.parsers.pdf.layout import LayoutBox
from ingest.parsers.pdf.rules import FREE, RULED, Rules, covered
from ingest.parsers.pdf.words import Word, Words, box_of, lines, middle, phrases, text_of
from records import BBox

MARGIN = 1.0  # points; an edge so near to a word's end does not cut it
DEEP = 0.25  # of a word's height, that an edge runs within it at least to cut it


def merged_cells(box: LayoutBox, words: Words, rules: Rules, heads: int) -> Merged:
    """Return the cells of ``box`` over several columns or rows, of which the grid has pieces.

    ``words`` are those in the table, ``heads`` the rows that may be headers. Of two readings the one
    that comes first here counts: a name above a line, a line of text in the middle, a text cut by the grid.
    """
    found: Merged = {}
    for row in range(len(box.cells)):
        inside = words.within(row_box(box, row))
        readings = [
            names_above_lines(box, row, inside, words, rules) if row < heads and row + 1 < len(box.cells) else {},
            _centred(box, row, inside),
            cut_cells(box, row, inside, whole_phrases=row < heads),
        ]
        for reading in readings:
            for col, wide in reading.items():
                if all(wide.end <= start or found[row, start].end <= col for at, start in found if at == row):
                    found[row, col] = wide
    for (row, col), tall in _tall(box, words, rules).items():
        if not any(row <= at < row + tall.rows and start <= col < found[at, start].end for at, start in found):
            found[row, col] = tall
    return found


def _tall(box: LayoutBox, words: Words, rules: Rules) -> Merged:
    """The cells over several rows of a table that rules rows and columns: those between which no line is drawn, but
    beside which one is. All but one must be empty, unless the edges between them cut a word."""
    found: Merged = {}
    opened = [_open_below(box, row, rules) for row in range(len(box.cells) - 1)]
    for col in range(len(box.cells[0])):
        start = 0
        for row in range(1, len(box.cells) + 1):
            if row < len(box.cells) and opened[row - 1][col]:
                continue
            cells = [box.cells[at][col] for at in range(start, row)]
            inside = words.within((cells[0][0], cells[0][1], cells[0][2], cells[-1][3])) if len(cells) > 1 else []
            one = sum(bool(box.grid[at][col]) for at in range(start, row)) == 1
            if inside and (one or any(_cuts(cell[3], inside) for cell in cells[:-1])):
                found[start, col] = MergedCell(col + 1, text_of(inside), rows=row - start)
            start = row
    return found


def _open_below(box: LayoutBox, row: int, rules: Rules) -> list[bool]:
    """For each cell of a row, whether no line is drawn below it, but one is below most of the others, and lines stand at
    its sides."""
    cells = box.cells[row]
    near = (_height(cells[0]), _height(box.cells[row + 1][0]))
    below = [covered(rules.across, near, (cell[0], cell[2])) for cell in cells]
    if 2 * sum(share >= RULED for share in below) < len(cells) - 1:
        return [False] * len(cells)
    middles = [(cell[0] + cell[2]) / 2 for cell in cells]
    beside = [covered(rules.down, pair, near) >= RULED for pair in pairwise(middles)]
    sides = [left and right for left, right in zip([True, *beside], [*beside, True], strict=True)]
    return [share < FREE and side and len(cells) > 1 for share, side in zip(below, sides, strict=True)]


def _height(cell: BBox) -> float:
    return (cell[1] + cell[3]) / 2


def _cuts(edge: float, words: Sequence[Word]) -> bool:
    return any(word[1] + DEEP * (word[3] - word[1]) < edge < word[3] - DEEP * (word[3] - word[1]) for word in words)


def _centred(box: LayoutBox, row: int, inside: Sequence[Word]) -> dict[int, MergedCell]:
    """A row's only text, cut by the grid, that stands in the middle of the table or of the columns right of the first."""
    cells = box.cells[row]
    only = [phrase for line in lines(inside) for phrase in phrases(line)]
    if len(only) != 1 or len(cells) < 3:
        return {}
    place = box_of(only[0])
    if not any(place[0] + MARGIN < cell[2] < place[2] - MARGIN for cell in cells[:-1]):
        return {}
    misses = {
        start: abs((place[0] + place[2]) - (cells[start][0] + cells[-1][2])) / 2 / (cells[-1][2] - cells[start][0])
        for start in (0, 1)
        if cells[start][0] <= place[0] < cells[-1][2]  # the layout model's last cell may lie anywhere
    }
    start = min(misses, key=lambda start: misses[start], default=0)
    return {start: MergedCell(len(cells), text_of(only[0]))} if misses and misses[start] <= CENTRED else {}


def cut_cells(box: LayoutBox, row: int, inside: Sequence[Word], *, whole_phrases: bool) -> dict[int, MergedCell]:
    """Return the cells whose right edge runs through a word, or a phrase: what stands on both sides is one cell.

    Its text is read from the words, since the grid gives only pieces of each of its lines.
    """
    cells = box.cells[row]
    runs = [phrase for line in lines(inside) for phrase in phrases(line)] if whole_phrases else [[w] for w in inside]
    places = [box_of(run) for run in runs]
    cut = [any(place[0] + MARGIN < cell[2] < place[2] - MARGIN for place in places) for cell in cells[:-1]]
    found = {}
    for start, end in _joined([*cut, False]):
        if end - start > 1:
            text = text_of([word for word in inside if cells[start][0] <= middle(word)[0] <= cells[end - 1][2]])
            found[start] = MergedCell(end, text)
    return found


def _joined(cut: list[bool]) -> list[tuple[int, int]]:
    """Columns ``[start, end)`` of a row's cells, where ``cut[col]`` says that a text runs from ``col`` into the next."""
    spans = [(0, 1)]
    for col in range(1, len(cut)):
        if cut[col - 1]:
            spans[-1] = (spans[-1][0], col + 1)
        else:
            spans.append((col, col + 1))
    return spans
