"""Precision against the share of questions called answered, were the least confidence another one: the risk-coverage curve of
selective classification (El-Yaniv and Wiener 2010, https://jmlr.org/papers/v11/el-yaniv10a.html)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True)
class Selection:
    """The questions answered with a confidence of ``threshold`` or more: their share of all, and the share right of them."""

    threshold: float
    share: float
    precision: float


def risk_coverage(confidence: Sequence[float], right: Sequence[bool]) -> list[Selection]:
    """Return a selection for each confidence that occurs, the surest first; risk is one less precision.

    Args:
        confidence: one a question, 0 to 1.
        right: whether what is shown for the question is right, in the same order.
    """
    ranked = sorted(zip(confidence, right, strict=True), key=lambda pair: -pair[0])
    curve: list[Selection] = []
    taken = correct = 0
    for threshold, same in groupby(ranked, key=lambda pair: pair[0]):
        for _, one in same:
            taken += 1
            correct += one
        curve.append(Selection(threshold, taken / len(ranked), correct / taken))
    return curve
