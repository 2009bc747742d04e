"""All repairs of a table together."""

from __future__ import annotations

from ingest.parsers.pdf.cells import MergedCell
from ingest.parsers.pdf.repair import repaired
from ingest.parsers.pdf.rules import Rules
from ingest.parsers.pdf.tables import table_of
from tests.ingest.table_pages import said, table, words_of


def test_a_statement_with_a_wide_name_and_a_note() -> None:
    """The line below "Energy" runs from 100 to 300; the note below the table from one column into the next."""
    box = table(("", "", "Energy"), ("Plant", "2024", "2025"), ("Weir", "1", "2"), ("Figures as", " of May.", ""))
    words = [
        *said(186, 10, "Energy"),
        *words_of(table(("", "", ""), *box.grid[1:3])),
        *said(70, 70, "Figures as of May."),
    ]
    rules = Rules(across=((20, 100, 300), (999, 0, 300)))
    fixed, merged, note = repaired(box, words, rules)
    assert merged == {(0, 1): MergedCell(3, "Energy", drawn=True)}
    assert note is not None and [line.text for line in note.lines] == ["Figures as of May."]
    result = table_of(fixed, merged)
    assert result.column_names() == ["Plant", "Energy 2024", "Energy 2025"]
    assert result.grid()[result.header_rows :] == [["Weir", "1", "2"]]


def test_a_scanned_page_has_no_words_and_its_tables_stay() -> None:
    box = table(("Plant", "MWh"), ("Weir", "9"))
    assert repaired(box, [], Rules()) == (box, {}, None)
