"""Digits that a PDF prints raised, which its words and table cells have glued to what stands before them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from records import BBox
from text.raised import raised

SUPERSCRIPT = 1  # among a span's flags
SMALLER = 0.85  # of the letters before, that raised ones have at most
CLOSE = 0.3  # of their size, by which they stand off at most


class Mark(NamedTuple):
    """A mark as it is glued to a word, the same kept apart, and where it is printed."""

    glued: str
    apart: str
    x: float
    y: float


def raised_signs(before: Any, span: Any, text: str) -> str | None:
    """Return a span's text in raised signs where it is printed raised; None where it is not.

    Args:
        before: the span to its left, None at the beginning of a line.
        span: as MuPDF's text pages have it.
        text: the line up to it.
    """
    if not span["flags"] & SUPERSCRIPT:
        return None
    if before is not None:
        off = span["bbox"][0] - before["bbox"][2]
        if span["size"] > SMALLER * before["size"] or off > CLOSE * before["size"]:
            return None
    return raised(span["text"], text)


def marks_of(blocks: Iterable[Any]) -> Iterator[Mark]:
    """Yield the raised marks in ``blocks`` of a MuPDF text page that stand behind something."""
    for line in (line for block in blocks for line in block["lines"]):
        for before, span in pairwise(line["spans"]):
            signs = raised_signs(before, span, before["text"])
            tail = before["text"].split()[-1:]
            if signs and tail and not before["text"][-1:].isspace():
                x0, y0, x1, y1 = span["bbox"]
                yield Mark(tail[0] + span["text"].strip(), tail[0] + signs, (x0 + x1) / 2, (y0 + y1) / 2)


def kept_apart(text: str, bbox: BBox, marks: Sequence[Mark]) -> str:
    """Return the text of a word or cell at ``bbox`` with the marks in it kept apart."""
    for mark in marks:
        if bbox[0] <= mark.x <= bbox[2] and bbox[1] <= mark.y <= bbox[3]:
            text = text.replace(mark.glued, mark.apart, 1)
    return text
