"""Differences computed from cells."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import chunk, unseen

from chains.answering.extractive.compare import compare
from chains.verification.check import check
from records import Citation, Computation, Statement, SubAnswer, Turn, Value
from text.arithmetic import differences


def value(text: str, number: float, label: str = "Wind", column: str = "2024", **more: object) -> Value:
    return Value(label=label, column=column, text=text, number=number, place=("t", hash(label), hash(column)), **more)  # type: ignore[arg-type]


def parts(*values: Value) -> tuple[SubAnswer, ...]:
    return tuple(
        SubAnswer(question="?", statements=(Statement(text=one.text, citations=(n,)),), values=(one,))
        for n, one in enumerate(values, start=1)
    )


def said(question: str, *values: Value) -> str:
    found = compare(question, parts(*values))
    return found.text if found else ""


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (118, 624, (506, 428.8)),
        (200, 150, (-50, -25.0)),
        (-10, 5, (15, 150.0)),  # from a loss to a gain is up
        (0, 5, (5,)),
        (2345.9, 2634.3, (288.4, 12.3)),
    ],
)
def test_differences(first: float, second: float, expected: tuple[float, ...]) -> None:
    assert differences(first, second) == expected


def test_a_change_over_time_goes_from_the_earlier_to_the_later() -> None:
    early, late = value("1,200", 1200), value("900", 900, column="2025")
    expected = "Wind: from 1,200 (2024) to 900 (2025), down 300, or 25.0 %"
    assert said("How did it change from 2024 to 2025?", early, late) == expected
    found = compare("How did it change in 2025 compared with 2024?", parts(late, early))
    assert found is not None
    assert (found.text, found.citations) == (expected, (2, 1))
    assert found.computed == Computation(operation="change", cells=("1,200", "900"))


def test_of_two_things_the_higher_is_named() -> None:
    wind, sun = value("2.5", 2.5, unit=", in MW"), value("4.25", 4.25, label="Sun", unit=", in MW")
    assert (
        said("Which is higher?", wind, sun) == "Sun is higher: 4.25 against 2.5 for Wind, a difference of 1.75, in MW"
    )
    assert said("Is it more?", wind, replace(sun, text="2.5", number=2.5)) == "Wind and Sun: both 2.5, in MW"


def test_percentages_differ_by_points() -> None:
    rates = value("94.1 %", 94.1), value("97.3%", 97.3, column="2025")
    assert said("Did it rise?", *rates) == "Wind: from 94.1 % (2024) to 97.3% (2025), up 3.2 percentage points"


@pytest.mark.parametrize(
    ("question", "second"),
    [
        ("What was it in 2024 and 2025?", value("2", 2, column="2025")),  # nothing is compared
        ("Did it grow?", value("2 %", 2, column="2025")),  # a share and a number
        ("Did it grow?", value("2", 2, column="2025", unit=", in thousands")),
        ("Which is more?", value("2", 2, label="Sun", column="Price")),
        ("Did it grow?", value("1", 1)),  # the same cell
    ],
)
def test_what_cannot_be_compared_is_not(question: str, second: Value) -> None:
    assert said(question, value("1", 1), second) == ""


def test_of_several_cells_those_of_one_measure_are_compared() -> None:
    first, second = parts(value("3,720", 3720, column="2024 (MWh)"), value("4,040", 4040, column="2025 (MWh)"))
    second = replace(second, values=(*second.values, value("98", 98, column="Availability 2025")))
    found = compare("How much did it grow?", (first, second))
    assert found is not None
    assert found.computed == Computation(operation="change", cells=("3,720", "4,040"))
    both = replace(first, values=(*first.values, value("97", 97, column="Availability 2024")))
    assert compare("How much did it grow?", (both, second)) is None  # which measure is meant, is not known


def test_a_difference_is_checked_against_what_is_cited() -> None:
    found = compare("Did it grow?", parts(value("118", 118), value("624", 624, column="2025")))
    assert found is not None

    def checked(statement: Statement, first: str = "2024 118", second: str = "2025 624") -> bool:
        citations = tuple(Citation(n=n, chunk=chunk(text), quote=text) for n, text in ((1, first), (2, second)))
        return check(Turn(question="?", statements=(statement,), citations=citations), unseen).statements[0].checked

    assert checked(found)
    assert not checked(found, first="2024 119")  # a number that is not there
    assert not checked(replace(found, text=found.text.replace("506", "507")))  # a difference that is none
    assert not checked(replace(found, computed=None))  # numbers of no source and no comparison
