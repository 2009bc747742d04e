"""Cells as numbers, dates and words; columns as what they hold."""

from __future__ import annotations

import pytest
from fakes import table

from text.sheet import Sheet
from text.values import date_of, family, number_of, plain, spoken_number, tokens


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1,112 points", 1112),
        ("2nd", 2),
        ("#4", 4),
        ("$18,000.00", 18000),
        ("5:11.58", 311.58),  # 5 * 60 + 11.58
        ("1:54:20", 6860),  # 3600 + 54 * 60 + 20
        ("−19 (65-67)", -19),
        ("4.434.682", 4434682),
        ("12[3]", 12),
        ("2–1", None),
        ("4 May", None),
        ("Cessna 208", None),
        ("ST-160", None),  # a code
        ("USD 160", 160),
        ("-160", -160),
        ("DNF", None),
    ],
)
def test_numbers(cell: str, number: float | None) -> None:
    assert number_of(cell) == number


@pytest.mark.parametrize(
    ("word", "number"), [("three", 3), ("15,000", 15000), ("2.5", 2.5), ("3rd", None), ("b2", None), ("1.2.3", None)]
)
def test_numbers_in_sentences(word: str, number: float | None) -> None:
    assert spoken_number(word) == number


@pytest.mark.parametrize(
    ("cell", "date"),
    [
        ("4 May 1999", (1999, 5, 4)),
        ("May 4, 1999", (1999, 5, 4)),
        ("1999-05-04", (1999, 5, 4)),
        ("1998–99", (1998, 0, 0)),
        ("4 May", (0, 5, 4)),
        ("1,998", None),
        ("PX-1998", None),
        ("FY-1998", (1998, 0, 0)),
        ("May-05", (0, 5, 5)),
        ("In 1998 it was sold to a bank", None),
    ],
)
def test_dates(cell: str, date: tuple[int, int, int] | None) -> None:
    assert date_of(cell) == date


def test_words_of_one_family() -> None:
    assert len({family(word) for word in ("win", "wins", "won", "winner", "winning")}) == 1
    assert len({family(word) for word in ("drive", "driver", "drove", "drives")}) == 1
    assert tokens("12,500 people") == ("12500", "person")
    assert (plain("Spain[2]"), plain("—"), plain("n/a")) == ("Spain", "", "")


def test_columns() -> None:
    sheet = Sheet(
        table(
            ("", "Year", "Driver", "Team", "Votes"),
            ("1", "1999", "Ann Lee", "Lotus", "1,999"),
            ("2", "2000", "Bo Ray", "Lotus", "950"),
            ("3", "2001", "Cy Fox", "BRM", "n/a"),
            ("Total", "", "", "", "2,949"),
        )
    )
    assert sheet.rows == (1, 2, 3)
    assert (sheet.dates, sheet.numeric, sheet.persons, sheet.key) == ({1}, {4}, {2}, 2)
    assert (sheet.label(2), sheet.order(1)) == ("Bo Ray", 1)


def test_names_of_columns_that_are_not_marked() -> None:
    assert Sheet(table(("Player", "Goals"), ("Ann", "3"), ("Bo", "4"), header_rows=0)).rows == (1, 2)
    assert Sheet(table(("Ann", "3"), ("Bo", "4"), header_rows=0)).rows == (0, 1)
