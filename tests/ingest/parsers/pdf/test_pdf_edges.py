"""Header rows cut in two, and notes taken out of a table's last rows."""

from __future__ import annotations

from ingest.parsers.pdf.edges import rows_cut, without_notes
from ingest.parsers.pdf.rules import Rules
from ingest.parsers.pdf.words import Words
from tests.ingest.table_pages import said, table, words_of


def test_a_header_row_is_cut_below_a_name_over_two_columns() -> None:
    """ "Energy" ends at 215, over the edge at 200, in the middle (201) of "2024" (102-122) and "2025" (280-300)."""
    box = table(("Plant", "En 2024", "ergy 2025"), ("Weir", "1", "2"))
    words = [*said(2, 5, "Plant"), *said(186, 5, "Energy"), *said(102, 15, "2024"), *said(280, 15, "2025")]
    cut = rows_cut(box, Words(words + words_of(table(("", "", ""), ("Weir", "1", "2")))), Rules())
    assert cut.grid == (("Plant", "", "Energy"), ("", "2024", "2025"), ("Weir", "1", "2"))
    assert (cut.cells[0][0], cut.cells[1][0]) == ((0, 0, 100, 10), (0, 10, 100, 20))


def test_a_long_word_over_the_next_column_is_no_name_of_both() -> None:
    """ "Commercialisation" ends at 217, but its middle (159.5) is that of its own column's "costs" (147-172)."""
    box = table(("Plant", "Commercialisati costs", "on 2025"), ("Weir", "1", "2"))
    words = [*said(2, 6, "Plant"), *said(132, 5, "Commercialisation"), *said(147, 15, "costs"), *said(270, 15, "2025")]
    assert len(rows_cut(box, Words(words), Rules()).grid) == 2


def test_a_row_is_cut_at_a_line_through_it() -> None:
    box = table(("Plant", "MWh"), ("Weir Ridge", "9 8"))
    words = [*said(2, 25, "Weir"), *said(102, 25, "9"), *said(2, 35, "Ridge"), *said(102, 35, "8")]
    cut = rows_cut(box, Words(words), Rules(across=((30, 0, 200),)))
    assert cut.grid == (("Plant", "MWh"), ("Weir", "9"), ("Ridge", "8"))
    assert rows_cut(box, Words(words), Rules(across=((30, 100, 200),))) == box, "half a line divides no row"


def test_running_text_below_a_table_is_a_note() -> None:
    """The note runs over the edge at 100 in its first line; the row above it has a text of its own in each column."""
    box = table(("Plant", "MWh"), ("Weir", "9"), ("Source: the oper", "ator's report"))
    words = words_of(table(("Plant", "MWh"), ("Weir", "9"), ("", "")))
    words += [*said(2, 45, "Source: the operator's report"), *said(2, 55, "of May")]
    kept, note = without_notes(box, Words(words))
    assert kept.grid == (("Plant", "MWh"), ("Weir", "9"))
    assert kept.bbox == (0, 0, 200, 40)
    assert note is not None
    assert [line.text for line in note.lines] == ["Source: the operator's report", "of May"]
    assert note.bbox == (2, 41, 138, 59)


def test_a_last_row_of_cells_is_no_note() -> None:
    box = table(("Plant", "MWh"), ("Weir", "9"), ("Sum of all plants", "9"))
    assert without_notes(box, Words(words_of(box))) == (box, None)
