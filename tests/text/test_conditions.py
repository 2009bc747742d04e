"""Filters of fields, dates in names, versions in names, sketches of texts."""

from __future__ import annotations

import doctest

import pytest

from errors import FilterError
from text import conditions, dates, summaries, version_words, versions, word_lists
from text.conditions import conditions_in, fulfils
from text.sketch import resemblance, sketch_of
from text.version_words import version_asked

FIELDS = {
    "date": ("2024-03-01",),
    "author": ("Jisoo Kim", "Ada Lee"),
    "version": ("2.10",),
    "price": ("9.5",),
    "title": ("The annual report",),
}


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ("", True),
        ("date>=2024", True),
        ("date>2024", False),  # it is in 2024
        ("date<=2024", True),
        ("date<2024-03", False),
        ("date=2024-03", True),
        ("date>=2024-03-02", False),
        ("author=kim", True),
        ("author=Ki", False),  # whole words
        ("author~Ki", True),
        ("author!=Kim", False),
        ("author!=Park", True),
        ("author=Park|lee", True),
        ('author="Ada Lee"', True),
        ('author="Kim Jisoo"', True),  # the words, in any order
        ("version>2.9", True),  # by parts: 10 is more than 9
        ("version=2.10", True),
        ("version<3", True),
        ("price>10", False),  # by value: 9.5 is less than 10
        ('date >= 2024 and title~"annual rep"', True),
        ("date>=2024, author=Park", False),
        ("colour=red", False),
        ("colour!=red", True),
    ],
)
def test_a_filter_holds(where: str, holds: bool) -> None:
    assert fulfils(FIELDS, conditions_in(where)) is holds


@pytest.mark.parametrize("where", ["date", "date>=", "2024", "=Kim", 'author="Kim', "author=|"])
def test_what_is_no_condition_is_named_with_the_way_out(where: str) -> None:
    with pytest.raises(FilterError, match=r"Write .*="):
        conditions_in(where)


@pytest.mark.parametrize(
    ("question", "which"),
    [
        ("What does the latest version say about fees?", "latest"),
        ("What did the previous edition say?", "previous"),
        ("in the original version", "first"),
        ("What changed between the two versions?", "all"),
        ("In version 2, how much is it?", "number"),
        ("How much does a berth cost?", ""),
    ],
)
def test_which_version_is_asked_of(question: str, which: str) -> None:
    assert version_asked(question).which == which


def test_a_sketch_tells_what_share_of_the_runs_of_words_is_the_same() -> None:
    one = [f"w{n}" for n in range(4_000)]
    other = one[:2_000] + [f"x{n}" for n in range(2_000)]  # half of each: a third of both together
    left, right = sketch_of([" ".join(one)]), sketch_of([" ".join(other)])
    assert resemblance(left, left) == 1
    assert 0.15 < resemblance(left, right) < 0.5
    assert resemblance(left, sketch_of([" ".join(f"y{n}" for n in range(900))])) < 0.1
    assert sketch_of(["too short"]) == "" and resemblance("", left) == 0


def test_examples_in_docstrings() -> None:
    for module in (conditions, dates, summaries, versions, version_words, word_lists):
        assert doctest.testmod(module).failed == 0
