"""The ruling lines drawn on a PDF page: what separates the rows and columns of many tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from records import BBox

Segment = tuple[float, float, float]  # (place, start, end): (y, x0, x1) of a line across, (x, y0, y1) of one down

THIN = 3.0  # points; a filled rectangle of at most this width is a drawn line
SLANT = 1.0  # points by which the ends of a line may differ for it to be straight
SHORT = 5.0  # points; shorter lines are dots, ticks and strokes of letters
RULED = 0.8  # of a length, along which a line is drawn at least for it to divide what is on its sides
FREE = 0.1  # of a length, along which a line is drawn at most for there to be none
DASH = 4.0  # points between two dashes of one line


@dataclass(frozen=True)
class Rules:
    """Straight lines of a page in points from its top left; dashes of one line are joined."""

    across: tuple[Segment, ...] = ()
    down: tuple[Segment, ...] = ()

    def within(self, area: BBox) -> Rules:
        """Return the lines that run through ``area``."""
        x0, y0, x1, y1 = area
        across = tuple(line for line in self.across if y0 <= line[0] <= y1 and line[1] < x1 and x0 < line[2])
        down = tuple(line for line in self.down if x0 <= line[0] <= x1 and line[1] < y1 and y0 < line[2])
        return Rules(across, down)


def rules_of(drawings: Iterable[Mapping[str, Any]]) -> Rules:
    """Return the straight lines in ``drawings``, the paths as ``Page.get_cdrawings`` gives them."""
    across: list[Segment] = []
    down: list[Segment] = []
    for path in drawings:
        stroked = "s" in path["type"]
        if not stroked and all(item[0] == "l" for item in path["items"]):
            for line in _sides(path["rect"], stroked):
                _add(across, down, line)
            continue
        for kind, *points in path["items"]:
            if kind == "l" and stroked:
                _add(across, down, (*points[0], *points[1]))
            elif kind == "re":
                for line in _sides(points[0], stroked):
                    _add(across, down, line)
            elif kind == "qu" and stroked:
                corners = [points[0][i] for i in (0, 1, 3, 2)]  # upper left, upper right, lower right, lower left
                for one, other in zip(corners, corners[1:] + corners[:1], strict=True):
                    _add(across, down, (*one, *other))
    return Rules(_joined(across), _joined(down))


def covered(segments: Iterable[Segment], near: tuple[float, float], span: tuple[float, float]) -> float:
    """Return the share, 0 to 1, of ``span`` that segments with their place in ``near`` run along."""
    parts = sorted(
        (max(start, span[0]), min(end, span[1]))
        for place, start, end in segments
        if near[0] <= place <= near[1] and start < span[1] and end > span[0]
    )
    total = 0.0
    reached = span[0]
    for start, end in parts:
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total / (span[1] - span[0]) if span[1] > span[0] else 0.0


def _sides(box: tuple[float, float, float, float], stroked: bool) -> list[tuple[float, float, float, float]]:
    """The lines that a rectangle draws: its middle when it is as thin as a line, its sides when it is stroked."""
    x0, y0, x1, y1 = box
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    if y1 - y0 <= THIN < x1 - x0:
        return [(x0, y, x1, y)]
    if x1 - x0 <= THIN < y1 - y0:
        return [(x, y0, x, y1)]
    if not stroked:
        return []
    return [(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)]


def _add(across: list[Segment], down: list[Segment], line: tuple[float, float, float, float]) -> None:
    x0, y0, x1, y1 = line
    if abs(y1 - y0) <= SLANT:
        across.append(((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
    elif abs(x1 - x0) <= SLANT:
        down.append(((x0 + x1) / 2, min(y0, y1), max(y0, y1)))


def _joined(segments: list[Segment]) -> tuple[Segment, ...]:
    """The segments with those that continue one another at the same place as one, without short ones."""
    found: list[Segment] = []
    for place, start, end in sorted((round(place), start, end) for place, start, end in segments):
        if found and found[-1][0] == place and start - found[-1][2] <= DASH:
            found[-1] = (place, found[-1][1], max(found[-1][2], end))
        else:
            found.append((place, start, end))
    return tuple(segment for segment in found if segment[2] - segment[1] >= SHORT)
