"""Fitting of a linear ranking model: a softmax over the units of a question, in which each unit counts by its best row.

The loss of a question is the mean, over the units that hold the answer, of ``-log(e^s / (e^s + sum of e^r))``, where ``s`` is
the unit's score and ``r`` those of the units that do not hold it (ListNet's top-one probability; Cao et al. 2007,
https://doi.org/10.1145/1273496.1273513). Every feature is made so that more of it speaks for a candidate, so weights are kept
from falling below 0: a weight that turns against its meaning has learned one corpus.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from evaluation.learning.examples import Example

Vector = NDArray[np.float64]
PENALTY = 3e-3  # of squared weights of standardised features
STEPS = 60  # of L-BFGS-B
LEAST_SPREAD = 1e-4  # below which a feature is taken for constant


def fit_softmax(
    examples: Sequence[Example],
    names: Sequence[str],
    *,
    weights: Mapping[str, float] | None = None,
    penalty: float = PENALTY,
    negative: Collection[str] = (),
    counts: Sequence[float] | None = None,
) -> dict[str, float]:
    """Return the weight of each feature, fitted on those ``examples`` that have a right unit; those to start from where none
    has.

    Args:
        examples: questions with their candidates.
        names: of the features, in the order of the columns.
        weights: to start from and to be drawn to; None is none.
        penalty: L2, on what is added to these, for features of unit spread.
        negative: the features that speak against a candidate; of all others a weight stays from 0 up.
        counts: what each example counts for; None is all the same.
    """
    kept = [position for position, one in enumerate(examples) if one.right]
    if not kept:
        return {name: (weights or {}).get(name, 0.0) for name in names}
    pool = _Pool([examples[at] for at in kept], [1.0 if counts is None else counts[at] for at in kept])
    prior = np.array([(weights or {}).get(name, 0.0) for name in names]) * np.where(
        np.isinf(pool.spread), 0, pool.spread
    )
    found = minimize(
        lambda given: pool.loss(given, prior, penalty),
        prior,
        jac=True,
        method="L-BFGS-B",
        bounds=[(None, 0.0) if name in negative else (0.0, None) for name in names],
        options={"maxiter": STEPS},
    )
    constant = np.isinf(pool.spread)  # nothing is learned of what no example tells apart
    fitted = np.where(constant, [(weights or {}).get(name, 0.0) for name in names], found.x / pool.spread)
    return dict(zip(names, map(float, fitted), strict=True))


class _Pool:
    """All candidates of all questions, one below the other."""

    def __init__(self, examples: Sequence[Example], worth: Sequence[float]) -> None:
        rows = np.concatenate([one.rows for one in examples]).astype(float)
        self.spread: Vector = np.where((spread := rows.std(axis=0)) > LEAST_SPREAD, spread, np.inf)
        self.rows: Vector = (rows - rows.mean(axis=0)) / self.spread
        counts = [int(one.units.max()) + 1 for one in examples]
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        self.unit = np.concatenate([one.units + start for one, start in zip(examples, starts, strict=True)])
        self.question = np.repeat(np.arange(len(examples)), counts)
        right = [
            (start + unit, number, count / len(one.right) / sum(worth))
            for number, (one, start, count) in enumerate(zip(examples, starts, worth, strict=True))
            for unit in one.right
        ]
        self.right = np.array([unit for unit, _, _ in right])
        self.of = np.array([number for _, number, _ in right])
        self.counts = np.array([weight for _, _, weight in right])
        self.is_right = np.zeros(sum(counts), dtype=bool)
        self.is_right[self.right] = True

    def loss(self, weights: Vector, prior: Vector, penalty: float) -> tuple[float, Vector]:
        """The mean loss with its gradient."""
        scores = self.rows @ weights
        order = np.lexsort((scores, self.unit))
        best = order[np.append(np.nonzero(np.diff(self.unit[order]))[0], len(order) - 1)]  # of each unit
        unit = scores[best]
        top = np.full(self.question[-1] + 1, -np.inf)
        np.maximum.at(top, self.question, unit)
        odds = np.where(self.is_right, 0.0, np.exp(unit - top[self.question]))
        wrong = np.bincount(self.question, odds, len(top))
        own = np.exp(unit[self.right] - top[self.of])
        total = own + wrong[self.of]
        slope = odds * np.bincount(self.of, self.counts / total, len(top))[self.question]
        np.add.at(slope, self.right, self.counts * (own / total - 1))
        off = weights - prior
        value = float((self.counts * (np.log(total) - (unit[self.right] - top[self.of]))).sum() + penalty * off @ off)
        return value, self.rows[best].T @ slope + 2 * penalty * off
