"""The layout model's grid becomes a table with header rows and spans."""

from __future__ import annotations

import pytest

from ingest.pdf_layout import LayoutBox
from ingest.pdf_tables import Word, header_rows, is_value, merged_cells, table_of


def box(*rows: tuple[str, ...]) -> LayoutBox:
    """A table box; the cell in row r and column c lies at (100c, 10r, 100c + 100, 10r + 10)."""
    cells = tuple(
        tuple((100.0 * c, 10.0 * r, 100.0 * c + 100, 10.0 * r + 10) for c in range(len(row)))
        for r, row in enumerate(rows)
    )
    return LayoutBox(kind="table", bbox=(0, 0, 100.0 * len(rows[0]), 10.0 * len(rows)), grid=rows, cells=cells)


@pytest.mark.parametrize("text", ["5,079", "(12.5)", "$ 3", "12 %", "-1", "–4.2*", "<0.05", "~3 km", "98.8%†", "1.2m"])
def test_values(text: str) -> None:
    assert is_value(text)


@pytest.mark.parametrize(
    "text", ["", "2024", "FY2024", "Q4 2024", "2019-20", "Weir", "Q1", "–", "n/a", "Note 3", "3 out of 4"]
)
def test_names(text: str) -> None:
    assert not is_value(text)


@pytest.mark.parametrize(
    ("grid", "count"),
    [
        ([["Plant", "MWh"], ["Weir", "9"]], 1),
        ([["", "Revenue", ""], ["Line", "2024", "2025"], ["Wind", "1", "2"]], 2),
        ([["Weir", "9"], ["Ridge", "8"]], 0),
        ([["1", "Weir"], ["2", "Ridge"]], 1),
        ([["Part", "Shelf"], ["Bearing", "left"]], 1),
        ([["Part", ""], ["Bearing", "left"]], 0),
        ([["only", "row"]], 0),
        ([["a", "b"]] * 6 + [["c", "1"]], 1),
        ([], 0),
    ],
)
def test_header_rows_end_before_the_first_value(grid: list[list[str]], count: int) -> None:
    assert header_rows(grid) == count


def test_cells_keep_their_rectangles() -> None:
    table = table_of(box(("Plant", "MWh"), ("Weir", "9,310")))
    assert table.grid() == [["Plant", "MWh"], ["Weir", "9,310"]]
    assert [cell.bbox for cell in table.cells][-1] == (100, 10, 200, 20)
    assert table.column_names() == ["Plant", "MWh"]


def test_rows_and_columns_without_text_are_left_out() -> None:
    table = table_of(box(("Plant", "", "MWh"), ("", "", ""), ("Weir", "", "9")))
    assert table.grid() == [["Plant", "MWh"], ["Weir", "9"]]
    assert (table.n_rows, table.n_cols) == (2, 2)
    assert table.cells[-1].bbox == (200, 20, 300, 30)


def test_a_short_row_is_filled_up() -> None:
    ragged = LayoutBox(kind="table", bbox=(0, 0, 1, 1), grid=(("a", "b"), ("c",)), cells=(((0, 0, 1, 1),) * 2,) * 2)
    assert table_of(ragged).grid() == [["a", "b"], ["c", ""]]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (("", "Revenue", "", "Costs", ""), ["", "Revenue 2024", "Revenue 2025", "Costs 2024", "Costs 2025"]),
        (("", "", "Revenue", "", "Costs"), ["", "Revenue 2024", "Revenue 2025", "Costs 2024", "Costs 2025"]),
        (("", "Revenue", "", "", ""), ["", "Revenue 2024", "Revenue 2025", "Revenue 2024", "Revenue 2025"]),
    ],
    ids=["names at the left", "names at the right", "one name"],
)
def test_a_name_over_several_columns_spans_them(header: tuple[str, ...], names: list[str]) -> None:
    table = table_of(box(header, ("", "2024", "2025", "2024", "2025"), ("Wind", "1", "2", "3", "4")))
    assert table.header_rows == 2
    assert table.column_names() == names


def test_a_name_cut_by_a_cell_edge_is_one_cell() -> None:
    """ "13 Week" | "s Ended": the word runs through the edge at 200."""
    one = box(("", "13 Week", "s Ended"), ("", "2024", "2025"), ("Revenue", "1", "2"))
    words: list[Word] = [(110, 2, 130, 8, "13"), (182, 2, 215, 8, "Weeks"), (217, 2, 250, 8, "Ended")]
    words += [(110, 12, 140, 18, "2024"), (199.5, 12, 220, 18, "2025")]
    merged = merged_cells(one, words)
    assert merged == {(0, 1): (3, "13 Weeks Ended")}
    table = table_of(one, merged)
    assert next((cell.text, cell.colspan) for cell in table.cells) == ("13 Weeks Ended", 2)
    assert table.column_names() == ["", "13 Weeks Ended 2024", "13 Weeks Ended 2025"]


def test_lines_over_the_whole_table_become_its_caption() -> None:
    """Two lines of running text that the grid cut into columns are read line by line, and are no header."""
    one = box(("Lis par", "t the ts."), ("Part", "Shelf"), ("Bearing", "3"))
    words: list[Word] = [(10, 1, 60, 4, "List"), (90, 1, 130, 4, "the"), (10, 5, 50, 9, "parts.")]
    table = table_of(one, merged_cells(one, words))
    assert table.caption == "List the parts."
    assert (table.grid(), table.header_rows) == ([["Part", "Shelf"], ["Bearing", "3"]], 1)
