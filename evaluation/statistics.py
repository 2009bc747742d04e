"""Intervals and tests for means over questions that are not independent.

Questions on one document succeed and fail together, so documents (clusters), not questions, are drawn. Field and Welsh
2007, "Bootstrapping clustered data", https://doi.org/10.1111/j.1467-9868.2007.00593.x
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
LEVEL = 0.95
BLOCK = 1_000  # resamples drawn at once, so that memory stays small with thousands of clusters


@dataclass(frozen=True)
class Estimate:
    """A mean with its 95 % interval; the interval is missing (None) when there are fewer than two clusters."""

    mean: float
    low: float | None
    high: float | None
    questions: int
    clusters: int


@dataclass(frozen=True)
class Difference:
    """System B minus system A on the questions that both have."""

    mean_a: float
    mean_b: float
    difference: Estimate
    p_value: float | None  # two-sided; None with fewer than two clusters
    better: tuple[str, ...]  # ids of the questions where B scores higher
    worse: tuple[str, ...]


def estimate(values: Sequence[float], clusters: Sequence[str], *, seed: int = 0) -> Estimate:
    """Estimate the mean of ``values`` with a percentile interval by cluster bootstrap.

    Args:
        values: one score a question.
        clusters: the cluster of each question, in the same order.
        seed: of the resampling; the same seed gives the same interval.
    """
    return estimates({"": values}, clusters, seed=seed)[""]


def estimates(scores: Mapping[str, Sequence[float]], clusters: Sequence[str], *, seed: int = 0) -> dict[str, Estimate]:
    """Estimate several metrics on the same questions, each as ``estimate`` does, with the same draws."""
    if not clusters:
        return dict.fromkeys(scores, Estimate(0.0, None, None, 0, 0))
    pairs = [_by_cluster(values, clusters) for values in scores.values()]
    sums, counts = np.stack([sums for sums, _ in pairs], axis=1), pairs[0][1]
    return dict(zip(scores, _ratios(sums, counts, len(clusters), seed), strict=True))


def ratio_estimate(
    numerators: Sequence[float], denominators: Sequence[float], clusters: Sequence[str], *, seed: int = 0
) -> Estimate:
    """Estimate the sum of ``numerators`` over the sum of ``denominators`` with its interval: F1 is 2 TP over 2 TP + FP + FN.

    The estimate's number of questions is that of the numerators given.
    """
    sums, _ = _by_cluster(numerators, clusters)
    counts, _ = _by_cluster(denominators, clusters)
    if not counts.sum():
        return Estimate(0.0, None, None, len(clusters), len(counts))
    return _ratios(sums[:, None], counts, len(clusters), seed)[0]


def _ratios(sums: NDArray[np.float64], counts: NDArray[np.float64], questions: int, seed: int) -> list[Estimate]:
    """Of each column of ``sums`` the total over that of ``counts``; both have a row a cluster."""
    means = sums.sum(axis=0) / counts.sum()
    size = len(counts)
    if size < 2:
        return [Estimate(float(mean), None, None, questions, size) for mean in means]
    drawn_means = []
    for drawn in _draws(size, seed):
        # a draw without any denominator says nothing; it can only happen when few clusters have one
        totals = drawn @ counts
        drawn_means.append(((drawn @ sums)[totals > 0]) / totals[totals > 0][:, None])
    low, high = _interval(drawn_means)
    return [
        Estimate(float(mean), float(below), float(above), questions, size)
        for mean, below, above in zip(means, low, high, strict=True)
    ]


def _draws(size: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """How often each of ``size`` clusters is drawn, ``BLOCK`` resamples at once: (BLOCK, size)."""
    generator = np.random.default_rng(seed)
    for _ in range(RESAMPLES // BLOCK):
        yield generator.multinomial(size, np.full(size, 1 / size), size=BLOCK)


def _interval(drawn: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Lower and upper bound over the resamples, which are along the first axis."""
    bounds: NDArray[np.float64] = np.quantile(np.concatenate(drawn), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return bounds


def auc_estimate(
    scores: Sequence[float], positive: Sequence[bool], clusters: Sequence[str], *, seed: int = 0
) -> Estimate | None:
    """Estimate the area under the ROC curve with its interval: the chance that a positive question scores higher than a
    negative one, ties counted half (Hanley and McNeil 1982, https://doi.org/10.1148/radiology.143.1.7063747); None when
    either kind is missing.
    """
    if all(positive) or not any(positive):
        return None
    order = np.argsort(np.asarray(scores, dtype=float), kind="stable")
    ordered, is_positive = np.asarray(scores, dtype=float)[order], np.asarray(positive, dtype=bool)[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-np.inf))  # of each run of equal scores
    names, cluster = np.unique(np.asarray(clusters, dtype=object).astype(str)[order], return_inverse=True)

    def area(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of each row of weights of the questions; a row without either kind is left out."""
        positives = np.add.reduceat(weights * is_positive, starts, axis=1)
        negatives = np.add.reduceat(weights * ~is_positive, starts, axis=1)
        pairs = positives.sum(axis=1) * negatives.sum(axis=1)
        below = np.cumsum(negatives, axis=1) - negatives / 2
        won: NDArray[np.float64] = (positives * below).sum(axis=1)[pairs > 0] / pairs[pairs > 0]
        return won

    mean, size = float(area(np.ones((1, len(ordered))))[0]), len(names)
    if size < 2:
        return Estimate(mean, None, None, len(ordered), size)
    low, high = _interval([area(drawn[:, cluster].astype(float)) for drawn in _draws(size, seed)])
    return Estimate(mean, float(low), float(high), len(ordered), size)


def compare(
    a: Mapping[str, float], b: Mapping[str, float], clusters: Mapping[str, str], *, seed: int = 0
) -> Difference:
    """Test whether B's mean differs from A's on the questions that both have.

    The test is a paired permutation test over clusters: under the null hypothesis A and B may be swapped within any
    cluster, so the sign of the cluster's summed difference is a coin toss. All assignments are tried when there are at
    most ``RESAMPLES``, else that many are drawn (p = (hits + 1) / (draws + 1)).

    Raises:
        ValueError: A and B have no question in common.
    """
    ids = sorted(a.keys() & b.keys())
    if not ids:
        raise ValueError("The two runs have no question in common.")
    differences = [b[id_] - a[id_] for id_ in ids]
    groups = [clusters[id_] for id_ in ids]
    sums, _ = _by_cluster(differences, groups)
    return Difference(
        mean_a=sum(a[id_] for id_ in ids) / len(ids),
        mean_b=sum(b[id_] for id_ in ids) / len(ids),
        difference=estimate(differences, groups, seed=seed),
        p_value=_sign_flip(sums, seed) if len(sums) > 1 else None,
        better=tuple(id_ for id_, change in zip(ids, differences, strict=True) if change > 0),
        worse=tuple(id_ for id_, change in zip(ids, differences, strict=True) if change < 0),
    )


def _by_cluster(values: Sequence[float], clusters: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum and number of the values of each cluster, clusters in alphabetical order."""
    names, locations = np.unique(np.asarray(clusters, dtype=object).astype(str), return_inverse=True)
    sums = np.bincount(locations, weights=np.asarray(values, dtype=float), minlength=len(names))
    return sums.astype(np.float64), np.bincount(locations, minlength=len(names)).astype(np.float64)


def _sign_flip(sums: NDArray[np.float64], seed: int) -> float:
    moved = sums[sums != 0]  # flipping a zero changes nothing
    if not len(moved):
        return 1.0
    observed = abs(moved.sum()) * (1 - 1e-12)
    if 2 ** len(moved) <= RESAMPLES:
        numbers = np.arange(2 ** len(moved))[:, None]
        signs = 1 - 2 * ((numbers >> np.arange(len(moved))) & 1)
        return float(np.mean(np.abs(signs @ moved) >= observed))
    generator = np.random.default_rng(seed)
    hits = 0
    for _ in range(RESAMPLES // BLOCK):
        signs = generator.choice(np.array([-1.0, 1.0]), size=(BLOCK, len(moved)))
        hits += int(np.sum(np.abs(signs @ moved) >= observed))
    return (hits + 1) / (RESAMPLES + 1)
