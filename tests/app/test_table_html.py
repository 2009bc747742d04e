"""Tables as HTML."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup

from app.tables import SHOWN_ROWS, cited_cells, table_html
from records import Cell, Table
from tests.app.makers import chunk

#        | Revenue      |
#  Line  | 2024 | 2025  |
#  Wind  |  10  |  12   |
#  Sun   |  12  |  14   |
TABLE = Table(
    n_rows=4, n_cols=3, header_rows=2, caption="Table 2. <b>Revenue</b>",
    cells=(
        Cell(row=0, col=1, text="Revenue", colspan=2),
        Cell(row=1, col=0, text="Line"), Cell(row=1, col=1, text="2024"), Cell(row=1, col=2, text="2025"),
        Cell(row=2, col=0, text="Wind", bbox=(0, 20, 10, 30)), Cell(row=2, col=1, text="10", bbox=(10, 20, 20, 30)),
        Cell(row=2, col=2, text="12", bbox=(20, 20, 30, 30)),
        Cell(row=3, col=0, text="Sun", bbox=(0, 30, 10, 40)), Cell(row=3, col=1, text="12", bbox=(10, 30, 20, 40)),
        Cell(row=3, col=2, text="14", bbox=(20, 30, 30, 40)),
    ),
)  # fmt: skip
PART = chunk(kind="table", first_row=2, last_row=4)


def test_headers_spans_and_caption() -> None:
    html = table_html(TABLE)
    assert "<b>" not in html
    rows = BeautifulSoup(html, "html.parser").find_all("tr")
    assert [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in rows] == [
        ["", "Revenue"],
        ["Line", "2024", "2025"],
        ["Wind", "10", "12"],
        ["Sun", "12", "14"],
    ]
    assert rows[0].find_all("th")[1]["colspan"] == "2"
    assert [len(row.find_all("th")) for row in rows] == [2, 3, 0, 0]


def test_cells_in_the_rectangle_and_in_the_quote_are_cited() -> None:
    everything = (0.0, 0.0, 30.0, 40.0)
    assert cited_cells(TABLE, PART, "Revenue 2025\nWind 12", everything) == {(2, 0), (2, 2)}


def test_without_rectangles_the_quote_decides() -> None:
    plain = Table(n_rows=4, n_cols=3, header_rows=2, cells=tuple(
        Cell(row=c.row, col=c.col, text=c.text, colspan=c.colspan) for c in TABLE.cells
    ))  # fmt: skip
    assert cited_cells(plain, PART, "Sun 12 14", None) == {(3, 0), (3, 1), (3, 2)}
    assert cited_cells(plain, PART, "Wind 10 12 Sun 12 14", None) == {(r, c) for r in (2, 3) for c in range(3)}


def test_a_number_within_a_number_is_not_cited() -> None:
    assert cited_cells(TABLE, PART, "Moon 1,412.5 and 120", None) == frozenset()


def test_rows_outside_the_chunk_are_not_cited() -> None:
    assert cited_cells(TABLE, chunk(kind="table", first_row=3, last_row=4), "Wind 10 12", None) == {(3, 1)}


def test_an_unquoted_rectangle_cites_all_in_it() -> None:
    assert cited_cells(TABLE, PART, "no word of it", (0.0, 20.0, 30.0, 30.0)) == {(2, 0), (2, 1), (2, 2)}


def test_cited_cells_are_marked() -> None:
    soup = BeautifulSoup(table_html(TABLE, frozenset({(2, 2)})), "html.parser")
    assert [cell.get_text() for cell in soup.select("td.cited")] == ["12"]
    assert soup.select_one("tr.cited-row").get_text() == "Wind1012"


def test_a_long_table_is_shown_around_what_is_cited() -> None:
    cells = (Cell(row=0, col=0, text="Head"), *(Cell(row=row, col=0, text=f"r{row}") for row in range(1, 1000)))
    table = Table(n_rows=1000, n_cols=1, header_rows=1, cells=cells)
    html = table_html(table, frozenset({(500, 0)}))
    assert html.count("<tr") == 1 + SHOWN_ROWS + 2
    above, below = (int(n) for n in re.findall(r"(\d+) more rows", html))
    assert above + below + SHOWN_ROWS == 999
    assert "<mark>r500</mark>" in html


def test_spans_of_a_broken_table_do_no_harm() -> None:
    cells = (Cell(row=0, col=0, text="<script>x</script>", rowspan=10**9, colspan=10**9), Cell(row=1, col=1, text="y"))
    soup = BeautifulSoup(table_html(Table(n_rows=2, n_cols=2, cells=cells)), "html.parser")
    assert not soup.find("script")
    assert [cell.get_text() for cell in soup.find_all("td")] == ["<script>x</script>"]
