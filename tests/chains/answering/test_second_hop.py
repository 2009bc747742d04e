"""The reader follows what its best quote names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from asking import read
from fakes import chunk, document, put

from records import Hit, Scope
from store.index import Index

MakeIndex = Callable[..., Index]
FILM = "Harbour Lights is a film directed by Ermengarde Quay."
BORN = "Ermengarde Quay was born in Northland."
PAGES = {
    "Harbour Lights": FILM,
    "Ermengarde Quay": f"{BORN} She likes boats and weirs.",
    "Anna Pier": "Anna Pier was born in Southland.",
}


@pytest.fixture
def index(make_index: MakeIndex) -> Index:
    opened = make_index()
    for title, words in PAGES.items():
        source = f"{title}.md"
        put(opened, [chunk(words, source=source, title=title)], replace(document(source), title=title))
    return opened


def quotes(
    index: Index, question: str, titles: tuple[str, ...] = tuple(PAGES), scope: Scope | None = None
) -> list[str]:
    hits = [
        Hit(chunk=found, score=1 / rank)
        for rank, title in enumerate(titles, start=1)
        for found in index.documents.chunks_of(f"{title}.md", Scope().principal)
    ]
    settings = replace(index.settings, min_confidence=0.0)
    return [citation.quote for citation in read(question, hits, index, settings, scope or Scope()).citations]


def test_the_rest_of_the_question_is_answered_where_the_name_leads(index: Index) -> None:
    assert quotes(index, "In which land was the director of the film Harbour Lights born?") == [FILM, BORN]


def test_a_question_that_its_first_quote_answers_leads_nowhere(index: Index) -> None:
    assert quotes(index, "Was Harbour Lights directed?")[0] == FILM
    assert BORN not in quotes(index, "Was Harbour Lights directed?")


def test_who_is_named_in_the_question_is_no_second_hop(index: Index) -> None:
    found = quotes(index, "Was Harbour Lights directed by Ermengarde Quay in Southland?")
    assert found[0] == FILM
    assert BORN not in found


def test_only_sources_that_were_found_are_followed(index: Index) -> None:
    asked = "In which land was the director of the film Harbour Lights born?"
    assert BORN not in quotes(index, asked, titles=("Harbour Lights", "Anna Pier"))
