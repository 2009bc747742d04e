"""Rows and columns of a table's grid joined where neither lines nor words divide them."""

from __future__ import annotations

import pytest

from ingest.parsers.pdf.grid import columns_joined, continuations_joined, rows_joined, without_empty
from ingest.parsers.pdf.rules import Rules
from ingest.parsers.pdf.words import Words
from tests.ingest.table_pages import said, table, words_of


def test_rows_and_columns_without_text_are_left_out() -> None:
    kept = without_empty(table(("Plant", "", "MWh"), ("", "", ""), ("Weir", "", "9")))
    assert kept.grid == (("Plant", "MWh"), ("Weir", "9"))
    assert kept.cells[1][1] == (200, 40, 300, 60)


def across(*heights: float) -> Rules:
    return Rules(across=tuple((height, 0, 200) for height in heights))


def test_rows_without_a_line_between_them_are_one_where_other_rows_have_one() -> None:
    """Lines at 20 and 40, none at 60: "Herbs" belongs to "Tea,"."""
    box = table(("Goods", "Share"), ("Coffee", "0.2"), ("Tea,", "0.3"), ("Herbs", ""))
    joined = rows_joined(box, Words(words_of(box)), across(20, 40))
    assert joined.grid == (("Goods", "Share"), ("Coffee", "0.2"), ("Tea, Herbs", "0.3"))
    assert joined.cells[2] == ((0, 40, 100, 80), (100, 40, 200, 80))


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ((("Goods", "Share"), ("Coffee", "0.2"), ("Tea", "0.3"), ("Herbs", "")), (20,)),
        ((("Goods", "Share"), ("Coffee", "0.2"), ("Tea", "0.3"), ("Herbs", "0.1")), (20, 40)),
        ((("Goods", "Share"), ("Coffee", "0.2"), ("Drinks", ""), ("Tea", "0.3")), (20, 40)),
    ],
    ids=["most rows have no line", "both rows are full", "a label above its rows"],
)
def test_rows_stay_apart(rows: tuple[tuple[str, ...], ...], lines: tuple[float, ...]) -> None:
    box = table(*rows)
    assert rows_joined(box, Words(words_of(box)), across(*lines)) == box


def test_a_text_in_the_middle_of_two_rows_does_not_hide_the_line_between_them() -> None:
    """ "both" stands at the height 40, on the line that divides the other columns."""
    box = table(("Year", "Title", "Role"), ("2011", "Weir", "both"), ("2014", "Ridge", ""))
    words = words_of(table(("Year", "Title", "Role"), ("2011", "Weir", ""), ("2014", "Ridge", "")))
    rules = Rules(across=((20, 0, 300), (40, 0, 200)))
    assert rows_joined(box, Words([*words, *said(202, 39, "both")]), rules) == box


@pytest.mark.parametrize(
    ("rows", "joined"),
    [
        (
            (("Income a head", "Rises by 2 %"), ("in dollars", "or less")),
            ("Income a head in dollars", "Rises by 2 % or less"),
        ),
        ((("Cash provided by", ""), ("operations", "12")), ("Cash provided by operations", "12")),
        ((("Income a head", "Rises"), ("In dollars", "or less")), None),
        ((("Income", "5"), ("of which new", "or less")), None),
        ((("Cash:", ""), ("operations", "12")), None),
        ((("solar", "left"), ("wind", "right")), None),
    ],
    ids=["both go on", "a label goes on", "a new sentence", "below a value", "below a colon", "all in small letters"],
)
def test_a_row_that_goes_on_in_the_next(rows: tuple[tuple[str, str], ...], joined: tuple[str, str] | None) -> None:
    box = table(("Variable", "Assumption"), *rows)
    found = continuations_joined(box, Words(words_of(box)), Rules())
    assert found.grid[1:] == (rows if joined is None else (joined,))


def test_items_in_small_letters_below_a_label_stay_rows() -> None:
    box = table(("Part", "Price"), ("Pumps", ""), ("small", "1"), ("large", "2"))
    assert continuations_joined(box, Words(words_of(box)), Rules()) == box


DOWN = Rules(down=((100, 0, 60), (200, 0, 60)))  # between the first three of four columns


def test_columns_without_a_line_between_them_are_one_where_other_columns_have_one() -> None:
    box = table(("Plant", "MWh", "Total", "EUR"), ("Weir", "9", "5", ""), ("Ridge", "8", "4", ""))
    joined = columns_joined(box, Words(words_of(box)), DOWN)
    assert joined.grid == (("Plant", "MWh", "Total EUR"), ("Weir", "9", "5"), ("Ridge", "8", "4"))
    assert joined.cells[0][2] == (200, 0, 400, 20)


def test_columns_that_a_row_fills_both_stay_apart() -> None:
    box = table(("Plant", "MWh", "Total", "EUR"), ("Weir", "9", "5", "7"), ("Ridge", "8", "4", ""))
    assert columns_joined(box, Words(words_of(box)), DOWN) == box


def test_a_joined_cell_of_two_lines_is_read_line_by_line() -> None:
    box = table(("Plant", "MWh", "Sum of", "costs in EUR"), ("Weir", "9", "5", ""), ("Ridge", "8", "4", ""))
    words = [*said(202, 5, "Sum of all"), *said(302, 5, "costs"), *said(202, 14, "in"), *said(302, 14, "EUR")]
    words += [word for word in words_of(box) if word[3] > 20 or word[2] < 200]
    assert columns_joined(box, Words(words), DOWN).grid[0][2] == "Sum of all costs in EUR"
