"""Workbooks built by openpyxl, and tables as text."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from office_files import read, saved, tables, texts, with_part
from openpyxl.chart import BarChart, Reference, ScatterChart, Series
from openpyxl.drawing.image import Image
from web_page import MemoryAssets, png

from errors import ParseError
from ingest.parsers.sheets import delimited, xlsx
from ingest.parsers.sheets.delimited import delimiter_of
from ingest.parsers.sheets.number_format import shown
from records import Chunk, Element
from text.cell_address import address, cell_box, column_letters, place


def workbook(cells: dict[str, Any], title: str = "Budget") -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.active.title = title
    for where, value in cells.items():
        book.active[where] = value
    return book


def addresses(element: Element) -> dict[str, str]:
    assert element.table is not None
    return {address(cell.bbox): cell.text for cell in element.table.cells if cell.bbox}


COSTS = {
    "A3": "Item",
    "B3": 2025,
    "C3": 2026,
    "A4": "Rent",
    "B4": 1200,
    "C4": 1300.5,
    "A5": "Power",
    "B5": 90,
    "C5": 0.25,
}


def test_two_tables_of_a_sheet_are_apart_with_the_address_of_each_cell() -> None:
    book = workbook({"A1": "Costs by year", **COSTS, "E3": "Who", "F3": "Since", "E4": "Kim", "F4": date(2026, 3, 4)})
    for where in ("B4", "C4"):
        book.active[where].number_format = "#,##0.00 [$€-407]"
    book.active["C5"].number_format = "0%"
    book.active["F4"].number_format = "d mmm yyyy"
    document = read(saved(book), "plan.xlsx")
    left, right = tables(document)
    assert (document.unit, document.pages, left.section, left.page) == ("sheet", 1, ("Budget",), 1)
    assert left.caption == "Costs by year"
    assert "Costs by year" not in texts(document)
    assert left.table is not None and right.table is not None
    assert left.table.grid() == [["Item", "2025", "2026"], ["Rent", "1,200.00 €", "1,300.50 €"], ["Power", "90", "25%"]]
    assert (left.table.header_rows, right.table.header_rows) == (1, 1)  # years may name columns
    assert addresses(right) == {"E3": "Who", "F3": "Since", "E4": "Kim", "F4": "4 Mar 2026"}
    assert left.bbox is not None and address(left.bbox) == "A3:C5"


def test_merged_headers_reach_over_their_columns() -> None:
    book = workbook({"A1": "Region", "B1": "Sales", "B2": "Q1", "C2": "Q2", "A3": "North", "B3": 1, "C3": 2})
    book.active.merge_cells("B1:C1")
    book.active.merge_cells("A1:A2")
    (found,) = tables(read(saved(book), "x.xlsx"))
    assert found.table is not None
    assert found.table.header_rows == 2
    assert found.table.column_names() == ["Region", "Sales Q1", "Sales Q2"]


def test_numbers_beside_or_below_an_empty_line_belong_to_the_table() -> None:
    cells = {"A1": "Item", "B1": "Planned", "D1": 2026, "A2": "Rent", "B2": 1, "D2": 2, "A3": "Power", "B3": 3, "D3": 4}
    (found,) = tables(read(saved(workbook({**cells, "A5": "Total", "B5": 4, "D5": 6})), "x.xlsx"))
    assert found.bbox is not None
    assert address(found.bbox) == "A1:D5"


def test_a_formula_counts_by_its_value_and_without_one_is_said() -> None:
    book = workbook({"A1": "Sum", "B1": "=1+1"})
    document = read(saved(book), "x.xlsx")
    assert texts(document) == "Sum"
    assert [loss.what for loss in document.losses] == ["1 formulas of the sheet Budget"]


def test_each_sheet_is_a_page_hidden_ones_are_read_and_said_notes_have_their_cell() -> None:
    book = workbook({"A1": "first words"})
    second = book.create_sheet("Old figures")
    second.append(["a", "b"])
    second.append([1, 2])
    second.sheet_state = "hidden"
    second["B2"].comment = openpyxl.comments.Comment("doubtful", "Kim")
    document = read(saved(book), "x.xlsx")
    assert [(one.page, one.section) for one in document.elements] == [
        (1, ("Budget",)),
        (2, ("Old figures",)),
        (2, ("Old figures",)),
    ]
    assert "Comment on B2: doubtful" in texts(document)
    assert [loss.what for loss in document.losses] == ["sheet Old figures"]


def test_what_is_beyond_the_limits_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_ROWS", 3)
    book = workbook({f"{letter}{row}": row for row in range(1, 6) for letter in "AB"})
    document = read(saved(book), "x.xlsx")
    (found,) = tables(document)
    assert found.table is not None
    assert found.table.n_rows == 3
    assert "at most 3 of a sheet" in document.losses[0].why
    monkeypatch.setattr(delimited, "MAX_ROWS", 3)
    assert "first 3 rows" in read(b"a,b\n1,2\n3,4\n5,6\n", "x.csv").losses[0].why


def test_an_empty_workbook_is_refused() -> None:
    with pytest.raises(ParseError, match=r"x\.xlsx has no cell with a value"):
        read(saved(openpyxl.Workbook()), "x.xlsx")


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("town;share\nA;3,7\nB;1,1\n", ";"),
        ("a\tb, c\n1\t2\n", "\t"),
        ('name|note\nx|"a, b, c"\n', "|"),
        ("just words, once\nand a line without\n", ","),
    ],
)
def test_the_delimiter_is_what_the_lines_agree_on(text: str, delimiter: str) -> None:
    assert delimiter_of(text, ",") == delimiter


def test_a_csv_file_is_a_table_whose_quoted_cells_may_hold_lines() -> None:
    document = read('sep=;\nTown;Share\n"New\nTown";3,7\n'.encode("utf-8-sig"), "towns.csv")
    (found,) = tables(document)
    assert found.table is not None
    assert found.table.grid() == [["Town", "Share"], ["New Town", "3,7"]]
    assert (document.kind, document.title, found.table.header_rows) == ("csv", "towns", 1)


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (1234.5, "General", "1234.5"),
        (0.1 + 0.2, "General", "0.3"),
        (1234.5, "#,##0.00", "1,234.50"),
        (-1234.5, "#,##0;[Red](#,##0)", "(1,235)"),
        (0.1234, "0.0%", "12.3%"),
        (1_234_567, '#,##0.0,,"M"', "1.2M"),
        (0.00012345, "0.00E+00", "1.23E-04"),
        (0, '_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)', "-"),
        (2500, '[>=1000]#,##0,"K";0', "3K"),
        (7, "000", "007"),
        (0.5, "# ?/?", "0.5"),  # fractions are shown as the number
        (5, ";;;", "5"),  # hidden
        (True, "0", "TRUE"),
        (datetime(2026, 3, 4, 15, 7), "yyyy-mm-dd hh:mm", "2026-03-04 15:07"),
        (datetime(2026, 3, 4, 15, 7), "d mmm yy h:mm AM/PM", "4 Mar 26 3:07 PM"),
        (datetime(2026, 3, 4), "[$-409]mmmm d, yyyy;@", "March 4, 2026"),
        (timedelta(hours=30, minutes=5), "[h]:mm:ss", "30:05:00"),
    ],
)
def test_values_are_shown_as_their_format_has_it(value: Any, number_format: str, text: str) -> None:
    assert shown(value, number_format) == text


def test_places() -> None:
    assert [column_letters(col) for col in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    chunk = Chunk(
        id="1", source="x.xlsx", kind="table", text="", section=("Budget",), unit="sheet", bbox=cell_box(2, 0, 3, 3)
    )
    assert place(chunk) == "Budget!A3:C5"
    assert place(chunk, cell_box(13, 2)) == "Budget!C14"
    assert place(Chunk(id="1", source="x", kind="text", text="", section=("Q 1",), unit="sheet")) == "'Q 1'"
    assert place(Chunk(id="1", source="x", kind="text", text="", page=4, unit="slide")) == "slide 4"
    assert place(Chunk(id="1", source="x", kind="text", text="", page=4)) == ""


def test_charts_are_tables_of_the_cells_that_they_refer_to_and_pictures_are_kept() -> None:
    book = workbook({where: value for where, value in COSTS.items() if where != "C5"})
    sheet = book.active
    bars = BarChart()
    bars.title = "Costs of the quay"
    bars.add_data(Reference(sheet, min_col=2, max_col=3, min_row=3, max_row=5), titles_from_data=True)
    bars.set_categories(Reference(sheet, min_col=1, min_row=4, max_row=5))
    sheet.add_chart(bars, "F3")
    other = book.create_sheet("Trials")
    dots = ScatterChart()
    across, along = (Reference(sheet, min_col=col, min_row=4, max_row=5) for col in (2, 3))
    dots.series.append(Series(along, across, title="Trial"))
    other.add_chart(dots, "A1")
    sheet.add_image(Image(io.BytesIO(png(200, 100))), "B9")
    data = with_part(saved(book), "xl/drawings/drawing1.xml", changes={'descr="Picture"': 'descr="A red quay"'})
    assets = MemoryAssets()
    document = read(data, "plan.xlsx", assets=assets)
    cells, chart, points = tables(document)
    assert cells.table is not None and chart.table is not None and points.table is not None
    assert chart.caption == "Chart: Costs of the quay"
    assert chart.table.grid() == [["", "2025", "2026"], ["Rent", "1200", "1300.5"], ["Power", "90", ""]]
    assert chart.table.header_rows == 1
    assert (chart.page, chart.section, address(chart.bbox or ())[:3]) == (1, ("Budget",), "F3")  # type: ignore[arg-type]
    assert points.table.grid() == [["Series", "x", "y"], ["Trial", "1200", "1300.5"], ["Trial", "90", ""]]
    assert (points.page, points.section) == (2, ("Trials",))
    (picture,) = [one for one in document.elements if one.picture]
    assert picture.picture is not None
    assert (picture.picture.alt, picture.picture.width, picture.page) == ("A red quay", 200, 1)
    assert address(picture.bbox or ()).startswith("B9")  # type: ignore[arg-type]
