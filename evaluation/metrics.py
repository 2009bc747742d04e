"""Metrics of rankings against gold: hit@k, recall@k, MRR@10, nDCG@10, by ``ir-measures`` (trec_eval's own code beneath it).

A *unit* is what is ranked and judged: a document, a page, a table, a picture or a passage, named by a string. A ranking
of chunks becomes a ranking of units by each unit's best chunk. Definitions: https://ir-measur.es/en/latest/measures.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

CUTOFFS = (1, 2, 3, 5, 10)
RETRIEVAL_METRICS = (*(f"hit@{k}" for k in CUTOFFS), *(f"recall@{k}" for k in CUTOFFS), "mrr@10", "ndcg@10")


def score_rankings(
    rankings: Mapping[str, Sequence[str]], gold: Mapping[str, Iterable[str]]
) -> dict[str, dict[str, float]]:
    """Return every retrieval metric for every question in ``gold``.

    Args:
        rankings: for each question id, units from the best down; a unit counts at its first rank. A question without a
            ranking scores 0.
        gold: for each question id, the units that hold the answer; at least one.

    Returns:
        question id -> metric name -> value between 0 and 1.
    """
    import ir_measures
    from ir_measures import RR, R, Success, nDCG

    measures = {
        **{f"hit@{k}": Success @ k for k in CUTOFFS},
        **{f"recall@{k}": R @ k for k in CUTOFFS},
        "mrr@10": RR @ 10,
        "ndcg@10": nDCG @ 10,
    }
    names = {measure: name for name, measure in measures.items()}
    judged = {id_: dict.fromkeys(units, 1) for id_, units in gold.items()}
    # scores that fall by 1 with the rank: trec_eval orders by score, and equal scores by name
    run = {id_: _falling(rankings.get(id_, ())) for id_ in judged}
    scores = {id_: dict.fromkeys(RETRIEVAL_METRICS, 0.0) for id_ in judged}
    for found in ir_measures.iter_calc(list(names), judged, run):
        scores[found.query_id][names[found.measure]] = float(found.value)
    return scores


def _falling(units: Sequence[str]) -> dict[str, float]:
    distinct = list(dict.fromkeys(units))
    return {unit: float(len(distinct) - position) for position, unit in enumerate(distinct)}
