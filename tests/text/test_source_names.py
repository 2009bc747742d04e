"""Which sources a question names."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from text.source_names import SourceNames, capitalised
from text.years import Periods

NAMES = SourceNames(
    [
        ("reports/HARBOUR_2022_10K.pdf", "Form 10-K"),
        ("reports/HARBOUR_2023Q2_10Q.pdf", "Form 10-Q"),
        ("reports/HARBOUR_2023_10K.pdf", "Form 10-K"),
        ("reports/NORTHSEAFERRIES_2022.pdf", "North Sea Ferries Company"),
        ("https://example.org/wiki/Dunne%20%26%20Dunne.html?x=1", "Dunne and Dunne"),
        ("notes/minutes.md", "Minutes"),
    ]
)


def best(question: str) -> str:
    found = NAMES.match(question)
    return max(found, key=lambda source: found[source]).rsplit("/", 1)[-1] if found else ""


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("What was Harbour's revenue in FY2022?", "HARBOUR_2022_10K.pdf"),
        ("How did Harbour's margin change between 2022 and 2023?", "HARBOUR_2023_10K.pdf"),
        ("Did Harbour pay a dividend in Q2 of 2023?", "HARBOUR_2023Q2_10Q.pdf"),
        ("Did Harbour pay a dividend in the second quarter of 2023?", "HARBOUR_2023Q2_10Q.pdf"),
        ("How many boats do the north sea ferries own?", "NORTHSEAFERRIES_2022.pdf"),
        ("Who founded Dunne & Dunne?", "Dunne%20%26%20Dunne.html?x=1"),
        ("What do the minutes say?", "minutes.md"),
        ("What happened in 2022?", ""),
        ("Who was the chairman?", ""),
        ("", ""),
    ],
)
def test_the_source_that_is_meant_comes_first(question: str, source: str) -> None:
    assert best(question) == source


def test_matches_lie_above_0_and_at_most_1() -> None:
    found = NAMES.match("Harbour 2023, North Sea Ferries and the minutes of Dunne and Dunne")
    assert len(found) >= 4
    assert all(0 < sure <= 1 for sure in found.values())


def test_a_rarer_name_is_a_surer_match() -> None:
    found = NAMES.match("Compare Harbour and the Minutes")
    assert found["notes/minutes.md"] > found["reports/HARBOUR_2022_10K.pdf"]


@pytest.mark.parametrize(
    ("question", "written"),
    [
        ("What do the harbour minutes say?", ["What", "do", "the", "harbour", "minutes", "say"]),
        ("Did Harbour pay a dividend in Q2?", ["Did", "Harbour", "Q2"]),
        ("harbour's 10-K of 2023, by J&J", ["10-K", "2023", "J&J"]),
        ("", []),
    ],
)
def test_names_are_written_with_capitals_where_any_are(question: str, written: list[str]) -> None:
    assert capitalised(question) == written


def test_a_word_that_other_sources_use_too_names_none_surely() -> None:
    def share(stem: str, sources: Sequence[str]) -> float:
        return 0.1

    assert "notes/minutes.md" in NAMES.match("how many minutes does it take?")
    assert NAMES.match("how many minutes does it take?", share) == {}
    whole = NAMES.match("the north sea ferries company", share)
    assert whole["reports/NORTHSEAFERRIES_2022.pdf"] == 1.0  # its title stands there whole


@pytest.mark.parametrize(
    ("text", "years", "quarters"),
    [
        ("FY2023", {2023}, set()),
        ("2024Q2", {2024}, {2}),
        ("Q2 of FY2024 and 2023", {2023, 2024}, {2}),
        ("3Q 1999", {1999}, {3}),
        ("the fourth quarter", set(), {4}),
        ("order 120231, FAQ1, Q12", set(), set()),
    ],
)
def test_periods(text: str, years: set[int], quarters: set[int]) -> None:
    assert Periods.of(text) == Periods(frozenset(years), frozenset(quarters))


def test_without_sources_nothing_is_named() -> None:
    assert SourceNames([]).match("Harbour") == {}


def test_names_kept_up_by_differences_are_those_made_anew() -> None:
    before = [("/a/Harbour_2022.pdf", "Harbour: Annual Report 2022"), ("/b.md", "Weir"), ("/c.md", "The Old Mill")]
    after = [("/b.md", "Weir of Anders"), ("/c.md", "The Old Mill"), ("/d/quarry.pdf", "Quarry Inc.")]
    kept, anew = SourceNames(before).updated(after), SourceNames(after)
    for text in ("What did Harbour earn in 2022?", "Is the Old Mill near Quarry?", "the Weir of Anders", "Weir"):
        assert kept.match(text) == anew.match(text)
        assert kept.mentioned(text) == anew.mentioned(text)
    assert (kept._with, kept._called) == (anew._with, anew._called)
    assert kept.updated(after) is kept
    assert SourceNames(before).match("What did Harbour earn?").keys() == {"/a/Harbour_2022.pdf"}
