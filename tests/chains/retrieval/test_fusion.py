"""Reciprocal rank fusion: sums that can be redone by hand."""

from __future__ import annotations

import pytest
from fakes import chunk
from hypothesis import given
from hypothesis import strategies as st

from chains.retrieval.base import Ranking
from chains.retrieval.fusion import reciprocal_rank_fusion
from chains.retrieval.search import fuse
from config import Settings

RANKINGS = {"dense": ["a", "b", "c"], "lexical": ["c", "d"]}


def test_scores_are_sums_of_reciprocal_ranks() -> None:
    fused = reciprocal_rank_fusion(RANKINGS)
    assert [id_ for id_, _ in fused] == ["c", "a", "b", "d"]
    assert dict(fused) == pytest.approx({"c": 1 / (60 + 3) + 1 / (60 + 1), "a": 1 / 61, "b": 1 / 62, "d": 1 / 62})


def test_ties_go_by_id_whatever_the_order_of_the_rankings() -> None:
    one = reciprocal_rank_fusion({"x": ["b"], "y": ["a"]})
    assert one == reciprocal_rank_fusion({"y": ["a"], "x": ["b"]}) == [("a", 1 / 61), ("b", 1 / 61)]


def test_an_id_twice_in_a_ranking_counts_once_at_its_better_place() -> None:
    assert dict(reciprocal_rank_fusion({"x": ["a", "a", "b"]})) == {"a": 1 / 61, "b": 1 / 62}


def test_k_and_weights() -> None:
    fused = reciprocal_rank_fusion(RANKINGS, k=1, weights={"lexical": 3.0})
    assert dict(fused) == pytest.approx({"a": 1 / 2, "b": 1 / 3, "c": 1 / 4 + 3 / 2, "d": 3 / 3})


def test_nothing_fused_is_nothing() -> None:
    assert reciprocal_rank_fusion({}) == reciprocal_rank_fusion({"x": []}) == []


@given(st.dictionaries(st.sampled_from("xyz"), st.lists(st.sampled_from("abcdef"))))
def test_every_id_comes_out_once_and_scores_fall(rankings: dict[str, list[str]]) -> None:
    fused = reciprocal_rank_fusion(rankings)
    assert sorted(id_ for id_, _ in fused) == sorted({id_ for ranking in rankings.values() for id_ in ranking})
    assert [score for _, score in fused] == sorted((score for _, score in fused), reverse=True)


def test_hits_say_where_each_ranking_had_them() -> None:
    chunks = {name: chunk(name) for name in "abcd"}
    rankings = {name: [(chunks[id_], 0.5) for id_ in ids] for name, ids in RANKINGS.items()}
    hits = fuse({name: Ranking(ranking) for name, ranking in rankings.items()}, Settings.rrf_k)
    assert [(hit.chunk.id, hit.ranks) for hit in hits] == [
        ("c", (("dense", 3), ("lexical", 1))),
        ("a", (("dense", 1),)),
        ("b", (("dense", 2),)),
        ("d", (("lexical", 2),)),
    ]
    assert hits[0].score == pytest.approx(1 / (Settings.rrf_k + 3) + 1 / (Settings.rrf_k + 1))
