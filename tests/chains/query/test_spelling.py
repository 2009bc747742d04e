"""Slips of the pen in a question."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fakes import chunk, put

from chains.pipeline import build
from chains.query.spelling import corrected
from records import GUEST, Access, Scope, Turn
from store.index import Index

MakeIndex = Callable[..., Index]


@pytest.fixture
def index(make_index: MakeIndex) -> Index:
    index = make_index()
    put(index, [chunk("Netflix spent more on advertising. Dordrecht has a harbour.", source="a.md")])
    put(index, [chunk("The turbines of the weir were licensed to Aschenbrodel. Availability fell.", source="b.md")])
    return index


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("What did Neflix spend on advertsing?", "What did Netflix spend on advertising?"),
        ("Where is Dordecht's harbour?", "Where is Dordrecht's harbour?"),
        ("What did Netflix spend on advertising?", "What did Netflix spend on advertising?"),
        ("Who runs the turbine?", "Who runs the turbine?"),  # another ending is no slip
        ("Who runs the turbinse?", "Who runs the turbines?"),
        ("What is its avalability?", "What is its availability?"),  # which have no stem in common
        ("What is its advertizment?", "What is its advertizment?"),  # "advertisement" stands nowhere
        ("Is the harvest large?", "Is the harvest large?"),  # English, however near to what stands there
        ("Who is Ordrecht?", "Who is Ordrecht?"),  # the first letter is believed
        ("What of “Neflix”?", "What of “Neflix”?"),  # meant as it is written
        ("What of neflix.com or /neflix/?", "What of neflix.com or /neflix/?"),
        ("Who is Brzt?", "Who is Brzt?"),
        ("Was ist Dördrecht?", "Was ist Dördrecht?"),
        ("", ""),
    ],
)
def test_words_are_read_as_the_documents_have_them(index: Index, asked: str, read: str) -> None:
    assert corrected(asked, index.lexical, Scope()) == read


def test_the_right_spelling_is_sought_where_the_question_looks(index: Index) -> None:
    assert corrected("What of Dordecht?", index.lexical, Scope(sources=("b.md",))) == "What of Dordecht?"
    assert corrected("What of Dordecht?", index.lexical, Scope(sources=("a.md",))) == "What of Dordrecht?"


def test_what_one_may_not_read_mends_nothing(index: Index) -> None:
    index.catalog.set_access("a.md", Access(("board",)))
    assert corrected("What of Neflix?", index.lexical, Scope(principal=GUEST)) == "What of Neflix?"


def test_the_mended_question_is_what_is_searched_and_said(index: Index) -> None:
    turn = build(index, index.settings).invoke(Turn(question="What did Neflix spend on?"))
    assert turn.standalone == "What did Netflix spend on?"
    assert turn.parts[0].question == turn.standalone
