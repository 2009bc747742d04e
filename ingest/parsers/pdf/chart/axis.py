"""The axis of a chart: numbers printed in a column, and the straight line between their places and their values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.parsers.pdf.chart.shapes import Label

FIT = 0.01  # of the range of its labels, by which a label may be off the line
LEAST_LABELS = 3
ALIGNED = 1.5  # points between the edges, or the middles, of the labels of one axis
BESIDE = 0.5  # of a label's height, by which its middle may be off its tick
MARK = 0.5  # points: how closely the place of a drawn edge is known

_NUMBER = re.compile(r"([-−–]?)\s*([$€£¥]?)\s*([-−–]?)\s*(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*([%KMBkmb]?)")


@dataclass(frozen=True)
class Number:
    """A number as it is printed."""

    value: float
    step: float  # one of its last digit
    unit: str  # what stands around it: "$", "%", "M"


@dataclass(frozen=True)
class Axis:
    """Value = ``slope`` times a place down the page, plus ``start``."""

    labels: tuple[Label, ...]  # from top to bottom
    values: tuple[float, ...]
    unit: str
    slope: float
    start: float
    off: float  # by which a label is off at most

    def value(self, y: float) -> float:
        """Return the value at a place."""
        return self.slope * y + self.start

    def on(self, levels: Sequence[float]) -> Axis | None:
        """Return the axis with its labels at the ticks or the lines of the grid that they stand beside: the middle of a
        label is a little off. None when some label has none."""
        places = []
        for label in self.labels:
            near = min(levels, key=lambda level: abs(level - label.y), default=math.inf)
            if abs(near - label.y) > BESIDE * (label.bbox[3] - label.bbox[1]):
                return None
            places.append(near)
        return _fitted(self.labels, places)

    def based(self, base: float) -> Axis | None:
        """Return the axis moved so that ``base``, where bars begin, is at the label beside it: zero or the lowest one."""
        for value, label in zip(self.values, self.labels, strict=True):
            if (value == 0 or label is self.labels[-1]) and abs(label.y - base) <= BESIDE * (
                label.bbox[3] - label.bbox[1]
            ):
                return replace(self, start=value - self.slope * base)
        return None

    @property
    def span(self) -> float:
        """From the lowest to the highest of its labels."""
        return max(self.values) - min(self.values)

    @property
    def precision(self) -> float:
        """How closely a value can be read: by what the labels are off the line, and by what half a point is worth."""
        return max(self.off, abs(self.slope) * MARK)

    @property
    def left(self) -> float:
        """Where its labels begin."""
        return min(label.bbox[0] for label in self.labels)

    @property
    def right(self) -> float:
        """Where its labels end."""
        return max(label.bbox[2] for label in self.labels)


def number_of(text: str) -> Number | None:
    """Return the number that ``text`` is, None when it is more or less than one."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    sign, currency, inner, whole, decimals, unit = found.groups()
    value = float(whole.replace(",", "") + (decimals or ""))
    step = 10.0 ** -len((decimals or ".")[1:])
    return Number(-value if sign or inner else value, step, currency + unit)


def axes_of(labels: Iterable[Label]) -> list[Axis]:
    """Return the columns of evenly stepped numbers among ``labels`` whose places lie on a line, from left to right."""
    numbers = [label for label in labels if number_of(label.text) is not None]
    found: dict[frozenset[tuple[float, ...]], Axis] = {}
    for edge in (lambda one: one.bbox[2], lambda one: one.x, lambda one: one.bbox[0]):
        for column in _columns(numbers, edge):
            for run in _even_runs(column):
                axis = _fitted(run, [label.y for label in run])
                if axis is not None:
                    found.setdefault(frozenset(label.bbox for label in axis.labels), axis)
    whole = [axis for key, axis in found.items() if not any(key < other for other in found)]
    return sorted(whole, key=lambda axis: axis.left)


def _columns(labels: Sequence[Label], edge: Callable[[Label], float]) -> list[list[Label]]:
    columns: list[list[Label]] = []
    for label in sorted(labels, key=edge):
        if columns and edge(label) - edge(columns[-1][0]) <= ALIGNED:
            columns[-1].append(label)
        else:
            columns.append([label])
    return [sorted(column, key=lambda one: one.y) for column in columns if len(column) >= LEAST_LABELS]


def _even_runs(column: Sequence[Label]) -> list[list[Label]]:
    """Runs of labels, from top to bottom, whose values fall by one step each."""
    runs: list[list[Label]] = []
    steps: list[float] = []
    for above, below in pairwise(column):
        step = _value(above) - _value(below)
        if runs and runs[-1][-1] is above and math.isclose(step, steps[-1], rel_tol=1e-6, abs_tol=1e-9):
            runs[-1].append(below)
        elif step > 0:
            runs.append([above, below])
            steps.append(step)
    return [run for run in runs if len(run) >= LEAST_LABELS]


def _value(label: Label) -> float:
    number = number_of(label.text)
    assert number is not None
    return number.value


def _fitted(labels: Sequence[Label], places: Sequence[float]) -> Axis | None:
    """The axis by least squares through ``places``, at which the values of ``labels`` are; None when one of them is off it,
    or their units differ."""
    units = {number.unit for label in labels if (number := number_of(label.text)) is not None and number.value}
    values = [_value(label) for label in labels]
    middle, mean = sum(places) / len(places), sum(values) / len(values)
    spread = sum((place - middle) ** 2 for place in places)
    if len(units) != 1 or not spread:
        return None
    slope = sum((place - middle) * (value - mean) for place, value in zip(places, values, strict=True)) / spread
    start = mean - slope * middle
    off = max(abs(slope * place + start - value) for place, value in zip(places, values, strict=True))
    axis = Axis(tuple(labels), tuple(values), units.pop(), slope, start, off)
    return axis if off <= FIT * axis.span else None
