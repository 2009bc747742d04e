"""Labels of a data folder as examples for tuning."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from fakes import chunk, put

from store.__main__ import main
from store.feedback import AnswerFeedback, CitedPassage, Feedback, PassageLabel
from store.index import Index
from store.labels import tuning_rows


def label(question: str, text: str, relevance: str, *, who: str = "anna", id: str = "") -> PassageLabel:
    return PassageLabel(
        who=who,
        when="2026-01-02T03:04:05+00:00",
        question=question,
        chunk=id or text,
        source="a.md",
        page=1,
        text=text,
        rank=1,
        relevance=relevance,  # type: ignore[arg-type]
    )


def thumbs(question: str, rating: str, *quotes: str) -> AnswerFeedback:
    return AnswerFeedback(
        who="anna",
        when="2026-01-02T03:04:05+00:00",
        question=question,
        answer="yes",
        abstained=False,
        citations=tuple(CitedPassage(source="a.md", page=1, quote=quote) for quote in quotes),
        rating=rating,  # type: ignore[arg-type]
    )


def test_what_answers_is_right_and_what_does_not_wrong() -> None:
    entries = [
        label("Who?", "mira", "answer"),
        label("who? ", "quay", "relevant"),
        label("Who?", "fish", "not"),
        label("What?", "roofs", "not"),  # nobody knows what answers
        thumbs("Where?", "good", "in the north", ""),
        thumbs("When?", "bad", "in 1931"),
    ]
    assert tuning_rows(entries, {}) == [
        {"question": "Who?", "positive": "mira", "negatives": ["fish"]},
        {"question": "Who?", "positive": "quay", "negatives": ["fish"]},
        {"question": "Where?", "positive": "in the north", "negatives": []},
    ]


def test_the_latest_label_counts() -> None:
    entries = [label("Who?", "mira", "not"), label("Who?", "mira", "answer"), label("Who?", "quay", "answer")]
    assert [row["positive"] for row in tuning_rows(entries, {})] == ["mira", "quay"]
    entries.append(label("Who?", "quay", "not", who="ben"))
    assert tuning_rows(entries, {}) == [{"question": "Who?", "positive": "mira", "negatives": ["quay"]}]


def test_the_command_writes_passages_as_the_embedder_sees_them(
    make_index: Callable[..., Index], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATA_DIR", raising=False)
    index = make_index()
    folder, file = index.folder, index.folder / "labels.jsonl"
    assert main(["labels", str(file), "--data-dir", str(folder)]) == 1
    assert "Nobody has labelled" in capsys.readouterr().out
    put(index, [chunk("it was mira", id="c1", context="The weir")])
    feedback = Feedback(folder)
    feedback.add(label("Who?", "it was mira", "answer", id="c1"))
    feedback.add(label("Who?", "gone since", "not", id="c2"))
    assert main(["labels", str(file), "--data-dir", str(folder)]) == 0
    assert capsys.readouterr().out == f"1 examples of 1 questions written to {file}\n"
    assert [json.loads(line) for line in file.read_text().splitlines()] == [
        {"question": "Who?", "positive": "The weir\nit was mira", "negatives": ["gone since"]}
    ]
