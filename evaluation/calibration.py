"""Is confidence the chance of being right? Reliability diagram and expected calibration error (Guo et al. 2017,
https://arxiv.org/abs/1706.04599)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

BINS = 10  # of equal width, from 0 to 1


@dataclass(frozen=True)
class Bin:
    """The questions whose confidence lies in one bin: mean confidence, share right, number."""

    confidence: float
    right: float
    questions: int


def reliability(confidence: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """Return the bins that hold a question, the least sure first.

    Args:
        confidence: one a question, 0 to 1; 1 belongs to the last bin.
        right: whether what is shown for the question is right, in the same order.
    """
    members: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for sure, one in zip(confidence, right, strict=True):
        members[min(int(sure * BINS), BINS - 1)].append((sure, one))
    return [
        Bin(sum(sure for sure, _ in found) / len(found), sum(one for _, one in found) / len(found), len(found))
        for _, found in sorted(members.items())
    ]


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """Return the mean distance of confidence and share right over the bins, weighted by their questions."""
    return sum(one.questions * abs(one.confidence - one.right) for one in bins) / sum(one.questions for one in bins)
