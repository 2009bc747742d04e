"""The reader follows what its best quote names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from asking import read
from fakes import chunk, document, put

from chains.answering.extractive.score import rate
from chains.answering.extractive.second_hop import second_hop
from chains.pipeline import resources_of
from chains.retrieval.terms import weigh
from records import GUEST, Hit, Scope
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


def hits(index: Index, titles: tuple[str, ...] = tuple(PAGES)) -> list[Hit]:
    return [
        Hit(chunk=found, score=1 / rank)
        for rank, title in enumerate(titles, start=1)
        for found in index.documents.chunks_of(f"{title}.md", GUEST)
    ]


def quotes(
    index: Index, question: str, titles: tuple[str, ...] = tuple(PAGES), scope: Scope | None = None
) -> list[str]:
    settings = replace(index.settings, min_confidence=0.0)
    return [
        citation.quote for citation in read(question, hits(index, titles), index, settings, scope or Scope()).citations
    ]


def test_the_rest_of_the_question_is_answered_where_the_name_leads(index: Index) -> None:
    assert quotes(index, "In which land was the director of the film Harbour Lights born?") == [FILM, BORN]


@pytest.mark.parametrize(
    ("question", "led"),
    [
        ("In which land was the director of Harbour Lights born?", BORN),
        ("Was Harbour Lights directed?", ""),  # which the first quote answers
        ("Was Harbour Lights directed by Ermengarde Quay in Southland?", ""),  # who is named in the question
    ],
)
def test_the_first_quote_leads_on_where_it_leaves_something_open(index: Index, question: str, led: str) -> None:
    resources, found = resources_of(index, index.settings), hits(index)
    first = next(one for one in rate(question, found, resources, GUEST) if one.evidence.quote == FILM)
    second = second_hop(weigh(question, resources.lexical, GUEST), first, found, resources, GUEST)
    assert (second.evidence.quote if second else "") == led


def test_only_sources_that_were_found_are_followed(index: Index) -> None:
    asked = "In which land was the director of the film Harbour Lights born?"
    assert BORN not in quotes(index, asked, titles=("Harbour Lights", "Anna Pier"))
