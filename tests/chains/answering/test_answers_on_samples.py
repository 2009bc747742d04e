"""The whole way of a question over the sample corpus, with words alone in place of the embedder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from asking import retrieve
from fakes import FakeEmbedder, Samples, fingerprint, settings_at
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from chains.answering.synthesis import NEAREST_PASSAGES, NOTHING_FOUND
from chains.pipeline import build
from data.make_samples import SAMPLES
from ingest.chunk.chunker import Window, chunk_document
from models.embed import Tokenizer
from records import Scope, Turn
from store.index import Index

LINES = (SAMPLES.parent / "sample_questions.jsonl").read_text("utf-8").splitlines()
QUESTIONS = {record["id"]: record for record in map(json.loads, LINES)}


@pytest.fixture(scope="module")
def index(samples: Samples, chroma_url: str) -> Iterator[Index]:
    """The sample corpus as it is taken in, but for the embedder."""
    settings = settings_at(samples.assets.folder.parent, chroma_url)
    tokenizer = Tokenizer()
    with Index(settings, FakeEmbedder()) as opened:  # type: ignore[arg-type]
        for document in samples.documents.values():
            tables = {i: samples.assets.put_table(one.table) for i, one in enumerate(document.elements) if one.table}
            chunks = chunk_document(document, tables, Window(tokenizer.limit, tokenizer.count))
            opened.put(document, chunks, fingerprint(), "2026")
        yield opened


def ask(index: Index, question: str, *history: BaseMessage) -> Turn:
    turn = build(index, index.settings).invoke(Turn(question=question, history=history))
    assert turn.abstained or turn.citations
    for statement in turn.statements:
        assert statement.checked is (turn.outcome == "answered")
        assert statement.citations
    return turn


@pytest.mark.parametrize(
    ("id_", "said"),
    [
        ("sample-01", "the Aldra carried less than 6 cubic metres of water per second"),
        ("sample-02", "was founded on 3 March 2009 by 62 households"),
        ("sample-03", "98.8%"),
        ("sample-05", "Wind power — Operating costs 2025: 1,742"),
        ("sample-06", "Gearbox 212"),
        ("sample-10", "or a hub above 10 metres per second"),
    ],
)
def test_answers_quote_the_place_that_holds_them(index: Index, id_: str, said: str) -> None:
    record = QUESTIONS[id_]
    turn = ask(index, record["question"])
    assert said in " ".join(turn.answer.split())
    places = {(Path(one.chunk.source).name, one.chunk.page) for one in turn.citations}
    evidence = record["evidence"][0]
    assert (evidence["source"], evidence.get("page", 1)) in places


def test_what_the_whole_question_finds_comes_before_what_its_parts_find(index: Index) -> None:
    turn = ask(index, QUESTIONS["sample-04"]["question"])
    whole = retrieve(index, turn.standalone, Scope(), index.settings)
    assert turn.hits[: len(whole)] == whole
    found = [hit.chunk.id for hit in turn.hits]
    assert len(set(found)) == len(found)
    assert {hit.chunk.id for part in turn.parts for hit in part.hits} <= set(found)


def test_two_years_are_asked_for_one_after_the_other(index: Index) -> None:
    turn = ask(index, QUESTIONS["sample-04"]["question"])
    assert [part.question[-8:] for part in turn.parts] == ["in 2024?", "in 2025?"]
    cells = [
        "Battery services — Revenue 2024: 118, in thousands of euros",
        "Battery services — Revenue 2025: 624, in thousands of euros",
    ]
    assert all(cell in [one.text for one in part.statements] for cell, part in zip(cells, turn.parts, strict=True))
    assert all(citation.bbox and citation.chunk.page == 5 for citation in turn.citations)


def test_two_documents_answer_one_question(index: Index) -> None:
    """A bag of words finds "Kaplan turbines" less near to "its turbines" than the embedder does: so all counts as sure."""
    modest = replace(index.settings, min_confidence=0.0)
    turn = build(index, modest).invoke(Turn(question=QUESTIONS["sample-11"]["question"]))
    assert "94.1%" in turn.parts[0].statements[0].text
    assert "every 6 months" in turn.parts[1].statements[0].text
    assert {Path(one.chunk.source).name for one in turn.citations} == {
        "annual-report-2025.pdf",
        "maintenance-handbook.md",
    }


def test_a_follow_up_is_understood(index: Index) -> None:
    before = HumanMessage("What was the revenue from wind power in 2025?")
    turn = ask(index, "And in 2024?", before, AIMessage("3,753"))
    assert turn.standalone == "What was the revenue from wind power in 2024?"
    assert turn.statements[0].text == "Wind power — Revenue 2024: 3,384, in thousands of euros"


@pytest.mark.parametrize("id_", ["sample-14", "sample-15"])
def test_what_the_corpus_does_not_say_is_not_answered(index: Index, id_: str) -> None:
    turn = ask(index, QUESTIONS[id_]["question"])
    assert turn.outcome != "answered"
    assert turn.answer.startswith(NOTHING_FOUND if turn.abstained else NEAREST_PASSAGES)
    assert not any(one.checked for one in turn.citations)
