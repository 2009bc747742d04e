"""A reranker and a step that asks a model, added from outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from blocks import module
from chat_models import Scripted
from fakes import FakeEmbedder, chunk, put

from chains.pipeline import build
from chains.retrieval.rankings import RANKINGS
from chains.retrieval.rerankers import RERANKERS
from models.prompts import SubQuestions
from records import Turn
from store.index import Index


@pytest.fixture
def index(make_index: Callable[..., Index]) -> Index:
    opened = make_index(embedder=FakeEmbedder())
    put(opened, [chunk("The weir stood still for years and years."), chunk("The weir."), chunk("Roofs gained a lot.")])
    return opened


def test_a_reranker(index: Index, tmp_path: Path) -> None:
    with module("Add a reranker", "toy_reranker", tmp_path):
        settings = replace(index.settings, steps=("lexical", "shortest"))
        hits = build(index, settings).invoke(Turn(question="Why did the weir stand still?")).hits
    RERANKERS.pop("shortest")
    assert [hit.chunk.text for hit in hits] == ["The weir.", "The weir stood still for years and years."]
    assert [hit.score for hit in hits] == [1.0, 0.5]


def test_a_step_that_asks_a_model(index: Index, tmp_path: Path) -> None:
    model = Scripted(
        answers={
            "Write one sentence": "The roofs gained.",
            "You plan how": SubQuestions(questions=["What of solar power?"]),
            "from the numbered passages": "They gained a lot [1].",
        }
    )
    with module("Add a step that asks a model", "toy_step", tmp_path):
        settings = replace(index.settings, steps=("lexical", "hypothetical"), candidates=1)
        turn = build(index, settings, model).invoke(Turn(question="What of solar power?"))
        without = build(index, settings).invoke(Turn(question="What of solar power?"))
    RANKINGS.pop("hypothetical")
    assert [(hit.chunk.text, hit.ranks) for hit in turn.hits] == [("Roofs gained a lot.", (("hypothetical", 1),))]
    assert turn.citations[0].quote == "Roofs gained a lot."
    assert without.hits == ()
