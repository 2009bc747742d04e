"""How good weights are on examples, and how sure confidence may be of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.learning.examples import Example

Vector = NDArray[np.float64]


def scores_of(example: Example, weights: Mapping[str, float], names: Sequence[str]) -> Vector:
    """Return the score of each row of ``example``, whose columns are ``names``."""
    return np.asarray(example.rows @ np.array([weights.get(name, 0.0) for name in names]), dtype=float)


def ranked_units(example: Example, scores: Vector) -> list[int]:
    """Return the units of ``example`` by their best row, best first."""
    return list(dict.fromkeys(int(example.units[row]) for row in np.argsort(-scores, kind="stable")))


def recall_at(
    examples: Sequence[Example], weights: Mapping[str, float], names: Sequence[str], *cutoffs: int
) -> list[float]:
    """Return the mean recall of right units among the first k, for each of ``cutoffs``."""
    found: list[list[float]] = []
    for one in examples:
        order = ranked_units(one, scores_of(one, weights, names))
        total = len(one.right) + one.missed
        found.append([len({*order[:k]} & {*one.right}) / total for k in cutoffs])
    return [float(value) for value in np.mean(found, axis=0)] if found else [0.0] * len(cutoffs)


def any_at(examples: Sequence[Example], weights: Mapping[str, float], names: Sequence[str], cutoff: int) -> list[bool]:
    """Return for each example whether a right unit is among the first ``cutoff``."""
    return [bool({*ranked_units(one, scores_of(one, weights, names))[:cutoff]} & {*one.right}) for one in examples]


def threshold_for(
    confidence: Sequence[float], right: Sequence[bool], counts: Sequence[float], precision: float, least: int
) -> float:
    """Return the least confidence from which on a share of ``precision`` is right, each example counting for as much as
    ``counts`` says, of at least ``least`` examples; 1 where there is none."""
    order = np.argsort(-np.array(confidence), kind="stable")
    weights = np.array(counts, dtype=float)[order]
    shares = np.cumsum(weights * np.array(right)[order]) / np.cumsum(weights)
    enough = [position for position in range(least - 1, len(order)) if shares[position] >= precision]
    return float(np.array(confidence)[order][enough[-1]]) if enough else 1.0
