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
from chains.suggestions import row_questions, suggestions
from errors import SettingsError
from records import GUEST, Citation, Scope, Statement, Turn
from store.index import Index

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
