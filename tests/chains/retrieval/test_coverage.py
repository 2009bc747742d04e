"""Hits that hold much of the question in one place come earlier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from asking import retrieve
from fakes import chunk, document, put

from chains.pipeline import resources_of
from chains.retrieval.base import Query
from chains.retrieval.coverage import coverage, share
from chains.retrieval.terms import WeightedTerms
from records import Chunk, Hit, Scope
from store.index import Index

MakeIndex = Callable[..., Index]
ASKED = WeightedTerms("Which team drafted Bo Weir?", {"team": 1.0, "draft": 1.0, "bo": 2.0, "weir": 4.0})
HEAD = "Player | Team\n"


def rows(*lines: str, context: str = "") -> Chunk:
    return chunk(HEAD + "\n".join(lines), kind="table", first_row=1, last_row=1 + len(lines), context=context)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (rows("Bo Weir | Harbour", "Cy Mole | Pier"), 7 / 8),
        (rows("Bo Quay | Harbour", "Cy Weir | Pier"), 5 / 8),  # each in a row of its own
        (rows("Bo Weir | Harbour", context="Drafts of 2009"), 1.0),
        (rows("Cy Mole | Pier"), 1 / 8),
        (chunk("Bo Weir was drafted by a team."), 1.0),
        (chunk("Bo said that Weir came."), 6 / 8),
        (chunk("Nothing of all that."), 0.0),
    ],
)
def test_of_a_table_the_best_row_counts(held: Chunk, expected: float) -> None:
    assert share(ASKED, held) == pytest.approx(expected)


def test_what_a_question_without_words_asks_is_covered_by_nothing() -> None:
    assert share(WeightedTerms("?", {}), chunk("Bo Weir")) == 0.0


def test_the_row_that_has_all_comes_before_rows_that_have_a_part_each(make_index: MakeIndex) -> None:
    index = make_index()
    together = rows("Bo Weir | Harbour", "Cy Mole | Pier")
    apart = replace(rows("Bo Quay | Harbour", "Cy Weir | Pier"), id="apart")
    put(index, [together, apart], document(together.source))
    hits = [Hit(chunk=apart, score=1.0), Hit(chunk=together, score=0.99)]
    assert [
        hit.chunk.id for hit in coverage(Query(ASKED.text, Scope(), resources_of(index, index.settings)), tuple(hits))
    ] == [together.id, "apart"]
    settings = replace(index.settings, steps=("lexical", "coverage"))
    assert retrieve(index, ASKED.text, Scope(), settings)[0].chunk.id == together.id
