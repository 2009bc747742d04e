"""A table as passages: rows stay whole, headers are repeated, nothing is lost."""

from __future__ import annotations

from fakes import count_words, table
from hypothesis import given
from hypothesis import strategies as st

from ingest.chunk.passages import Passage
from ingest.chunk.table_passages import TablePart, table_parts
from records import Cell, Table
from text.tokens import words

PLANTS = table(("Plant", "MWh"), ("Weir", "9,310"), ("Ridge", "42,650"), ("Roofs", "4,040"))


def texts(parts: list[TablePart]) -> list[str]:
    return [part.passage.text for part in parts]


def test_a_short_table_is_one_part_below_its_caption() -> None:
    (part,) = table_parts(PLANTS, 50, count_words, Passage("Table 1. Output."))
    assert part.passage.text == "Table 1. Output.\nPlant | MWh\nWeir | 9,310\nRidge | 42,650\nRoofs | 4,040"
    assert (part.first_row, part.last_row) == (1, 4)


def test_a_long_table_is_split_by_rows_and_each_part_begins_with_the_header() -> None:
    """A row counts 5 tokens ("Weir | 9 , 310"), the header 3: two rows and the header fit into 13."""
    parts = table_parts(PLANTS, 13, count_words)
    assert texts(parts) == ["Plant | MWh\nWeir | 9,310\nRidge | 42,650", "Plant | MWh\nRoofs | 4,040"]
    assert [(part.first_row, part.last_row) for part in parts] == [(1, 3), (3, 4)]


def test_a_cell_over_several_rows_is_said_in_each_and_one_over_columns_once() -> None:
    spanned = Table(
        cells=(
            Cell(row=0, col=0, text="2025", colspan=2),
            Cell(row=1, col=0, text="Q1", rowspan=2),
            Cell(row=1, col=1, text="1"),
            Cell(row=2, col=1, text="2"),
        ),
        n_rows=3,
        n_cols=2,
    )
    assert texts(table_parts(spanned, 50, count_words)) == ["2025 | \nQ1 | 1\nQ1 | 2"]


def test_spans_point_at_the_cells() -> None:
    (part,) = table_parts(table(("a", "b"), ("cc", ""), ("d\n e", "ff"), boxes=True), 50, count_words)
    said = {span.bbox[:2]: part.passage.text[span.start : span.end] for span in part.passage.spans}
    assert said == {(0, 0): "a", (100, 0): "b", (0, 10): "cc", (0, 20): "d e", (100, 20): "ff"}


def test_a_caption_is_repeated_with_the_header() -> None:
    parts = table_parts(PLANTS, 17, count_words, Passage("Table 1."))
    assert [part.passage.text.splitlines()[:2] for part in parts] == [["Table 1.", "Plant | MWh"]] * 2


def test_a_caption_too_long_to_be_repeated_comes_first() -> None:
    parts = table_parts(PLANTS, 20, count_words, Passage("One two three four five six."))
    assert texts(parts)[0] == "One two three four five six."
    assert (parts[0].first_row, parts[0].last_row) == (0, 0)
    assert texts(parts)[1].startswith("Plant | MWh\n")


def test_a_wide_table_is_cut_by_columns_too_each_with_the_first() -> None:
    wide = table(("Plant", "one", "two", "three", "four"), ("Weir", "1", "2", "3", "4"))
    assert texts(table_parts(wide, 12, count_words)) == [
        "Plant | one | two\nWeir | 1 | 2",
        "Plant | three | four\nWeir | 3 | 4",
    ]


def test_a_header_longer_than_half_the_limit_stands_alone() -> None:
    long = table(("A very long header of many words", "B"), ("1", "2"))
    assert texts(table_parts(long, 10, count_words)) == ["A very long header of many words | B", "1 | 2"]


def test_a_table_of_headers_alone_is_said() -> None:
    assert texts(table_parts(table(("Plant", "MWh")), 20, count_words)) == ["Plant | MWh"]


def test_a_table_without_words_has_no_parts() -> None:
    assert table_parts(table(("", ""), ("", ""), header_rows=0), 20, count_words) == []


cells = st.text("ab .,1é", max_size=25)


@given(st.data(), st.integers(1, 5), st.integers(1, 5), st.integers(0, 2), st.integers(8, 40))
def test_every_word_of_every_table_is_in_a_part_and_every_part_fits(
    data: st.DataObject, n_rows: int, n_cols: int, header_rows: int, limit: int
) -> None:
    rows = [tuple(data.draw(cells) for _ in range(n_cols)) for _ in range(n_rows)]
    one = table(*rows, header_rows=min(header_rows, n_rows))
    caption = data.draw(cells)
    parts = table_parts(one, limit, count_words, Passage(caption))
    assert all(count_words(part.passage.text) <= limit for part in parts)
    said = {word for part in parts for word in words(part.passage.text)}
    assert {word for cell in one.cells for word in words(cell.text) if count_words(cell.text) <= 4} <= said
    letters = "".join(sorted(set("".join(texts(parts))) - set(" |\n")))
    assert letters == "".join(sorted(set("".join([caption, *(cell.text for cell in one.cells)])) - set(" |\n")))
    assert all(0 <= part.first_row <= part.last_row <= n_rows for part in parts)
