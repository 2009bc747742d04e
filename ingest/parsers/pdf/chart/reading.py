"""A chart drawn in a PDF as a table: its bars, or the points of its lines, by the axis that stands beside them.

Nothing is taken for granted. A chart is read where the labels of its axis are evenly stepped and lie on a straight line to
within 1 % of their range; each bar or point has one name below it, and each colour one name in the legend; bars begin at zero
or at the lowest label; and numbers that are printed at bars or points agree with what is read. Else there is no table: it is
a figure with its words, as before.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.parsers.pdf.chart.axis import FIT, Axis, axes_of, number_of
from ingest.parsers.pdf.chart.shapes import SAME, Block, Color, Drawing, Label
from records import BBox, Cell, Table

MOST_MARKS = 60  # bars or points of a chart; more are no table that anybody reads
LEAST_BARS, LEAST_POINTS = 2, 3
SLACK = 0.75  # points by which bars may differ in width and in where they begin
CENTRED = 0.3  # of the distance between two names, by which one may be off what it names
BELOW = 3.0  # heights of a label, below the axis, within which the names of bars begin
NEAR = 2.2  # heights of a number, within which it is printed at its bar or point
LEGEND = 2.0  # heights of a label, between it and its key
READ = "read from the drawing"


@dataclass(frozen=True)
class Mark:
    """A bar's end or a point of a line, with what it stands for."""

    x: float
    top: float  # place of its value
    base: float  # place from which it is measured; of a point, the same as ``top``
    width: float
    value: float
    color: Color


@dataclass(frozen=True)
class Chart:
    """A chart as a table."""

    table: Table
    printed: bool  # all its values are printed there, and agree with what is drawn


def charts_of(drawing: Drawing) -> list[Chart]:
    """Return the charts of a figure, one for each axis that something can be read by."""
    upright = _read(drawing)
    return upright or _read(drawing.turned())


def _read(drawing: Drawing) -> list[Chart]:
    axes = axes_of(drawing.labels)
    found: list[Chart] = []
    for axis in axes:
        later = [other.left for other in axes if other.left > axis.right]
        end = min(later, default=math.inf)
        panel = _Panel(drawing, axis, end)
        chart = panel.bars() or panel.lines()
        if chart is not None:
            found.append(chart)
    return found


class _Panel:
    """What lies to the right of an axis, and before the next one."""

    def __init__(self, drawing: Drawing, axis: Axis, end: float) -> None:
        self.axis = axis
        self.end = end
        step = abs(axis.labels[1].y - axis.labels[0].y)
        self.top, self.bottom = axis.labels[0].y - step, axis.labels[-1].y + step / 2
        own = set(axis.labels)
        self.labels = [one for one in drawing.labels if axis.right <= one.x <= end and one not in own]
        self.blocks = [
            one
            for one in drawing.blocks
            if one.bbox[0] >= axis.right - SAME and one.bbox[2] <= end and self.top <= one.bbox[1] <= self.bottom
        ]
        self.paths = [
            one
            for one in drawing.paths
            if axis.right <= one.points[0][0] <= end and all(self.top <= y <= self.bottom for _, y in one.points)
        ]
        self.drawing = drawing

    def bars(self) -> Chart | None:
        """Return the chart of upright bars, side by side or on one another."""
        keys = {one.bbox for one in self._keys()}
        blocks = [one for one in self.blocks if one.bbox not in keys and one.height > SAME and one.width > 1]
        blocks = [one for one in blocks if one.width < 0.5 * (max(b.bbox[2] for b in blocks) - self.axis.right)]
        if not LEAST_BARS <= len(blocks) <= MOST_MARKS or self.paths:
            return None
        base = Counter(round(one.bbox[3], 1) for one in blocks).most_common(1)[0][0]
        base = min((one.bbox[3] for one in blocks), key=lambda bottom: abs(bottom - base))
        axis = self.axis.on(self.drawing.levels) or self.axis
        if not (
            abs(axis.value(base)) <= FIT * axis.span or abs(axis.value(base) - min(axis.values)) <= FIT * axis.span
        ):
            moved = self.axis.based(base)
            if moved is None:
                return None
            axis = moved
        marks = self._measured(blocks, base, axis)
        return self._table(marks, axis, base) if marks else None

    def _measured(self, blocks: Sequence[Block], base: float, axis: Axis) -> list[Mark]:
        """The bars with their values; none when some block is no bar: it has another width, or stands on nothing."""
        width = sorted(one.width for one in blocks)[len(blocks) // 2]
        marks: list[Mark] = []
        reached: dict[float, list[float]] = {}  # where what stands at a place ends, above and below the base
        for block in sorted(blocks, key=lambda one: (round(one.x), -one.bbox[3])):
            if abs(block.width - width) > SLACK:
                return []
            place = next((x for x in reached if abs(x - block.x) < SLACK), None)
            if place is None and abs(block.bbox[3] - base) <= SLACK:
                reached[block.x] = [block.bbox[1]]
                start, end = base, block.bbox[1]
            elif place is None and abs(block.bbox[1] - base) <= SLACK and min(axis.values) < 0:
                reached[block.x] = [-math.inf]  # a bar below zero; nothing hangs from it
                start, end = base, block.bbox[3]
            elif place is not None and abs(block.bbox[3] - reached[place][0]) <= SLACK:
                start, end = block.bbox[3], block.bbox[1]
                reached[place] = [end]
                if axis.value(base) > FIT * axis.span:
                    return []  # on an axis that does not begin at zero the lowest part is not what it looks like
            else:
                return []
            value = axis.value(end) - axis.value(start) if start != base else axis.value(end)
            marks.append(Mark(block.x, end, start, block.width, value, block.color))
        sides = sorted(reached)
        if any(after - before < width - SLACK for before, after in pairwise(sides)):
            return []  # they hide each other
        return marks

    def lines(self) -> Chart | None:
        """Return the chart of lines whose points stand above their names."""
        axis = self.axis.on(self.drawing.levels)
        if axis is None or not self.paths or len({one.color for one in self.paths}) != len(self.paths):
            return None
        marks = [Mark(x, y, y, 0.0, axis.value(y), path.color) for path in self.paths for x, y in path.points]
        if not LEAST_POINTS <= len(marks) <= MOST_MARKS:
            return None
        return self._table(marks, axis, max(axis.labels[-1].y, max(mark.top for mark in marks)))

    def _table(self, marks: Sequence[Mark], axis: Axis, base: float) -> Chart | None:
        """The table of ``marks``: a row a name below them, a column a colour; None when something does not agree."""
        colors = list(dict.fromkeys(mark.color for mark in sorted(marks, key=lambda one: one.x)))
        columns = [sorted((mark for mark in marks if mark.color == color), key=lambda one: one.x) for color in colors]
        series = self._series(colors)
        if len(colors) > 1 and (not all(series) or len(set(series)) < len(series)):
            if any(series) or any(len(column) > 1 for column in columns):
                return None
            columns, series = [sorted(marks, key=lambda one: one.x)], [""]  # each bar in a colour of its own
        rows = list(zip(*columns, strict=True)) if len({len(column) for column in columns}) == 1 else []
        names = self._names([sum(mark.x for mark in row) / len(row) for row in rows], base) if rows else []
        if not names or any(max(m.x for m in row) >= min(m.x for m in after) for row, after in pairwise(rows)):
            return None
        printed = [[self._printed(mark, marks, axis) for mark in row] for row in rows]
        if any(one is False for row in printed for one in row):
            return None
        whole = all(isinstance(one, Label) for row in printed for one in row)
        cells = [Cell(row=0, col=0, text="")]
        cells += [Cell(row=0, col=n, text=name or "value") for n, name in enumerate(series, start=1)]
        for n, (name, row) in enumerate(zip(names, rows, strict=True), start=1):
            cells.append(Cell(row=n, col=0, text=" ".join(one.text for one in name), bbox=_around(name, whole)))
            for col, (mark, label) in enumerate(zip(row, printed[n - 1], strict=True), start=1):
                text = label.text if isinstance(label, Label) else f"≈ {rounded(mark.value, axis)}"
                cells.append(
                    Cell(row=n, col=col, text=text, bbox=label.printed if isinstance(label, Label) and whole else None)
                )
        how = f"as printed; {READ}" if whole else f"{READ}, not printed: approximate, ± {axis.precision:.2g}{axis.unit}"
        table = Table(
            cells=tuple(cells), n_rows=len(rows) + 1, n_cols=len(series) + 1, header_rows=1, caption=f"Chart ({how})."
        )
        return Chart(table, whole)

    def _names(self, places: Sequence[float], base: float) -> list[list[Label]]:
        """The names below the places of bars or points: one each, in one line, with the lines below it that go on."""
        if len(places) < 2:
            return []
        pitch = min(after - before for before, after in pairwise(places))
        below = [
            one for one in self.labels if one.bbox[1] >= base - SAME and abs(one.x - _closest(one.x, places)) < pitch
        ]
        first = min(below, key=lambda one: one.bbox[1], default=None)
        if first is None or first.bbox[1] - base > BELOW * min(first.bbox[3] - first.bbox[1], 12.0):
            return []
        line = [one for one in below if one.bbox[1] - first.bbox[1] < 0.5 * (first.bbox[3] - first.bbox[1])]
        names: list[list[Label]] = []
        for place in places:
            own = [one for one in line if abs(one.x - place) <= CENTRED * pitch]
            if len(own) != 1:
                return []
            names.append(own)
        if len(line) != len(places):
            return []
        return names

    def _keys(self) -> list[Block]:
        """The keys of the legend: small, and with words right after them."""
        labels = [one for one in self.drawing.labels if number_of(one.text) is None]
        return [key for key in self.drawing.keys if any(_is_key(key, label) for label in labels)]

    def _series(self, colors: Sequence[Color]) -> list[str]:
        """What the legend calls each colour; "" where it has no word for it, or several."""
        found: list[str] = []
        for color in colors:
            keys = [one for one in self._keys() if _alike(one.color, color)]
            near = [one for one in keys if self.axis.left <= one.x <= self.end] or keys
            named = {label.text for key in near for label in [self._beside(key)] if label is not None}
            found.append(named.pop() if len(named) == 1 else "")
        return found

    def _beside(self, key: Block) -> Label | None:
        near = [one for one in self.drawing.labels if _is_key(key, one)]
        return min(near, key=lambda one: one.printed[0], default=None)

    def _printed(self, mark: Mark, marks: Sequence[Mark], axis: Axis) -> Label | bool | None:
        """The number printed at a bar or a point, None without; False when it is another one than what is read."""
        own = []
        for label in self.labels:
            if number_of(label.text) is None or label.bbox[1] >= max(mark.base, axis.labels[-1].y) + SLACK:
                continue
            if min(marks, key=lambda one: _distance(label, one)) is mark and _distance(label, mark) < math.inf:
                own.append(label)
        if not own:
            return None
        number = number_of(own[0].text)
        if len(own) > 1 or number is None:
            return False
        agrees = abs(number.value - mark.value) <= FIT * axis.span + number.step / 2
        return own[0] if agrees else False


def _distance(label: Label, mark: Mark) -> float:
    """From a number to the bar or point at which it is printed; infinite where it is not at it."""
    height = min(label.bbox[3] - label.bbox[1], 14.0)
    reach = max(mark.width / 2, height if mark.top == mark.base else 0.0)
    across = abs(label.x - mark.x)
    high, low = min(mark.top, mark.base), max(mark.top, mark.base)
    down = max(high - label.y, label.y - low, 0.0)
    return across + down if across <= max(reach, 2.0) and down <= NEAR * height else math.inf


def _closest(x: float, places: Sequence[float]) -> float:
    return min(places, key=lambda place: abs(place - x))


def _is_key(key: Block, label: Label) -> bool:
    x0, y0, x1, y1 = label.printed
    height = y1 - y0
    level = abs((key.bbox[1] + key.bbox[3]) / 2 - (y0 + y1) / 2) < 0.5 * height
    return level and key.height <= 1.5 * height and -SAME <= x0 - key.bbox[2] <= LEGEND * height


def _alike(one: Color, other: Color) -> bool:
    return len(one) == len(other) and all(abs(a - b) < 0.01 for a, b in zip(one, other, strict=True))


def _around(name: Sequence[Label], printed: bool) -> BBox | None:
    return name[0].printed if printed and len(name) == 1 else None


def rounded(value: float, axis: Axis) -> str:
    """Return a value with as many digits as can be read, and its unit."""
    digits = -math.floor(math.log10(axis.precision))
    text = f"{round(value, digits):,.{max(digits, 0)}f}"
    text = text.removeprefix("-") if not float(text.replace(",", "")) else text
    currency, other = (axis.unit, "") if axis.unit in "$€£¥" else ("", axis.unit)
    return f"{currency}{text}{other}"
