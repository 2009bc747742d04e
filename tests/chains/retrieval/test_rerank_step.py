"""The step that asks a reranking model: what it scores comes first, within its time, and what fails is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from fakes import chunk, put

from chains.pipeline import build, resources_of
from chains.retrieval import rerankers
from chains.retrieval.base import Query
from chains.retrieval.notices import collecting
from chains.retrieval.ranker.features import FEATURES, features
from chains.retrieval.ranker.learned import learned
from chains.retrieval.rerankers import model
from config import Settings
from errors import ModelError
from records import Hit, Scope, Turn
from store.index import Index

MakeIndex = Callable[..., Index]


class Lengths:
    """The longer the better; each call takes a second of a clock of its own."""

    at_once = 2

    def __init__(self, fails_at: int = -1) -> None:
        self.calls = 0
        self.fails_at = fails_at

    def monotonic(self) -> float:
        return float(self.calls)

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        if self.calls == self.fails_at:
            raise ModelError("The reranking model is asleep.")
        self.calls += 1
        return [float(len(passage)) for passage in passages]


HITS = tuple(Hit(chunk=chunk("x" * length), score=1 / rank) for rank, length in enumerate((2, 4, 1, 5, 9, 8), start=1))


def reranked(
    make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch, seconds: int, fails_at: int = -1
) -> tuple[list[int], tuple[Hit, ...], list[str]]:
    index, lengths = make_index(), Lengths(fails_at)
    monkeypatch.setattr(rerankers, "time", lengths)
    resources = resources_of(index, replace(Settings(), steps=("dense", "model"), rerank_seconds=seconds))
    with collecting() as notices:
        found = model(Query("x", Scope(), replace(resources, reranker=lengths)), HITS)
    return [len(hit.chunk.text) for hit in found], found, notices


def test_all_are_ordered_and_scores_stay_in_range(make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    order, found, notices = reranked(make_index, monkeypatch, 10)
    assert order == [9, 8, 5, 4, 2, 1]
    assert [hit.score for hit in found] == [hit.score for hit in HITS]
    assert [dict(hit.scores)["model"] for hit in found] == [9.0, 8.0, 5.0, 4.0, 2.0, 1.0]
    assert notices == []


def test_the_learned_ranker_weighs_what_the_model_noted(make_index: MakeIndex) -> None:
    resources = replace(resources_of(make_index(), Settings()), reranker=Lengths())
    query = Query("x", Scope(), resources)
    noted = model(query, HITS)
    assert [hit.chunk for hit in noted] == [hit.chunk for hit in HITS]
    rows = dict(zip(FEATURES, features(query, noted).T.tolist(), strict=True))
    assert rows["model_score"] == pytest.approx([1 / 8, 3 / 8, 0, 4 / 8, 1, 7 / 8])
    assert rows["model_rank"] == pytest.approx([1 / 5, 1 / 4, 1 / 6, 1 / 3, 1, 1 / 2])
    assert learned(query, noted)[0].chunk.text == "x" * 9
    unread = dict(zip(FEATURES, features(query, HITS).T.tolist(), strict=True))
    assert unread["model_score"] == unread["model_rank"] == [0.0] * 6


def test_what_is_not_read_in_time_keeps_its_order_behind(
    make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, found, notices = reranked(make_index, monkeypatch, 1)  # the first batch, and one of a second
    assert order == [5, 4, 2, 1, 9, 8]
    assert [bool(hit.scores) for hit in found] == [True] * 4 + [False] * 2
    assert notices == [
        "The reranking model read 4 of 6 passages in its time (RERANK_SECONDS=1); the others stand behind in their order."
    ]


def test_a_model_that_fails_leaves_the_rest_as_it_is(make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    order, _, notices = reranked(make_index, monkeypatch, 10, fails_at=1)
    assert order == [4, 2, 1, 5, 9, 8]
    assert notices == ["The reranking model is asleep. Passages keep the order that they have without it."]
    assert reranked(make_index, monkeypatch, 10, fails_at=0)[0] == [2, 4, 1, 5, 9, 8]


def test_the_answer_says_so(make_index: MakeIndex) -> None:
    index = make_index()
    put(index, [chunk("The weir was built in 1931.")])
    settings = replace(index.settings, rerank_model="m", rerank_url="http://127.0.0.1:9/rerank")
    turn = build(index, settings).invoke(Turn(question="When was the weir built?"))
    (notice,) = turn.notices
    assert "'m' at http://127.0.0.1:9/rerank did not answer (ConnectError)" in notice
    assert turn.answer.startswith(notice)
    assert "1931" in turn.answer
