"""Names in the header of a table that a line drawn below them shows to stand over several columns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ingest.parsers.pdf.cells import MergedCell, row_box
from ingest.parsers.pdf.layout import LayoutBox
from ingest.parsers.pdf.rules import RULED, Rules, Segment
from ingest.parsers.pdf.words import Word, Words, box_of, lines, middle, phrases, text_of
from records import BBox

CENTRED = 0.04  # of the width it stands over, by which a centred text may miss the middle
ASIDE = 0.15  # the same where no other line can be meant
PIECES = 12.0  # points between two pieces of one line at most
UNDERLINE = 4.0  # points; a line below a text that is no longer than the text by more only underlines it


def names_above_lines(
    box: LayoutBox, row: int, inside: Sequence[Word], words: Words, rules: Rules
) -> dict[int, MergedCell]:
    """Return names in a header row with a line below them that runs over several columns, but not over all."""
    below = words.within(row_box(box, row + 1))
    if not inside or not below:
        return {}
    start = box.cells[row][0][2]
    heights = [middle(word)[1] for word in inside]
    pieces = _pieces(rules, (max(heights), min(middle(word)[1] for word in below)), min(heights))
    pieces = [one for one in pieces if one[2] - one[1] < RULED * (box.bbox[2] - box.bbox[0]) or one[1] > start]
    middles = _middles_below(box, row, words)
    names = _names(inside)
    found = {}
    for name in names:
        taken = [box_of(other) for other in names if other is not name]
        run = _run_below(box_of(name), pieces, taken, start)
        columns = [col for col, at in enumerate(middles) if run and col and at and run[0] <= at <= run[1]]
        if len(columns) > 1:
            found[columns[0]] = MergedCell(columns[-1] + 1, text_of(name), drawn=True)
    return found


def _names(words: Sequence[Word]) -> list[list[Word]]:
    """The phrases of a header row; those of several lines that stand above one another as one."""
    found: list[list[Word]] = []
    for phrase in (phrase for line in lines(words) for phrase in phrases(line)):
        place = box_of(phrase)
        above = next((name for name in found if place[0] < box_of(name)[2] and box_of(name)[0] < place[2]), None)
        if above is None:
            found.append(list(phrase))
        else:
            above.extend(phrase)
    return found


def _run_below(
    name: BBox, pieces: Sequence[Segment], taken: Sequence[BBox], start: float
) -> tuple[float, float] | None:
    """From where to where the line below a name runs. A line may be drawn in pieces, one for each column: of all runs of
    pieces without another name above, the one in whose middle the name stands. ``start`` is where the columns begin."""

    def free(piece: Segment) -> bool:
        return not any(piece[1] < other[2] and other[0] < piece[2] for other in taken)

    usable = [piece for piece in sorted(pieces, key=lambda piece: piece[1]) if free(piece) and piece[2] > start]
    runs = []
    for first, piece in enumerate(usable):
        end = piece[2]
        runs.append((max(start, piece[1]), end))
        for following in usable[first + 1 :]:
            if following[1] - end > PIECES:
                break
            end = following[2]
            runs.append((max(start, piece[1]), end))
    around = [run for run in runs if run[0] - UNDERLINE <= name[0] and name[2] <= run[1] + UNDERLINE]
    around = [run for run in around if run[1] - run[0] > name[2] - name[0] + UNDERLINE]

    def misses(run: tuple[float, float]) -> float:
        return abs(run[0] + run[1] - name[0] - name[2]) / 2 / (run[1] - run[0])

    best = min(around, key=misses, default=None)
    return best if best is not None and misses(best) <= (CENTRED if len(around) > 1 else ASIDE) else None


def _middles_below(box: LayoutBox, row: int, words: Words) -> list[float | None]:
    """Where the texts of each column stand in the first row below ``row`` that has any."""
    found: list[float | None] = []
    for col in range(len(box.cells[row])):
        texts = (words.within(cells[col]) for cells in box.cells[row + 1 :])
        first = next((text for text in texts if text), None)
        place = box_of(first) if first else None
        found.append((place[0] + place[2]) / 2 if place else None)
    return found


def _pieces(rules: Rules, near: tuple[float, float], height: float) -> list[Segment]:
    """The lines across at a place in ``near``, cut by the lines down that cross ``height``."""
    found = []
    for place, start, end in rules.across:
        if near[0] <= place <= near[1]:
            cuts = sorted(x for x, top, bottom in rules.down if start < x < end and top <= height <= bottom)
            edges = [start, *cuts, end]
            found += [(place, left, right) for left, right in pairwise(edges)]
    return found
