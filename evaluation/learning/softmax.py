"""Fitting of a linear ranking model: a softmax over the units of a question, in which each unit counts by its best row.

The loss of a question is the mean, over the units that hold the answer, of ``-log(e^s / (e^s + sum of e^r))``, where ``s`` is
the unit's score and ``r`` those of the units that do not hold it (ListNet's top-one probability; Cao et al. 2007,
https://doi.org/10.1145/1273496.1273513). Every feature is made so that more of it speaks for a candidate, so weights are kept
from falling below 0: a weight that turns against its meaning has learned one corpus.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Vector = NDArray[np.float64]
PENALTY = 3e-3  # of squared weights of standardised features
STEPS = 60  # of L-BFGS-B
LEAST_SPREAD = 1e-4  # below which a feature is taken for constant


@dataclass(frozen=True)
class RankingExample:
    """The candidates of one question.

    ``rows`` has a row for each candidate; ``units`` says which unit each belongs to, from 0; ``right`` are the units that
    hold the answer.
    """

    rows: NDArray[np.float32]
    units: NDArray[np.int64]
    right: tuple[int, ...]
    weight: float = 1.0


def fit_softmax(examples: Sequence[RankingExample], *, penalty: float = PENALTY, signed: Sequence[int] = ()) -> Vector:
    """Return the weights of the features as they are, fitted on those ``examples`` that have a right unit.

    Args:
        examples: questions.
        penalty: L2, on weights of features of unit spread.
        signed: columns whose weights may fall below 0.
    """
    pool = _Pool([one for one in examples if one.right])
    count = pool.rows.shape[1]
    bounds = [(None, None) if column in signed else (0.0, None) for column in range(count)]
    found = minimize(
        lambda weights: pool.loss(weights, penalty),
        np.zeros(count),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": STEPS},
    )
    return np.asarray(found.x / pool.spread, dtype=float)


class _Pool:
    """All candidates of all questions, one below the other."""

    def __init__(self, examples: Sequence[RankingExample]) -> None:
        rows = np.concatenate([one.rows for one in examples]).astype(float)
        self.spread: Vector = np.where((spread := rows.std(axis=0)) > LEAST_SPREAD, spread, np.inf)
        self.rows: Vector = (rows - rows.mean(axis=0)) / self.spread
        counts = [int(one.units.max()) + 1 for one in examples]
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        self.unit = np.concatenate([one.units + start for one, start in zip(examples, starts, strict=True)])
        self.question = np.repeat(np.arange(len(examples)), counts)
        total = sum(one.weight for one in examples)
        right = [
            (start + unit, number, one.weight / len(one.right) / total)
            for number, (one, start) in enumerate(zip(examples, starts, strict=True))
            for unit in one.right
        ]
        self.right = np.array([unit for unit, _, _ in right])
        self.of = np.array([number for _, number, _ in right])
        self.counts = np.array([weight for _, _, weight in right])
        self.is_right = np.zeros(sum(counts), dtype=bool)
        self.is_right[self.right] = True

    def loss(self, weights: Vector, penalty: float) -> tuple[float, Vector]:
        """The mean loss with its gradient."""
        scores = self.rows @ weights
        order = np.lexsort((scores, self.unit))
        best = order[np.append(np.nonzero(np.diff(self.unit[order]))[0], len(order) - 1)]  # of each unit
        unit = scores[best]
        top = np.full(len(self.of) and self.question[-1] + 1, -np.inf)
        np.maximum.at(top, self.question, unit)
        odds = np.where(self.is_right, 0.0, np.exp(unit - top[self.question]))
        wrong = np.bincount(self.question, odds, len(top))
        own = np.exp(unit[self.right] - top[self.of])
        total = own + wrong[self.of]
        slope = odds * np.bincount(self.of, self.counts / total, len(top))[self.question]
        np.add.at(slope, self.right, self.counts * (own / total - 1))
        value = float((self.counts * (np.log(total) - np.log(own))).sum() + penalty * weights @ weights)
        return value, self.rows[best].T @ slope + 2 * penalty * weights
