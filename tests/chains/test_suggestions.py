"""Questions offered after an answer: made from other rows of the cited table, and tried first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from fakes import chunk, document, fingerprint, settings_at, table

from chains.answering.answerers import answerers_for
from chains.answering.base import EXTRACTIVE, Context
from chains.pipeline import resources_of
from chains.suggestions import row_questions, sentence_questions, suggestions
from errors import SettingsError
from models.chat.load import models_allowed
from records import GUEST, OPERATOR, Citation, Principal, Scope, Statement, Turn
from store.index import Index
from text.english.said import questions_of

TABLE = table(("Plant", "Output 2025", "Crew"), ("Weir (hydro)", "12.5", "3"), ("Roofs", "7.1", "1"), ("Hill", "", "2"))
SOURCE = "harbour-report.md"


@pytest.fixture
def index(make_index: Callable[..., Any]) -> Index:
    opened: Index = make_index()
    asset = opened.assets.put_table(TABLE)
    chunks = [chunk("Plant output", source=SOURCE, table=asset), chunk("More.", source=SOURCE, ordinal=1)]
    opened.put(replace(document(SOURCE), title="Harbour report"), chunks, fingerprint(), "2026-01-01T00:00:00")
    return opened


def asked(index: Index) -> Turn:
    cited = Citation(n=1, chunk=index.documents.chunks_of(SOURCE, GUEST)[0], quote="Output 2025\nWeir (hydro) 12.5")
    return Turn(question="What is the output of Weir in 2025?", citations=(cited,), answer="12.5 [1]")


def test_other_rows_in_the_column_that_answered(index: Index) -> None:
    found = [
        (one.question, one.value) for one in row_questions(asked(index).citations, asked(index).question, index.assets)
    ]
    assert found == [("What is the output of Roofs in 2025?", "7.1")]  # the third row has no number there


@pytest.mark.parametrize(("said", "offered"), [("Roofs — Output 2025: 7.1", True), ("Weir — Output 2025: 12.5", False)])
def test_only_what_the_reader_answers_with_that_cell_is_offered(index: Index, said: str, offered: bool) -> None:
    turn, tried = asked(index), []

    def answer(one: Turn) -> Turn:
        tried.append(one.question)
        return replace(one, statements=(Statement(text=said, citations=(1,), checked=True),), citations=turn.citations)

    rows = ["What is the output of Roofs in 2025?"] if offered else []
    assert suggestions(turn, answer, index.documents, index.assets) == [*rows, "Summarise Harbour report"]
    assert tried == ["What is the output of Roofs in 2025?"]
    assert suggestions(turn, answer, index.documents, index.assets, seconds=-1.0) == ["Summarise Harbour report"]


@pytest.mark.parametrize("outcome", ["passages", "nothing", "conversation"])
def test_what_was_not_answered_suggests_nothing(index: Index, outcome: Any) -> None:
    def never(turn: Turn) -> Turn:
        raise AssertionError(turn)

    assert suggestions(replace(asked(index), outcome=outcome), never, index.documents, index.assets) == []


def test_a_model_is_chosen_among_those_allowed(index: Index) -> None:
    settings = settings_at(index.folder, chat_models=(EXTRACTIVE, "unknown:x"))
    context = Context(settings=settings, resources=resources_of(index, settings), is_supported=lambda *_: None)
    answerers = answerers_for(context)
    assert answerers(Scope().principal).name == EXTRACTIVE
    assert answerers(Scope().principal, EXTRACTIVE).name == EXTRACTIVE
    with pytest.raises(SettingsError, match="may not be chosen here"):
        answerers(Scope().principal, "openai:other")


def test_a_model_for_a_group_alone_is_refused_to_others(index: Index) -> None:
    settings = settings_at(index.folder, chat_models=(f"lab={EXTRACTIVE}", "openai:small"))
    lab = Principal(name="anna", groups=frozenset(("lab",)))
    assert models_allowed(lab, settings) == models_allowed(OPERATOR, settings) == (EXTRACTIVE, "openai:small")
    assert models_allowed(GUEST, settings) == ("openai:small",)
    context = Context(settings=settings, resources=resources_of(index, settings), is_supported=lambda *_: None)
    answerers = answerers_for(context)
    assert answerers(lab, EXTRACTIVE).name == EXTRACTIVE
    with pytest.raises(SettingsError, match="allows you: openai:small"):
        answerers(GUEST, EXTRACTIVE)


@pytest.mark.parametrize(
    ("sentence", "question", "value"),
    [
        ("Runa Fjeld is the harbour master and lives there.", "Who is the harbour master?", "Runa Fjeld"),
        ("The pump is serviced every six weeks.", "How often is the pump serviced?", "every six"),
        ("The filter was changed every 20 days.", "How often was the filter changed?", "every 20 days"),
        ("The mooring fee is 12.50 euros a night.", "What is the mooring fee?", "12.50 euros"),
        ("The north quay was built in 1931 of granite.", "When was the north quay built?", "1931"),
    ],
)
def test_a_plain_sentence_asks_for_what_it_says(sentence: str, question: str, value: str) -> None:
    assert [(one.question, one.value) for one in questions_of(sentence)] == [(question, value)]


@pytest.mark.parametrize(
    "sentence", ["It is 12 euros.", "The fee of this is 12 euros.", "The quay is long.", "Whoever comes is welcome."]
)
def test_a_sentence_that_points_or_says_nothing_plain_asks_nothing(sentence: str) -> None:
    assert list(questions_of(sentence)) == []


def test_sentences_near_the_cited_one_are_asked_for_and_neither_it_nor_the_question_again(index: Index) -> None:
    words = "The mooring fee is 12 euros. The pump is serviced every 6 weeks. The crane was built in 1931."
    index.put(document("quay.md"), [chunk(words, source="quay.md", id="q1")], fingerprint(), "2026-01-01T00:00:00")
    cited = Citation(n=1, chunk=index.documents.chunks_of("quay.md", GUEST)[0], quote="The mooring fee is 12 euros.")
    turn = Turn(question="When was the crane built?", citations=(cited,))
    found = [(one.question, one.value, one.source) for one in sentence_questions(turn, index.documents)]
    assert found == [("How often is the pump serviced?", "every 6 weeks", "quay.md")]
