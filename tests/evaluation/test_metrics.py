"""Retrieval metrics, one case each that can be computed by hand."""

from __future__ import annotations

from math import log2

import pytest

from evaluation.metrics import RETRIEVAL_METRICS, score_rankings

# gold: a and b. Ranks: x 1, a 2, y 3, (a again: does not count), b 4
SCORES = score_rankings({"q": ["x", "a", "y", "a", "b"]}, {"q": {"a", "b"}})["q"]


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("hit@1", 0.0),
        ("hit@2", 1.0),
        ("recall@1", 0.0),
        ("recall@2", 1 / 2),
        ("recall@3", 1 / 2),
        ("recall@5", 2 / 2),
        ("mrr@10", 1 / 2),
        # gains at ranks 2 and 4 over gains at ranks 1 and 2
        ("ndcg@10", (1 / log2(3) + 1 / log2(5)) / (1 / log2(2) + 1 / log2(3))),
    ],
)
def test_by_hand(metric: str, value: float) -> None:
    assert SCORES[metric] == pytest.approx(value)


def test_ties_do_not_arise_and_names_do_not_matter() -> None:
    for order in (["a", "z"], ["z", "a"]):
        assert score_rankings({"q": order}, {"q": {order[0]}})["q"]["hit@1"] == 1.0


def test_an_empty_or_missing_ranking_scores_zero() -> None:
    scores = score_rankings({"q": []}, {"q": {"a"}, "r": {"b"}})
    assert scores == {id_: dict.fromkeys(RETRIEVAL_METRICS, 0.0) for id_ in ("q", "r")}


def test_beyond_the_cutoff_nothing_counts() -> None:
    ranking = [f"x{i}" for i in range(10)] + ["a"]
    assert set(score_rankings({"q": ranking}, {"q": {"a"}})["q"].values()) == {0.0}
