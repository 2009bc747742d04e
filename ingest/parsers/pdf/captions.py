"""Which text box of a page is the caption of which table or picture."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.parsers.pdf.layout import LayoutBox
from records import BBox
from text.geometry import union
from text.labels import is_titled, label
from text.tokens import words
from text.word_lists import word_set

CAPTION_GAP = 40.0  # points between a caption and what it describes
UNITS = re.compile(
    r"\b(?:in|of)\s+(?:(?:US|U\.S\.)\s*)?[$€£¥]?\s*(?:thousand|million|billion|percent|euro|dollar|MWh|GWh|tonne)s?\b"
    r"|\b[$€£¥]\s*(?:in\s+)?(?:thousand|million|billion)s?\b|\b(?:unaudited|except\s+per\s+share)\b",
    re.IGNORECASE,
)
UNITS_LENGTH = 120  # characters; a longer text is no line of units


@dataclass(frozen=True)
class Caption:
    """What stands with a table or picture: its caption proper, then a line of units such as "($ in millions)"."""

    boxes: tuple[int, ...]
    text: str
    bbox: BBox | None


def find_captions(boxes: Sequence[LayoutBox], targets: Mapping[int, LayoutBox]) -> dict[int, Caption]:
    """Return the caption of each of ``targets`` (tables and pictures, by their index in ``boxes``), as far as it has one.

    A caption goes to the nearest target above or below it, to a table only when it does not say "Figure" and the other
    way round; a line of units to the table below it.
    """
    found: dict[int, list[int]] = {}
    # what the layout model calls a caption chooses first
    for i in sorted(range(len(boxes)), key=lambda i: boxes[i].kind != "caption"):
        text = _text(boxes[i])
        if not text or not (boxes[i].kind == "caption" or (_is_running(boxes[i]) and is_titled(text))):
            continue
        name = label(text)
        wanted = "table" if name.startswith("table") else "picture" if name.startswith("figure") else ""
        near = [
            (_gap(boxes[i].bbox, target.bbox), j)
            for j, target in targets.items()
            if j not in found and (not wanted or (target.kind == "table") == (wanted == "table"))
        ]
        if near and min(near)[0] <= CAPTION_GAP:
            found[min(near)[1]] = [i]
    taken = {i for indices in found.values() for i in indices}
    for j, target in targets.items():
        if target.kind == "table":
            found.setdefault(j, []).extend(_units_above(boxes, target, taken))
    return {
        j: Caption(tuple(indices), " ".join(_text(boxes[i]) for i in indices), union(boxes[i].bbox for i in indices))
        for j, indices in found.items()
        if indices
    }


def is_units(text: str) -> bool:
    """Return whether ``text`` says nothing but units: "($ in millions, except per share data)", "(Unaudited)"."""
    return bool(UNITS.search(text)) and all(word in word_set("unit_words") for word in words(text))


def _units_above(boxes: Sequence[LayoutBox], table: LayoutBox, taken: set[int]) -> list[int]:
    return [
        i
        for i, box in enumerate(boxes)
        if i not in taken
        and _may_be_units(box)
        and box.bbox[3] <= table.bbox[1] + 2
        and _gap(box.bbox, table.bbox) <= CAPTION_GAP
    ][:1]


def _may_be_units(box: LayoutBox) -> bool:
    """A short text that says units among others, or what is set as a heading and says nothing else."""
    text = _text(box)
    if box.kind == "text":
        return len(text) <= UNITS_LENGTH and bool(UNITS.search(text))
    return box.kind == "section-header" and is_units(text)


def _is_running(box: LayoutBox) -> bool:
    return box.kind in ("text", "section-header")


def _text(box: LayoutBox) -> str:
    return " ".join(line.text for line in box.lines)


def _gap(caption: BBox, target: BBox) -> float:
    """Vertical distance in points; far away when the two do not share any horizontal stretch."""
    if min(caption[2], target[2]) - max(caption[0], target[0]) <= 0:
        return float("inf")
    return max(0.0, caption[1] - target[3], target[1] - caption[3])
