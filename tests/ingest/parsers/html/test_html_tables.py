from __future__ import annotations

import time

import pytest
from web_page import all_text, parse

from records import Document, Table


def tables(document: Document) -> list[Table]:
    return [element.table for element in document.elements if element.table]


def table(html: str) -> Table:
    found = tables(parse(html))
    assert len(found) == 1
    return found[0]


def test_spans_header_rows_and_caption() -> None:
    found = table("""<table><caption>Sales, <b>in</b> EUR</caption>
      <tr><th rowspan=2>Region</th><th colspan=2>Sales</th></tr>
      <tr><th>2023</th><th>2024</th></tr>
      <tr><td>North</td><td rowspan="2">5,079<sup>1</sup></td><td>7</td></tr>
      <tr><td>South<br>West</td><td>8</td></tr></table>""")
    assert found.grid() == [
        ["Region", "Sales", "Sales"],
        ["Region", "2023", "2024"],
        ["North", "5,079¹", "7"],
        ["South\nWest", "5,079¹", "8"],
    ]
    assert found.header_rows == 2
    assert found.column_names() == ["Region", "Sales 2023", "Sales 2024"]
    assert found.caption == "Sales, in EUR"
    spanning = next(cell for cell in found.cells if cell.text == "Sales")
    assert (spanning.row, spanning.col, spanning.rowspan, spanning.colspan) == (0, 1, 1, 2)


@pytest.mark.parametrize(
    ("rows", "header_rows"),
    [
        ("<thead><tr><td>a<td>b<tbody><tr><td>1<td>2", 1),
        ("<tr><th>a<th>b<tr><th scope=row>x<td>2", 1),
        ("<tr><th>x<td>1<tr><th>y<td>2", 0),  # names its rows
        ("<tr><td><b>a</b><td><b>b</b><tr><td>1<td>2", 1),
        ("<tr><td>1<td>2<tr><td>3<td>4", 0),
        ("<tr><th>a<th>b<tr><th>1<th>2<tr><th>3<th>4", 1),  # nothing but header cells
        ("<tr><td><th>a<tr><td>x<td>2", 1),  # an empty corner
        ("<tr><th>a<th>b<tr><th colspan=2>Part one<tr><td>1<td>2", 1),  # a title within
    ],
)
def test_header_rows(rows: str, header_rows: int) -> None:
    assert table(f"<table border=1>{rows}</table>").header_rows == header_rows


def test_a_title_row_is_a_caption() -> None:
    found = table("<table><caption>T<tr><th colspan=2>Climate<tr><th>Jan<th>Feb<tr><td>1<td>2</table>")
    assert (found.caption, found.grid()) == ("T: Climate", [["Jan", "Feb"], ["1", "2"]])


def test_what_shows_nothing_is_closed_up() -> None:
    found = table("""<table><tr><th colspan=2>Party</th><th>Votes</th></tr>
      <tr><td bgcolor=red></td><td>Labour</td><td>10</td></tr>
      <tr><td></td><td></td><td></td></tr>
      <tr><td bgcolor=blue></td><td>Liberal</td><td>9</td></tr></table>""")
    assert found.grid() == [["Party", "Votes"], ["Labour", "10"], ["Liberal", "9"]]


def test_two_cells_that_meet_on_a_line_keep_it() -> None:
    found = table("""<table><tr><th>PM</th><th>King</th></tr>
      <tr><td rowspan=2>Leng</td><td>First</td></tr><tr><td rowspan=2>Second</td></tr><tr><td>Penn</td></tr></table>""")
    assert found.grid() == [["PM", "King"], ["Leng", "First"], ["Leng", "Second"], ["Penn", "Second"]]


def test_spans_end_with_the_table_and_do_not_overlap() -> None:
    found = table("""<table><tr><td rowspan=1000000000>a</td><td>b</td><td rowspan=2>c</td></tr>
      <tr><td colspan=1000000000>d</td></tr><tr><td colspan="0">e</td><td>f</td></tr></table>""")
    assert found.grid() == [["a", "b", "c"], ["a", "d", "c"], ["a", "e", "f"]]
    covered = [
        (row, col)
        for cell in found.cells
        for row in range(cell.row, cell.row + cell.rowspan)
        for col in range(cell.col, cell.col + cell.colspan)
    ]
    assert len(covered) == len(set(covered))
    assert max(covered) == (found.n_rows - 1, found.n_cols - 1)


def test_spans_end_with_their_row_group_and_zero_reaches_to_its_end() -> None:
    found = table("""<table><tbody><tr><td rowspan=9>a</td><td>1</td></tr><tr><td>2</td></tr></tbody>
      <tbody><tr><td rowspan=0>b</td><td>3</td></tr><tr><td>4</td></tr></tbody></table>""")
    assert found.grid() == [["a", "1"], ["a", "2"], ["b", "3"], ["b", "4"]]


@pytest.mark.parametrize(
    "html",
    [
        "<table>" + "<tr><td colspan=1000 rowspan=65534>x<td>y" * 4_000 + "</table>",
        "<table><tr>" + "<td>x" * 1_500 + "<tr><td>x" * 1_500 + "</table>",
    ],
)
def test_a_billion_cells_are_read_as_text(html: str) -> None:
    start = time.monotonic()
    document = parse(html)
    assert tables(document) == []
    assert all_text(document).count("x") == html.count(">x")
    assert time.monotonic() - start < 60


@pytest.mark.parametrize(
    "html",
    [
        "<table role=presentation><tr><td>KEEP<td>b<tr><td>c<td>d</table>",
        "<table><tr><td>KEEP</table>",
        "<table><tr><td>KEEP<td>side by side</table>",
        "<table><tr><td><h2>Menu</h2>x<td><h1>KEEP</h1><p>text<tr><td>foot<td>note</table>",
        "<table><tr><td>left<td>KEEP <p>one<p>two<p>three<p>four<p>five<tr><td>x<td>y</table>",
    ],
)
def test_layout_tables_are_text(html: str) -> None:
    document = parse(html)
    assert tables(document) == []
    assert all_text(document).count("KEEP") == 1


def test_a_table_in_a_layout_table_is_a_table() -> None:
    document = parse("""<table><tr><td>Left<td>Right: <table><tr><th>a<th>b<tr><td>1<td>2</table> after</table>""")
    assert [found.grid() for found in tables(document)] == [[["a", "b"], ["1", "2"]]]
    assert [e.text for e in document.elements if e.kind == "text"] == ["Left", "Right:", "after"]


def test_a_table_in_a_cell_follows_the_one_around_it_and_its_text_stands_once() -> None:
    document = parse("""<table><tr><th>Name<th>Detail<tr><td>x<td>see <table role=none><tr><td>flat</table>
      <table><tr><th>IN-A<th>IN-B<tr><td>1<td>2</table><tr><td>y<td>z</table>""")
    outer, inner = tables(document)
    assert outer.grid() == [["Name", "Detail"], ["x", "see\nflat"], ["y", "z"]]
    assert inner.grid() == [["IN-A", "IN-B"], ["1", "2"]]
    assert all_text(document).count("IN-A") == 1


def test_text_between_cells_is_not_lost() -> None:
    document = parse("<table>STRAY<tr><th>a<th>b</tr>MORE<tr><td>1<td>2</table>")
    assert tables(document)[0].grid() == [["a", "b"], ["1", "2"]]
    text = all_text(document)
    assert (text.count("STRAY"), text.count("MORE")) == (1, 1)


def test_icons_speak_where_a_cell_would_be_empty() -> None:
    found = table("""<table><tr><th>OS<th>Free<th>Maker<tr><td>Linux
      <td><img width=16 src=t.png alt=Yes><td><img width=20 src=f.png alt=Finland> many
      <tr><td>Other<td><img width=16 src=c.png alt=cross.png><td>x</table>""")
    assert found.grid()[1:] == [["Linux", "Yes", "many"], ["Other", "", "x"]]
