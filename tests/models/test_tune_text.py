"""Tuning on questions with passages: what is learned from which pairs, and that the result loads and has learned."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_text_models import save_bert, save_sentence_transformer

from errors import ModelError, SettingsError
from models.embed import embedder_for
from models.rerank import CrossEncoderReranker
from models.tune.__main__ import main
from models.tune.text import Example, Recipe, batches, read_examples, triplets, tune_embedder, tune_reranker

WEIR = Example(question="who built the weir", positive="mira built it", negatives=("the weir is closed",))
FISH = Example(question="what of fish", positive="a fish pass")
ROOF = Example(question="what of roofs", positive="they gained")
WORDS = sorted({word for one in (WEIR, FISH, ROOF) for word in f"{one.question} {one.positive}".split()})
RECIPE = Recipe(epochs=30, batch=4, rate=0.02)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.jsonl"
    rows = [{"question": one.question, "positive": one.positive, "negatives": one.negatives} for one in (WEIR, FISH)]
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n")
    return path


def test_labels_are_read_and_what_is_wrong_with_them_said(labels: Path, tmp_path: Path) -> None:
    assert read_examples(labels) == [WEIR, FISH]
    bad = tmp_path / "bad.jsonl"
    for text, why in (
        ('{"question": "a"}', "line 1 is not like"),
        ("[]", "line 1 is not like"),
        ('{"question": " ", "positive": "b"}', "may not be empty"),
        ('{"question": "a", "positive": "b"}', "has 1 labelled questions"),
    ):
        bad.write_text(text)
        with pytest.raises(SettingsError, match=why):
            read_examples(bad)
    with pytest.raises(SettingsError, match=f"python -m store labels labels.jsonl --data-dir {tmp_path}"):
        read_examples(tmp_path)
    with pytest.raises(SettingsError, match="cannot be read"):
        read_examples(tmp_path / "none")


def test_no_text_comes_twice_in_a_batch_and_none_is_left_out() -> None:
    rows = [("q1", "a"), ("q2", "a"), ("q1", "b"), ("q3", "c"), ("q4", "d"), ("q5", "e")]
    made = list(batches(rows, 3, random.Random(0)))
    assert sorted(row for batch in made for row in batch) == sorted(rows)
    for batch in made:
        texts = [text for row in batch for text in row]
        assert len(texts) == len(set(texts))
        assert len(batch) <= 3


def test_a_question_without_negatives_has_the_passage_of_another() -> None:
    assert triplets([WEIR, FISH], 0) == [
        (WEIR.question, WEIR.positive, WEIR.negatives[0]),
        (FISH.question, FISH.positive, WEIR.positive),
    ]
    both = Example(question=WEIR.question, positive="it was mira", negatives=(WEIR.positive,))
    assert triplets([WEIR, both], 0) == [(WEIR.question, WEIR.positive, WEIR.negatives[0])]  # both are right
    with pytest.raises(SettingsError, match="nothing to learn"):
        triplets([FISH, Example(question="which pass", positive=FISH.positive)], 0)


def test_an_embedding_model_learns_which_passage_answers(tmp_path: Path) -> None:
    prompts = {"query": "what ", "document": "it "}
    model = save_sentence_transformer(tmp_path, WORDS, prompts=prompts)
    losses: list[float] = []
    tune_embedder(str(model), [WEIR, FISH, ROOF], tmp_path / "out", RECIPE, lambda _, loss: losses.append(loss))
    assert losses[-1] < losses[0] / 2
    tuned = embedder_for(str(tmp_path / "out"))
    documents = tuned.embed_documents([WEIR.positive, FISH.positive, ROOF.positive, *WEIR.negatives])
    for at, one in enumerate((WEIR, FISH, ROOF)):
        asked = tuned.embed_query(one.question)
        cosines = [sum(a * b for a, b in zip(asked, document, strict=True)) for document in documents]
        assert max(range(4), key=cosines.__getitem__) == at
    assert tuned.fingerprint != embedder_for(str(model)).fingerprint
    assert json.loads((tmp_path / "out" / "config_sentence_transformers.json").read_text())["prompts"] == prompts


def test_a_cross_encoder_learns_it_too(tmp_path: Path) -> None:
    model = save_bert(
        "BertForSequenceClassification",
        tmp_path / "model",
        WORDS,
        num_labels=1,
        initializer_range=0.5,
        hidden_dropout_prob=0.0,
    )
    losses: list[float] = []
    long = replace(RECIPE, epochs=100)
    tune_reranker(str(model), [WEIR, FISH, ROOF], tmp_path / "out", long, lambda _, loss: losses.append(loss))
    assert losses[-1] < losses[0] / 2
    right, wrong = CrossEncoderReranker(str(tmp_path / "out")).score(WEIR.question, [WEIR.positive, WEIR.negatives[0]])
    assert right > 0.5 > wrong


def test_the_command_tunes_and_says_how_to_use_it(
    labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = save_bert("BertForSequenceClassification", tmp_path / "model", WORDS, num_labels=1)
    command = [
        "rerank",
        "--labels",
        str(labels),
        "--model",
        str(model),
        "--out",
        str(tmp_path / "out"),
        "--epochs",
        "2",
    ]
    assert main(command) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["epoch 1", "epoch 2", "Use it"]
    assert lines[-1] == f"Use it: RERANK_MODEL={tmp_path / 'out'}"
    assert main(command) == 1
    assert "is not empty" in capsys.readouterr().err
    with pytest.raises(ModelError, match="cannot be loaded as a SentenceTransformer"):
        tune_embedder(str(labels), [WEIR, FISH], tmp_path / "other", RECIPE)
