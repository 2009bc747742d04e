"""Logistic regression with an L2 penalty, by Newton's method (iteratively reweighted least squares)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

STEPS = 25


def fit_logistic(
    rows: Sequence[Mapping[str, float]], right: Sequence[bool], counts: Sequence[float], penalty: float
) -> tuple[float, dict[str, float]]:
    """Return bias and weights by feature; the penalty is on weights of standardised features, the mean loss being 1 part.

    Args:
        rows: features by name; one that is not named is 0.
        right: what each is to be told as.
        counts: what each counts for.
        penalty: of squared weights.
    """
    names = sorted({name for one in rows for name in one})
    given = np.array([[one.get(name, 0.0) for name in names] for one in rows])
    worth = np.array(counts) / sum(counts)
    mean, spread = given.mean(axis=0), given.std(axis=0) + 1e-6
    table: NDArray[np.float64] = np.hstack([(given - mean) / spread, np.ones((len(given), 1))])
    ridge = np.diag([penalty] * len(names) + [0.0])
    beta = np.zeros(len(names) + 1)
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-table @ beta))
        slope = table.T @ (worth * (likely - np.array(right, dtype=float))) + ridge @ beta
        curve = table.T @ (table * (worth * likely * (1 - likely))[:, None]) + ridge
        beta -= np.linalg.solve(curve, slope)
    plain = beta[:-1] / spread
    return float(beta[-1] - plain @ mean), dict(zip(names, map(float, plain), strict=True))
