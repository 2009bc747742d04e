"""Greetings, thanks, "what documents do you have?" and "summarise the report" through the whole chain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from chains.pipeline import build
from chains.query.intent import MessageIntent, called_sources, wanted
from chains.summary import by_section, spread
from records import Access, Principal, Scope, Source, Turn
from store.index import Index
from tests.chat_models import Scripted
from tests.fakes import chunk, document, fingerprint
from text.summaries import evenly

ANNA = Principal(name="anna")
REPORT, GUIDE, SECRET = "harbour-report.md", "guide.md", "secret-report.md"


@pytest.fixture
def index(make_index: Callable[..., Any]) -> Index:
    """A report with three headings, a guide with one, and a report that only Bert may read."""
    index: Index = make_index()
    sections = {
        "Cranes": "Cranes\nThe harbour has seven cranes of the northern type.",
        "Ships": "Ships\nShort.\nIn 2025 the harbour counted 312 ships of all sizes.",
        "Fees": "Fees\nA berth costs 40 euros for each night of the season.",
    }
    report = [
        chunk(text, source=REPORT, title="Harbour report", section=("Harbour report", name), ordinal=n)
        for n, (name, text) in enumerate(sections.items())
    ]
    for source, title, chunks, access in (
        (REPORT, "Harbour report", report, Access()),
        (
            GUIDE,
            "Guide",
            [chunk("The lighthouse opens on Sundays at ten o'clock.", source=GUIDE, title="Guide")],
            Access(),
        ),
        (
            SECRET,
            "Secret report",
            [chunk("Nobody may know of the treasure here.", source=SECRET)],
            Access(("user:bert",)),
        ),
    ):
        named = replace(document(source), title=title)
        index.put(named, chunks, fingerprint(), "2026-01-02T03:04:05+00:00")
        if access.readers:
            index.catalog.set_access(source, access)
    return index


def ask(index: Index, question: str, model: Any = None, **fields: Any) -> Turn:
    scope = fields.pop("scope", Scope(principal=ANNA))
    return build(index, index.settings, model).invoke(Turn(question=question, scope=scope, **fields))


def test_documents_are_listed_as_far_as_they_may_be_read(index: Index) -> None:
    turn = ask(index, "Hi, what documents do you have?")
    assert (turn.outcome, turn.intent, turn.citations, turn.hits) == ("conversation", "documents", (), ())
    assert "2 documents" in turn.answer
    assert "**Harbour report** (Markdown)" in turn.answer
    assert "Secret" not in turn.answer
    within = ask(index, "what documents do you have?", scope=Scope(sources=(GUIDE,), principal=ANNA))
    assert "1 of 2 documents" in within.answer
    assert "Harbour" not in within.answer


@pytest.mark.parametrize("message", ["hello", "thanks", "hello, what can you do?"])
def test_who_is_polite_gets_an_answer_without_evidence(index: Index, message: str) -> None:
    turn = ask(index, message, history=(HumanMessage("How many cranes?"), AIMessage("Seven.")))
    assert (turn.outcome, turn.abstained) == ("conversation", False)
    assert not turn.parts


def test_a_source_is_summarised_by_its_headings_and_first_sentences(index: Index) -> None:
    turn = ask(index, "Please summarise the harbour report")
    assert (turn.outcome, turn.intent) == ("answered", "summary")
    assert turn.answer.split("\n\n") == [
        "**Cranes.** “The harbour has seven cranes of the northern type.” [1]",
        "**Ships.** “In 2025 the harbour counted 312 ships of all sizes.” [2]",
        "**Fees.** “A berth costs 40 euros for each night of the season.” [3]",
    ]
    assert [citation.chunk.source for citation in turn.citations] == [REPORT] * 3
    assert all(one.checked for one in (*turn.statements, *turn.citations))


def test_which_source_is_meant(index: Index) -> None:
    one = ask(index, "Summarise this document", scope=Scope(sources=(GUIDE,), principal=ANNA))
    assert [citation.chunk.source for citation in one.citations] == [GUIDE]
    several = ask(index, "Summarise this document")
    assert several.outcome == "conversation"
    assert several.answer.startswith("Which document do you mean?")
    everything = ask(index, "Summarise all documents")
    assert {citation.chunk.source for citation in everything.citations} == {REPORT, GUIDE}
    hidden = ask(index, "Summarise the secret report")
    assert hidden.intent == "question"  # nobody is told that there is one
    assert "treasure" not in hidden.answer


def test_a_chat_model_writes_the_summary_from_all_sections(index: Index) -> None:
    model = Scripted(answers={"seven cranes": "The harbour has seven cranes [1]. A berth costs 40 euros [3]."})
    turn = ask(index, "Summarise the harbour report", model)
    assert turn.answer.startswith("The harbour has seven cranes [1]")
    assert all(word in model.asked[-1] for word in ("312 ships", "40 euros", "seven cranes"))
    assert {citation.chunk.section[-1] for citation in turn.citations} == {"Cranes", "Fees"}


def test_a_model_is_asked_where_the_rule_is_in_doubt_alone() -> None:
    source = Source(source=REPORT, kind="markdown", title="Harbour report", pages=1, chunks=1, when="")
    says = Scripted(answers={"": MessageIntent(intent="summary", document="harbour report")})
    assert wanted("Was steht denn im Hafenbericht so drin?", lambda: [source], follows=False, model=says).sources == (
        source,
    )
    asked = len(says.asked)
    assert asked == 1
    for question in ("How many cranes has the harbour?", "summarise the harbour report", "hello"):
        wanted(question, lambda: [source], follows=False, model=says)
    assert len(says.asked) == asked
    unsure = Scripted(answers={"": MessageIntent(intent="summary", document="another thing")})
    assert wanted("Gib mir den Überblick", lambda: [source], follows=False, model=unsure).intent == "question"
    broken = Scripted(answers={"": ValueError("no")})
    assert wanted("Was kannst du?", lambda: [source], follows=False, model=broken).intent == "question"


@pytest.mark.parametrize(
    ("called", "found"),
    [
        ("annual report", ["r"]),
        ("annual report 2025", ["r"]),
        ("annual report 2024", []),
        ("annual-report-2025.pdf", ["r"]),
        ("visitor guide", ["g"]),
        ("visitor guide to aldra weir", ["g"]),
        ("aldra weir", []),  # a thing that documents speak of
        ("revenue by line of business", []),
        ("annual report's section on wind", []),
        ("report", ["r"]),
        ("document", []),
        ("", []),
    ],
)
def test_what_names_a_source(called: str, found: list[str]) -> None:
    sources = [
        Source(
            source="/d/annual-report-2025.pdf",
            kind="pdf",
            title="Merrow: Annual Report 2025",
            pages=6,
            chunks=1,
            when="r",
        ),
        Source(source="/d/x.html", kind="web", title="Visitor guide to Aldra Weir", pages=1, chunks=1, when="g"),
    ]
    assert [one.when for one in called_sources(called, sources)] == found


def test_it_after_an_answer_may_be_the_answer() -> None:
    source = Source(source=REPORT, kind="markdown", title="Harbour report", pages=1, chunks=1, when="")
    assert wanted("summarise it", lambda: [source], follows=True).intent == "question"
    assert wanted("summarise it", lambda: [source], follows=False).sources == (source,)


def test_sections_are_spread_evenly() -> None:
    chunks = [chunk(f"{a}{n}", section=("T", a)) for a in "abc" for n in (1, 2)]
    assert [(name, [one.text for one in own]) for name, own in by_section(chunks)] == [
        ("a", ["a1", "a2"]),
        ("b", ["b1", "b2"]),
        ("c", ["c1", "c2"]),
    ]
    assert [hit.chunk.text for hit in spread({"s": chunks})] == ["a1", "b1", "c1", "a2", "b2", "c2"]
    assert evenly(range(10), 4) == [0, 3, 6, 9]
    assert evenly(range(3), 1) == [0]
