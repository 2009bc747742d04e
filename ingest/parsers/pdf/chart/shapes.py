"""What a chart is drawn of: filled rectangles, lines through points, and labels; the same whichever way its values run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from records import BBox
from text.geometry import union

Color = tuple[float, ...]
Point = tuple[float, float]
Word = tuple[float, float, float, float, str]

SPACE = 0.45  # of a line's height: words that stand closer are one label
SAME = 0.2  # points between what is drawn at one place
THIN = 1.0  # points: a rectangle below this is a line
KEY = 14.0  # points: the longest side of a legend's square; its line may be three times as long
WHITE = 0.985  # from this on a fill is paper


@dataclass(frozen=True)
class Label:
    """Words that stand side by side."""

    text: str
    bbox: BBox
    printed: BBox  # on the page, however the chart was turned to be read

    @property
    def x(self) -> float:
        """Its centre across."""
        return (self.bbox[0] + self.bbox[2]) / 2

    @property
    def y(self) -> float:
        """Its centre down."""
        return (self.bbox[1] + self.bbox[3]) / 2


@dataclass(frozen=True)
class Block:
    """A filled rectangle."""

    bbox: BBox
    color: Color

    @property
    def x(self) -> float:
        """Its centre across."""
        return (self.bbox[0] + self.bbox[2]) / 2

    @property
    def width(self) -> float:
        """Its width in points."""
        return self.bbox[2] - self.bbox[0]

    @property
    def height(self) -> float:
        """Its height in points."""
        return self.bbox[3] - self.bbox[1]


@dataclass(frozen=True)
class Path:
    """A drawn line through points."""

    points: tuple[Point, ...]
    color: Color


@dataclass(frozen=True)
class Drawing:
    """All of a figure."""

    labels: tuple[Label, ...] = ()
    blocks: tuple[Block, ...] = ()
    paths: tuple[Path, ...] = ()  # of three points and more that are no frame
    keys: tuple[Block, ...] = ()  # small blocks and short lines: the keys of a legend are among them
    levels: tuple[float, ...] = ()  # places down at which a straight line runs across: ticks, a grid, the axis
    uprights: tuple[float, ...] = ()  # places across at which one runs down

    def turned(self) -> Drawing:
        """Return the figure lying on its left side, so that bars which ran to the right stand upright; places across are
        then places down, and those down are places across with the other sign."""

        def turn(box: BBox) -> BBox:
            return box[1], -box[2], box[3], -box[0]

        return Drawing(
            labels=tuple(replace(one, bbox=turn(one.bbox)) for one in self.labels),
            blocks=tuple(replace(one, bbox=turn(one.bbox)) for one in self.blocks),
            paths=(),  # the points of a line go on to the right
            keys=self.keys,
            levels=self.uprights,
            uprights=tuple(-place for place in self.levels),
        )


def drawing_of(area: BBox, words: Iterable[Word], drawings: Iterable[Mapping[str, Any]]) -> Drawing:
    """Return what of a page lies in ``area``: its words as ``Page.get_text("words")`` gives them, and its paths as
    ``Page.get_cdrawings`` does."""
    blocks: dict[BBox, Block] = {}
    paths: list[Path] = []
    keys: list[Block] = []
    levels: set[float] = set()
    uprights: set[float] = set()
    for path in drawings:
        if not _within(path["rect"], area):
            continue
        if "f" in path["type"] and path.get("fill") and min(path["fill"]) < WHITE:
            for box in _rectangles(path):
                blocks[_rounded(box)] = Block(box, tuple(path["fill"]))  # what is drawn last is seen
        color = path.get("color") or path.get("fill")
        x0, y0, x1, y1 = path["rect"]
        if color and x1 - x0 <= 3 * KEY and y1 - y0 <= KEY and max(x1 - x0, y1 - y0) >= 2:
            keys.append(Block((x0, y0, x1, y1), tuple(color)))
        for left, top, right, bottom in _straight(path):
            if bottom - top < THIN < right - left:
                levels.add(round((top + bottom) / 2, 2))
            elif right - left < THIN < bottom - top:
                uprights.add(round((left + right) / 2, 2))
        if "s" in path["type"] and path.get("color"):
            paths += [Path(run, tuple(path["color"])) for run in _runs(path["items"]) if _bends(run)]
    return Drawing(
        labels=tuple(labels_of(words, area)),
        blocks=tuple(blocks.values()),
        paths=tuple(paths),
        keys=tuple(keys),
        levels=tuple(sorted(levels)),
        uprights=tuple(sorted(uprights)),
    )


def labels_of(words: Iterable[Word], area: BBox) -> list[Label]:
    """Return the words in ``area``, those that stand a blank apart together; two numbers are never one label."""
    found: list[Label] = []
    inside = [word for word in words if _within(word[:4], area)]
    for x0, y0, x1, y1, text, *_ in sorted(inside, key=lambda word: (round(word[3]), word[0])):
        box = (x0, y0, x1, y1)
        last = found[-1] if found else None
        if last is not None and _beside(last.bbox, box) and not (_numeric(last.text) and _numeric(text)):
            joined = union([last.bbox, box])
            assert joined is not None
            found[-1] = Label(f"{last.text} {text}", joined, joined)
        else:
            found.append(Label(text, box, box))
    return found


def _numeric(text: str) -> bool:
    return text[-1:].isdigit() and not any(map(str.isalpha, text))


def _beside(left: BBox, right: BBox) -> bool:
    height = min(left[3] - left[1], right[3] - right[1])
    level = abs(left[3] - right[3]) < 0.3 * height
    return level and -0.2 * height <= right[0] - left[2] <= SPACE * height


def _within(box: Sequence[float], area: BBox) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return area[0] <= x <= area[2] and area[1] <= y <= area[3]


def _rounded(box: BBox) -> BBox:
    x0, y0, x1, y1 = (round(value / SAME) * SAME for value in box)
    return x0, y0, x1, y1


def _rectangles(path: Mapping[str, Any]) -> list[BBox]:
    """The rectangles that a filled path is made of; none where it is another shape."""
    found: list[BBox] = []
    corners: list[Point] = []
    for kind, *points in path["items"]:
        if kind == "re":
            x0, y0, x1, y1 = points[0][:4]
            found.append((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
        elif kind == "qu":
            corners += [tuple(point) for point in points[0]]  # all four must be corners of its rectangle
        elif kind == "l":
            corners += [tuple(point) for point in points]
        else:
            return []
    if corners and not found:
        x0, y0, x1, y1 = path["rect"]
        places = {(_nearest(x, x0, x1), _nearest(y, y0, y1)) for x, y in corners}
        return [(x0, y0, x1, y1)] if len(places) == 4 and all(map(all, places)) else []
    return found if not corners else []


def _nearest(value: float, low: float, high: float) -> str:
    return "low" if abs(value - low) < SAME else "high" if abs(value - high) < SAME else ""


def _straight(path: Mapping[str, Any]) -> list[BBox]:
    """The lines of a stroked path, and the hair-thin rectangles of a filled one."""
    if "s" not in path["type"]:
        return [box for box in _rectangles(path) if min(box[2] - box[0], box[3] - box[1]) < THIN]
    lines = [points for kind, *points in path["items"] if kind == "l"]
    return [(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])) for a, b in lines]


def _runs(items: Sequence[Any]) -> list[tuple[Point, ...]]:
    """The points of lines and curves that go on where the last one ended."""
    runs: list[list[Point]] = []
    for kind, *points in items:
        if kind not in ("l", "c"):
            continue
        start, end = tuple(points[0]), tuple(points[-1])
        if not runs or max(abs(start[0] - runs[-1][-1][0]), abs(start[1] - runs[-1][-1][1])) > SAME:
            runs.append([start])
        runs[-1].append(end)
    return [tuple(run) for run in runs]


def _bends(run: Sequence[Point]) -> bool:
    """Whether points go on to the right, as those of a series do, and are no corner of a frame."""
    onward = all(after[0] > before[0] + SAME for before, after in zip(run, run[1:], strict=False))
    return len(run) >= 3 and onward
