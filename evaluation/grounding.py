"""Grounding: do citations and hits point at the places that people marked as holding the answer?

The marked places ("layouts": paragraphs, tables, figures, with their rectangles) are those of MMDocIR (Dong et al. 2025,
https://arxiv.org/abs/2501.08828), in points of the PDF's page as our own rectangles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from evaluation.packs import Layout, Pack
from evaluation.systems import Location, Reply, ReplyCitation
from records import BBox

CUTOFFS = (1, 5, 10)  # as MMDocIR has them
INSIDE = 0.5  # of a citation's rectangle that must lie in a layout


def grounding_scores(pack: Pack, replies: Mapping[str, Reply]) -> dict[str, dict[str, float]]:
    """Return the grounding of the questions that have layouts; by question id.

    ``on_layout``, of answers that were given: 1.0 when at least half of the rectangle of a citation lies inside one
    layout, on its page. ``layout_recall@k``, where hits have rectangles: the share of the layouts' area that the
    first k rectangles cover, as MMDocIR's own evaluation counts. It adds up the overlaps, for the layouts among which it
    ranks do not overlap; rectangles of ours may, and what they share counts once. Hits of one rectangle, as the pieces of
    a long figure, are one.
    """
    placed = any(location.bbox for reply in replies.values() for location in reply.locations)
    scores: dict[str, dict[str, float]] = {}
    for question in pack.questions:
        reply = replies.get(question.id)
        if reply is None or not question.layouts:
            continue
        found = {f"layout_recall@{k}": layout_recall(reply.locations, question.layouts, k) for k in CUTOFFS if placed}
        if reply.answered and not reply.abstained:
            found["on_layout"] = float(any(_is_inside(one, question.layouts) for one in reply.citations))
        if found:
            scores[question.id] = found
    return scores


def _is_inside(citation: ReplyCitation, layouts: Sequence[Layout]) -> bool:
    box = citation.bbox
    if box is None or not area(box):
        return False
    return any(
        covered_area(box, [layout.bbox]) >= INSIDE * area(box)
        for layout in layouts
        if (layout.source, layout.page) == (citation.source, citation.page)
    )


def layout_recall(locations: Sequence[Location], layouts: Sequence[Layout], k: int) -> float:
    """Return the share, from 0 to 1, of the area of ``layouts`` that the first ``k`` different rectangles of
    ``locations`` cover."""
    first = list(dict.fromkeys((one.source, one.page, one.bbox) for one in locations))[:k]
    covered = sum(
        covered_area(layout.bbox, [box for *page, box in first if box and page == [layout.source, layout.page]])
        for layout in layouts
    )
    return covered / sum(area(layout.bbox) for layout in layouts)


def area(box: BBox) -> float:
    """Return the area of a rectangle; 0 for one that is inside out."""
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def covered_area(box: BBox, others: Sequence[BBox]) -> float:
    """Return the area of ``box`` that ``others`` cover, what several of them cover counted once."""
    clipped = [(max(box[0], one[0]), max(box[1], one[1]), min(box[2], one[2]), min(box[3], one[3])) for one in others]
    clipped = [one for one in clipped if area(one)]
    columns = sorted({x for one in clipped for x in (one[0], one[2])})
    return sum(
        (right - left) * _covered_length([(one[1], one[3]) for one in clipped if one[0] <= left and one[2] >= right])
        for left, right in pairwise(columns)
    )


def _covered_length(intervals: Sequence[tuple[float, float]]) -> float:
    length, reached = 0.0, float("-inf")
    for start, end in sorted(intervals):
        length += max(end - max(start, reached), 0.0)
        reached = max(reached, end)
    return length
