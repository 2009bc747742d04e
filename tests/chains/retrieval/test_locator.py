"""Questions that name a page, a figure, a table or a section."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from asking import read, retrieve
from fakes import chunk, document, put

from chains.retrieval.locating import chunks_at
from records import Access, Scope
from store.index import Index
from text.english.locator import Locator, locator_in, without_locator

MakeIndex = Callable[..., Index]


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("What does the chart on page 14 show?", Locator(pages=(14,))),
        ("What stands on pages 3-5?", Locator(pages=(3, 4, 5))),
        ("Who signed pages 15 and 16?", Locator(pages=(15, 16))),
        ("Who signed page 15, page 17 and 19?", Locator(pages=(15, 17, 19))),
        ("What does page two begin with?", Locator(pages=(2,))),
        ("What is on slide 7?", Locator(pages=(7,))),
        ("How many pages are there?", Locator()),
        ("Is it 12 pages long?", Locator()),
        ("What do Figure 4 and fig. 5 show?", Locator(labels=("figure 4", "figure 5"))),
        ("How many rows has Table 2?", Locator(labels=("table 2",))),
        ("Is Section 3.3 longer than section 3.1?", Locator(parts=(("section", "3.3"), ("section", "3.1")))),
        ("What are the risks in Appendix C?", Locator(parts=(("appendix", "c"),))),
        ("Which section a visitor reads first?", Locator()),
        ("On the page “Mills” (section “Costs, in euros”): how many?", Locator(headings=("costs in euros",))),
        ('What does the "Staff" section say, and section "Boats"?', Locator(headings=("staff", "boats"))),
        ("Who said “section” first?", Locator()),
        ("", Locator()),
    ],
)
def test_places_are_read_from_questions(question: str, place: Locator) -> None:
    assert locator_in(question) == place


@pytest.fixture
def index(make_index: MakeIndex) -> Index:
    opened = make_index()
    own = [
        chunk("Costs of the weir.", page=1, ordinal=0, source="a.md", section=("3 Costs", "3.3 Weirs")),
        chunk("Costs of the mill.", page=2, ordinal=1, source="a.md", section=("3 Costs", "3.31 Mills")),
        chunk("Figure 4. Roofs.", page=2, ordinal=2, source="a.md", kind="image"),
        chunk("Figure 4 tells of the weir, too.", page=3, ordinal=3, source="a.md", section=("Appendix C: The end",)),
        chunk("Table 4: Weirs.", page=3, ordinal=4, source="a.md", kind="table"),
    ]
    put(opened, own, document("a.md"))
    put(opened, [chunk("Costs of the boat.", source="b.md", page=2)], document("b.md"))
    return opened


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("What is on page 2?", {"page 2": ["Costs of the mill.", "Figure 4. Roofs."]}),
        ("What is on page 9?", {}),
        ("What does Figure 4 show?", {"figure 4": ["Figure 4. Roofs."]}),
        ("What does table 4 say?", {"table 4": ["Table 4: Weirs."]}),
        ("What does section 3.3 say?", {"section 3.3": ["Costs of the weir."]}),
        ("What does Chapter 3 say?", {"chapter 3": ["Costs of the weir.", "Costs of the mill."]}),
        ("What does Appendix C say?", {"appendix c": ["Figure 4 tells of the weir, too."]}),
        ("What does section “3.31 mills” say?", {"“3.31 mills”": ["Costs of the mill."]}),
        ("What does section “3 Costs” say?", {"“3 costs”": ["Costs of the weir.", "Costs of the mill."]}),
        ("What does section “Mills” say?", {}),
        ("What does it say?", {}),
    ],
)
def test_places_are_found_in_their_document(index: Index, question: str, found: dict[str, list[str]]) -> None:
    named = chunks_at(locator_in(question), index.documents, Scope(sources=("a.md",)))
    assert {name: [chunk.text for chunk in chunks] for name, chunks in named.items()} == found


def test_a_page_of_any_document_is_no_locator(index: Index) -> None:
    page = locator_in("What is on page 2?")
    assert chunks_at(page, index.documents, Scope()) == {}
    assert chunks_at(page, index.documents, Scope(sources=tuple(f"{letter}.md" for letter in "abcdef"))) == {}
    index.catalog.set_access("a.md", Access(("board",)))
    assert chunks_at(page, index.documents, Scope(sources=("a.md",))) == {}


def test_what_says_where_to_look_is_taken_out() -> None:
    assert without_locator("What do pages 2 and 3 say in section “Costs” of mills?") == "What do say in of mills?"


def test_what_stands_at_the_place_comes_first(index: Index) -> None:
    scope = Scope(sources=("a.md",))
    first = retrieve(index, "What does it say of costs of the weir?", scope, index.settings)[0]
    assert first.chunk.text == "Costs of the weir."
    first = retrieve(index, "What does page 2 say of costs?", scope, index.settings)[0]
    assert first.chunk.text == "Costs of the mill."
    assert dict(first.ranks)["place: page 2"] == 1


def test_what_stands_where_the_question_says_is_quoted(index: Index) -> None:
    scope, settings = Scope(sources=("a.md",)), replace(index.settings, min_confidence=0.0)
    for question, text in (
        ("What does page 1 say of costs?", "Costs of the weir."),
        ("What does page 2 say of costs?", "Costs of the mill."),
        ("What does section “3.31 Mills” say?", "Costs of the mill."),
        ("What does page 2 say of the weir?", "Costs of the weir."),  # nothing there is nearly as near
    ):
        answer = read(question, retrieve(index, question, scope, settings), index, settings, scope)
        assert text in [one.quote for one in answer.citations], question
