"""A reader model in the place of the learned weights: its spans in their sentences and rows, and its refusals."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import chunk, put, table, unseen
from tiny_text_models import save_bert

from chains.answering.base import Context
from chains.answering.extractive.reader import Reader
from chains.answering.extractive.scorers import least_confidence
from chains.pipeline import build, resources_of
from config import Settings
from models.reader import Span
from records import OUTCOMES, Chunk, Hit, Scope, SubAnswer, Turn
from records import Span as Place
from store.index import Index

MakeIndex = Callable[..., Index]
FIRST, SECOND, THIRD = "The weir was built by Mira Quay.", "It was sold in 2009.", "The fish pass is closed."
TEXT = f"{FIRST} {SECOND} {THIRD}"
OUTPUT = table(("Plant", "2024", "2025"), ("Weir", "10", "12"), ("Roofs", "3", "4"), boxes=True)


class FakeReader:
    """Finds given words where a passage has them, with a given score; elsewhere its first letter, with -5."""

    def __init__(self, scores: Mapping[str, float]) -> None:
        self.scores = scores
        self.passages: list[str] = []

    def read(self, question: str, passages: Sequence[str]) -> list[Span | None]:
        self.passages = list(passages)
        return [self._in(passage) for passage in passages]

    def _in(self, passage: str) -> Span:
        found = [(score, words) for words, score in self.scores.items() if words in passage]
        if not found:
            return Span(0, 1, -5.0)
        score, words = max(found)
        return Span(passage.index(words), passage.index(words) + len(words), score)


@pytest.fixture
def index(make_index: MakeIndex) -> Index:
    """An index that knows the words of the questions."""
    opened = make_index()
    put(opened, [chunk("a weir"), chunk("Mira built it"), chunk("who sold the roofs"), chunk("fish pass output")])
    return opened


def placed() -> Chunk:
    """The three sentences, each on a line of its own."""
    starts = [TEXT.index(one) for one in (FIRST, SECOND, THIRD)]
    spans = [
        Place(start, start + len(one), (0.0, 10.0 * n, 100.0, 10.0 * n + 8))
        for n, (start, one) in enumerate(zip(starts, (FIRST, SECOND, THIRD), strict=True))
    ]
    return chunk(TEXT, spans=tuple(spans), bbox=(0.0, 0.0, 100.0, 28.0))


def rows(index: Index) -> Chunk:
    name = index.assets.put_table(OUTPUT)
    return chunk("Weir 10 12", id=name, kind="table", table=name, first_row=1, last_row=3)


def read(index: Index, question: str, fake: FakeReader, *chunks: Chunk, **settings: float) -> SubAnswer:
    resources = replace(resources_of(index, Settings()), reader=fake)
    context = Context(
        settings=replace(Settings(), **settings),  # type: ignore[arg-type]
        resources=resources,
        is_supported=lambda statement, cited, _: unseen(statement, cited),
    )
    found = [Hit(chunk=one, score=1 / rank) for rank, one in enumerate(chunks, start=1)]
    return Reader(context).read(question, found, Scope())


def test_the_words_that_answer_are_said_before_their_sentence(index: Index) -> None:
    fake = FakeReader({"Mira Quay": 2.0})
    answer = read(index, "Who built the weir?", fake, chunk("The roofs were sold."), placed())
    assert fake.passages == ["The roofs were sold.", TEXT]
    assert [one.text for one in answer.statements] == [f"Mira Quay — “{FIRST}”"]
    assert answer.statements[0].answer == ("Mira Quay",)
    assert (answer.citations[0].quote, answer.citations[0].bbox) == (FIRST, (0.0, 0.0, 100.0, 8.0))
    assert answer.confidence == pytest.approx(1 / (1 + math.exp(-2)))
    assert answer.outcome == "answered"


def test_a_span_over_two_sentences_quotes_both(index: Index) -> None:
    words = "2009. The fish pass"
    answer = read(index, "When was it sold?", FakeReader({words: 2.0}), placed())
    assert answer.statements[0].answer == (words,)
    # "It was sold" says nothing without the sentence before, so that one is quoted too
    assert answer.citations[0].quote == TEXT
    assert answer.citations[0].bbox == (0.0, 0.0, 100.0, 28.0)


def test_two_answers_nearly_as_sure_are_both_said(index: Index) -> None:
    other = chunk("Anna Pier built the weir.", source="b.md")
    near = read(index, "Who built the weir?", FakeReader({"Mira Quay": 2.0, "Anna Pier": 1.5}), placed(), other)
    assert [one.answer for one in near.statements] == [("Mira Quay",), ()]  # the first one's is the answer
    assert near.statements[1].text == "Anna Pier — “Anna Pier built the weir.”"  # exp(-0.5) is above a half
    far = read(index, "Who built the weir?", FakeReader({"Mira Quay": 2.0, "Anna Pier": 1.0}), placed(), other)
    assert len(far.statements) == 1


def test_rows_are_read_one_by_one_and_the_cell_is_said(index: Index) -> None:
    fake = FakeReader({"4": 3.0})
    answer = read(index, "What was the fish pass output of the roofs?", fake, rows(index))
    assert sorted(fake.passages) == ["Roofs Plant: Roofs; 2024: 3; 2025: 4", "Weir Plant: Weir; 2024: 10; 2025: 12"]
    assert answer.statements[0].text == "Roofs — 2025: 4"
    assert answer.statements[0].answer == ("4",)
    assert answer.citations[0].quote == "2025\nRoofs 4"


@pytest.mark.parametrize(
    ("score", "settings", "outcome"),
    [
        (0.1, {}, "answered"),  # likelier than no answer
        (-0.1, {"min_passage_confidence": 0.0}, "passages"),
        (-0.1, {"min_passage_confidence": 1.01}, "nothing"),
        (0.1, {"min_confidence": 0.9, "min_passage_confidence": 0.0}, "passages"),
        (2.2, {"min_confidence": 0.9}, "answered"),  # 1 / (1 + exp(-2.2)) is 0.9002
    ],
)
def test_no_answer_is_refused(index: Index, score: float, settings: dict[str, float], outcome: str) -> None:
    answer = read(index, "Who built the weir?", FakeReader({"Mira Quay": score}), placed(), **settings)
    assert outcome in OUTCOMES
    assert answer.outcome == outcome
    assert answer.confidence == pytest.approx(1 / (1 + math.exp(-score)))
    if outcome == "passages":  # nothing is claimed of it
        assert (answer.statements[0].text, answer.statements[0].answer) == (f"“{TEXT}”", ())


def test_without_passages_there_is_nothing(index: Index) -> None:
    assert read(index, "Who built the weir?", FakeReader({})).outcome == "nothing"
    assert read(index, "Who built Atlantis?", FakeReader({"Mira Quay": 9.0}), placed()).out_of_corpus == ("Atlantis",)


def test_its_threshold_is_its_own() -> None:
    assert least_confidence(Settings(reader_model="x")) == 0.5
    assert least_confidence(Settings(reader_model="x", min_confidence=0.7)) == 0.7
    assert least_confidence(Settings(min_confidence=0.7)) == 0.7
    assert least_confidence(Settings()) != 0.5


def test_a_model_named_in_the_settings_answers(make_index: MakeIndex, tmp_path: Path) -> None:
    folder = save_bert("BertForQuestionAnswering", tmp_path, ["weir", "built"], initializer_range=1.0)
    index = make_index()
    put(index, [placed()])
    settings = replace(index.settings, reader_model=str(folder), min_confidence=0.0)
    turn = build(index, settings).invoke(Turn(question="Who built the weir?"))
    (answer,) = turn.statements[0].answer
    assert answer in TEXT
    assert turn.citations[0].quote in TEXT
    assert turn.statements[0].checked
