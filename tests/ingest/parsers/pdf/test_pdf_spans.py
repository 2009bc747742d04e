"""Cells over several columns or rows, found by lines below names, by centred texts and by edges through words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.parsers.pdf.cells import MergedCell
from ingest.parsers.pdf.rules import Rules
from ingest.parsers.pdf.spans import merged_cells
from ingest.parsers.pdf.words import Words
from tests.ingest.table_pages import said, table, words_of


def test_a_name_cut_by_a_cell_edge_is_one_cell() -> None:
    """ "13 Weeks Ended" runs from 160 to 221, over the edge at 200."""
    one = table(("Line", "13 Week", "s Ended"), ("", "2024", "2025"), ("Wind", "1", "2"))
    words = [*said(2, 10, "Line"), *said(160, 10, "13 Weeks Ended"), *words_of(table(("", "", ""), *one.grid[1:]))]
    assert merged_cells(one, Words(words), Rules(), 2) == {(0, 1): MergedCell(3, "13 Weeks Ended")}


HEADER = table(("", "Energy", "", "Costs", ""), ("Plant", "2024", "2025", "2024", "2025"), ("Weir", "1", "2", "3", "4"))


@pytest.mark.parametrize(
    ("pieces", "spans"),
    [
        (((102, 250), (302, 450)), {1: 3, 3: 5}),
        (((102, 120), (202, 220)), {}),
        (((0, 500),), {}),
    ],
    ids=["over two columns each", "over one column each", "over the whole table"],
)
def test_a_line_below_a_name_shows_its_columns(pieces: tuple[tuple[float, float], ...], spans: dict[int, int]) -> None:
    """Years stand at 102-122, 202-222, ...; "Energy" (162-192) and "Costs" (363-388) in the middle of their lines."""
    words = [*said(162, 10, "Energy"), *said(363, 10, "Costs"), *words_of(table(("",) * 5, *HEADER.grid[1:]))]
    rules = Rules(across=tuple((20, start, end) for start, end in pieces))
    found = merged_cells(HEADER, Words(words), rules, 2)
    assert {col: cell.end for (_, col), cell in found.items()} == spans
    assert all(cell.drawn for cell in found.values())


def test_a_line_in_pieces_is_as_wide_as_its_name_is_in_the_middle_of_it() -> None:
    """Pieces of 95 points for four columns, 5 apart: "Energy" stands in the middle of the last three (202-500), at 351."""
    box = table(("", "", "Energy", "", ""), ("Plant", "All", "2023", "2024", "2025"), ("Weir", "6", "1", "2", "3"))
    words = [*said(336, 10, "Energy"), *words_of(table(("",) * 5, *box.grid[1:]))]
    rules = Rules(across=tuple((20, 102 + 100 * n, 200 + 100 * n) for n in range(4)))
    assert merged_cells(box, Words(words), rules, 2) == {(0, 2): MergedCell(5, "Energy", drawn=True)}


@pytest.mark.parametrize(("x", "start"), [(140, 1), (90, 0)], ids=["over the values", "over the table"])
def test_a_centred_text_alone_in_its_row_spans_what_it_is_in_the_middle_of(x: float, start: int) -> None:
    """The text is 120 wide and its middle at ``x`` + 60: 200 is that of the columns from 100 to 300, 150 of 0 to 300."""
    text = "Estimates-and-projection"
    box = table(("Plant", "2024", "2025"), ("", "", ""), ("Weir", "1", "2"))
    words = Words([*said(x, 30, text), *words_of(box)])
    assert merged_cells(box, words, Rules(), 1) == {(1, start): MergedCell(3, text)}


RULED = Rules(
    across=((20, 0, 200), (40, 100, 200), (60, 100, 200), (80, 0, 200)),
    down=((100, 0, 100), (0, 0, 100), (200, 0, 100)),
)


def test_cells_in_no_order_have_no_middle() -> None:
    """Found by make fuzz: the last cell ends where the first begins."""
    box = table(("", "", ""), ("Plant", "2024", "2025"))
    crossed = ((0.0, 0.0, 100.0, 20.0), (100.0, 0.0, 200.0, 20.0), (0.0, 0.0, 0.0, 20.0))
    box = replace(box, cells=(crossed, *box.cells[1:]))
    assert merged_cells(box, Words(said(80, 10, "Output of plants")), Rules(), 1) == {
        (0, 0): MergedCell(2, "Output of plants")
    }


def test_a_cell_over_rows_that_only_the_other_columns_divide() -> None:
    """Between 20 and 80 lines divide the second column alone."""
    box = table(("Plant", "Load"), ("", "low"), ("Weir", "middle"), ("", "high"), ("Ridge", "low"))
    assert merged_cells(box, Words(words_of(box)), RULED, 1) == {(1, 0): MergedCell(1, "Weir", rows=3)}


def test_cells_with_texts_of_their_own_stay_apart_without_a_line() -> None:
    box = table(("Plant", "Load"), ("Weir", "low"), ("Ridge", "middle"), ("Dam", "high"), ("Lock", "low"))
    assert merged_cells(box, Words(words_of(box)), RULED, 1) == {}


def test_a_text_that_the_edges_of_rows_cut_is_one_cell() -> None:
    """ "Weir" stands at the height 40, on the edge of two rows, which gave the grid halves of its letters."""
    box = table(("Plant", "Load"), ("We", "low"), ("ir", "middle"), ("", "high"), ("Ridge", "low"))
    loads = table(("Plant", "Load"), ("", "low"), ("", "middle"), ("", "high"), ("Ridge", "low"))
    words = Words([*said(2, 40, "Weir"), *words_of(loads)])
    assert merged_cells(box, words, RULED, 1) == {(1, 0): MergedCell(1, "Weir", rows=3)}
