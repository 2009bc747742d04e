"""The layout model's grid becomes a table with header rows and spans."""

from __future__ import annotations

import pytest

from ingest.parsers.pdf.cells import MergedCell
from ingest.parsers.pdf.layout import LayoutBox
from ingest.parsers.pdf.tables import header_rows, is_value, table_of


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


def test_merged_cells_span_columns_and_rows() -> None:
    """ "13 Weeks Ended" over two columns; "Wind", whose words the grid has in two rows, over both."""
    one = box(("", "13 Week", "s Ended"), ("", "2024", "2025"), ("Wi", "1", "2"), ("nd", "3", "4"))
    table = table_of(one, {(0, 1): MergedCell(3, "13 Weeks Ended"), (2, 0): MergedCell(1, "Wind", rows=2)})
    assert table.column_names() == ["", "13 Weeks Ended 2024", "13 Weeks Ended 2025"]
    assert [row[0] for row in table.grid()] == ["", "", "Wind", "Wind"]
    wind = next(cell for cell in table.cells if cell.text == "Wind")
    assert (wind.rowspan, wind.bbox) == (2, (0, 20, 100, 40))


def test_a_line_over_the_whole_table_becomes_its_caption() -> None:
    one = box(("List the", "parts."), ("Part", "Shelf"), ("Bearing", "3"))
    table = table_of(one, {(0, 0): MergedCell(2, "List the parts.")})
    assert table.caption == "List the parts."
    assert (table.grid(), table.header_rows) == ([["Part", "Shelf"], ["Bearing", "3"]], 1)


def test_names_beside_a_wide_one_are_as_high_as_it_and_its_columns() -> None:
    """ "Plant" stands in the lower row, "Long-" and "term" in both: each is one name of one column."""
    one = box(("", "Energy", "", "Long-"), ("Plant", "2024", "2025", "term"), ("Weir", "1", "2", "3"))
    table = table_of(one, {(0, 1): MergedCell(3, "Energy", drawn=True)})
    assert table.column_names() == ["Plant", "Energy 2024", "Energy 2025", "Long- term"]
    assert [(cell.text, cell.row, cell.rowspan, cell.bbox) for cell in table.cells if cell.rowspan > 1] == [
        ("Plant", 0, 2, (0, 10, 100, 20)),
        ("Long- term", 0, 2, (300, 0, 400, 20)),
    ]


def test_a_name_with_a_line_below_it_spreads_no_further() -> None:
    one = box(("", "", "Energy", ""), ("Plant", "Total", "2024", "2025"), ("Weir", "3", "1", "2"))
    table = table_of(one, {(0, 2): MergedCell(4, "Energy", drawn=True)})
    assert table.column_names() == ["Plant", "Total", "Energy 2024", "Energy 2025"]


@pytest.mark.parametrize(("numbers", "heads"), [(("1", "2", "3"), 2), (("1", "2", "4"), 1)])
def test_numbers_that_count_on_below_a_wide_name_are_names(numbers: tuple[str, ...], heads: int) -> None:
    one = box(("", "Years ahead", "", ""), ("Plant", *numbers), ("Weir", "9", "8", "7"))
    assert table_of(one, {(0, 1): MergedCell(4, "Years ahead", drawn=True)}).header_rows == heads


@pytest.mark.parametrize(("label", "heads"), [("Assets", 1), ("(in millions of euros)", 2)])
def test_a_label_of_the_rows_below_is_no_header(label: str, heads: int) -> None:
    assert table_of(box(("", "Weir", "Ridge"), (label, "", ""), ("Cash", "1", "2"))).header_rows == heads
