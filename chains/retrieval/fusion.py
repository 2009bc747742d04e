"""Reciprocal rank fusion.

Cormack, Clarke, Büttcher: "Reciprocal Rank Fusion outperforms Condorcet and individual rank learning methods", SIGIR 2009,
https://doi.org/10.1145/1571941.1572114
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

K = 60  # the paper's constant


def reciprocal_rank_fusion(
    rankings: Mapping[str, Sequence[str]], k: int = K, weights: Mapping[str, float] | None = None
) -> list[tuple[str, float]]:
    """Return ids with their fused score ``sum(weight / (k + rank))`` over the rankings that hold them, best first.

    Ranks count from 1. An id that a ranking holds twice counts at its better place only. Ties are broken by id, so that
    the same input always gives the same output.
    """
    scores: dict[str, float] = {}
    for name, ranking in rankings.items():
        weight = weights.get(name, 1.0) if weights else 1.0
        for rank, id_ in enumerate(dict.fromkeys(ranking), start=1):
            scores[id_] = scores.get(id_, 0.0) + weight / (k + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
