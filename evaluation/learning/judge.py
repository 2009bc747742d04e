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


def threshold_for(packs: Sequence[tuple[Sequence[float], Sequence[bool]]], wrong: float) -> float:
    """Return the least confidence from which on, in none of ``packs``, more than a share ``wrong`` of all its questions is
    called answered and is not right; 1 where there is none.

    Args:
        packs: of each question of a pack the confidence, and whether what would be said is right.
        wrong: that share.
    """
    least = 1.0
    for chosen in sorted({one for given, _ in packs for one in given}, reverse=True):
        shares = [
            sum(sure >= chosen and not right for sure, right in zip(given, rights, strict=True)) / len(given)
            for given, rights in packs
        ]
        if max(shares) > wrong:
            break
        least = chosen
    return least
