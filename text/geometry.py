"""Rectangles: ``(x0, y0, x1, y1)`` with the origin at the top left."""

from __future__ import annotations

from collections.abc import Iterable

from records import BBox, Span


def around(spans: Iterable[Span], start: int, end: int) -> BBox | None:
    """Return the rectangle around the characters ``[start, end)`` on the spans' own page, None when no span touches them."""
    return union(span.bbox for span in spans if span.start < end and span.end > start and not span.page)


def union(boxes: Iterable[BBox | None]) -> BBox | None:
    """Return the smallest rectangle around all of ``boxes``."""
    known = [box for box in boxes if box is not None]
    if not known:
        return None
    return (
        min(box[0] for box in known),
        min(box[1] for box in known),
        max(box[2] for box in known),
        max(box[3] for box in known),
    )
