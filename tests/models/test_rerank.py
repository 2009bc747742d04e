"""Reranking models: a random cross-encoder loaded the real way, and the forms in which servers answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from http_server import serving
from tiny_text_models import save_bert

from errors import ModelError
from models.rerank import PROVIDERS, CrossEncoderReranker, HttpReranker, reranker_for

PASSAGES = ["the weir", "a fish", "the fish pass"]
WORDS = "the weir fish pass".split()


def test_a_cross_encoder_scores_each_passage_by_itself(tmp_path: Path) -> None:
    folder = save_bert("BertForSequenceClassification", tmp_path, WORDS, num_labels=1, initializer_range=1.0)
    reranker = reranker_for(str(folder))
    assert isinstance(reranker, CrossEncoderReranker)
    scores = reranker.score("fish?", PASSAGES)
    assert len(set(scores)) == 3
    assert [reranker.score("fish?", [one])[0] for one in PASSAGES] == pytest.approx(scores, abs=1e-4)


def test_a_model_that_cannot_rerank_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"{tmp_path}.*cannot be loaded.*RERANK_MODEL"):
        CrossEncoderReranker(str(tmp_path)).score("x", ["y"])
    folder = save_bert("BertForSequenceClassification", tmp_path / "two", WORDS, num_labels=2)
    with pytest.raises(ModelError, match="gives 2 numbers"):
        CrossEncoderReranker(str(folder)).score("x", ["y"])


def lengths(texts: list[str], form: str) -> Any:
    """Replies in which the score of a passage is its length, the best first."""
    order = sorted(range(len(texts)), key=lambda at: -len(texts[at]))
    if form == "texts":
        return [{"index": at, "score": len(texts[at])} for at in order]
    return {form: [{"index": at, "relevance_score": len(texts[at])} for at in order]}


@pytest.mark.parametrize(
    ("form", "model", "said"),
    [
        ("results", "rerank-v3.5", "documents"),  # Cohere, Jina, vLLM, llama.cpp
        ("data", "rerank-2.5", "documents"),  # Voyage
        ("texts", "", "texts"),  # text-embeddings-inference
    ],
)
def test_the_forms_of_providers(form: str, model: str, said: str) -> None:
    asked: list[Any] = []

    def answer(path: str, headers: dict[str, str], body: Any) -> tuple[int, Any]:
        asked.append((path, headers.get("authorization"), body))
        return 200, lengths(body[said], form)

    with serving(answer) as address:
        reranker = HttpReranker(f"{address}/v1/rerank", model, "key")
        assert reranker.score("fish?", PASSAGES) == [8.0, 6.0, 13.0]
    body = {"query": "fish?", said: PASSAGES, **({"model": model} if model else {})}
    assert asked == [("/v1/rerank", "Bearer key", body)]


@pytest.mark.parametrize(
    ("status", "reply", "why"),
    [
        (401, {"error": "wrong key sk-secret"}, "status 401"),
        (500, {}, "status 500"),
        (200, {"results": [{"index": 0, "relevance_score": 1}]}, "no score for each passage"),
        (200, {"answer": "hello"}, "no score for each passage"),
        (200, "hello", "no score for each passage"),
    ],
)
def test_failures_are_told_without_the_key(status: int, reply: Any, why: str) -> None:
    with serving(lambda *_: (status, reply)) as address, pytest.raises(ModelError, match=why) as told:
        HttpReranker(address, "m", "sk-secret").score("fish?", PASSAGES)
    assert "RERANK_URL" in str(told.value)
    assert "sk-secret" not in str(told.value)


def test_a_server_that_hangs_or_is_not_there_is_waited_for_no_longer_than_said() -> None:
    from threading import Event

    over = Event()
    with serving(lambda *_: (200, over.wait(5) and {})) as address:
        with pytest.raises(ModelError, match="ReadTimeout"):
            HttpReranker(address, "m", seconds=0.2).score("fish?", PASSAGES)
        over.set()
    with pytest.raises(ModelError, match="ConnectError"):
        HttpReranker(address, "m", seconds=0.2).score("fish?", PASSAGES)


def test_a_name_says_where_the_model_is() -> None:
    cohere = reranker_for("cohere:rerank-v3.5", key="k")
    assert vars(cohere) == vars(HttpReranker(PROVIDERS["cohere"], "rerank-v3.5", "k"))
    own = reranker_for("BAAI/bge-reranker-base", "http://here/rerank")
    assert vars(own) == vars(HttpReranker("http://here/rerank", "BAAI/bge-reranker-base"))
    assert vars(reranker_for("", "http://here/rerank")) == vars(HttpReranker("http://here/rerank"))
    assert reranker_for("") is None
