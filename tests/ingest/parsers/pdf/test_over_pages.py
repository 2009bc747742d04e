"""Tables and sentences that go on over the end of a page."""

from __future__ import annotations

from fakes import count_words

from ingest.chunk.passages import paragraph
from ingest.chunk.table_passages import table_parts_by_page
from ingest.parsers.pdf.over_pages import Placed, joined
from records import Cell, Element, Line, Table
from text.geometry import around


def table(*rows: str, page: int, heads: int = 0) -> Placed:
    cells = tuple(
        Cell(row=r, col=c, text=text, bbox=(100.0 * c, 20.0 * r, 100.0 * c + 80, 20.0 * r + 15))
        for r, row in enumerate(rows)
        for c, text in enumerate(row.split("|"))
    )
    made = Table(cells=cells, n_rows=len(rows), n_cols=len(rows[0].split("|")), header_rows=heads)
    return Placed("table", Element(kind="table", table=made, page=page))


def text(said: str, page: int, kind: str = "text") -> Placed:
    return Placed(kind, Element(kind="text", lines=(Line(said, (0.0, 0.0, 90.0, 9.0)),), page=page))


def test_a_table_over_three_pages_is_one_and_every_part_has_its_columns() -> None:
    pages = joined(
        [
            [text("Before.", 1), table("Hut|Beds", "Alm|4", page=1, heads=1), text("3", 1, "page-footer")],
            [text("Huts", 2, "page-header"), table("Hut|Beds", "Fels|6", page=2, heads=1)],
            [table("Grat|9", page=3), text("After.", 3)],
        ]
    )
    whole = pages[0][1].element.table
    assert whole is not None
    assert whole.grid() == [["Hut", "Beds"], ["Alm", "4"], ["Fels", "6"], ["Grat", "9"]]
    assert [one.kind for page in pages[1:] for one in page] == ["page-header", "text"]
    parts = [(page, part.passage.text, part.first_row) for page, part in table_parts_by_page(whole, 50, count_words)]
    assert parts == [(0, "Hut | Beds\nAlm | 4", 1), (2, "Hut | Beds\nFels | 6", 2), (3, "Hut | Beds\nGrat | 9", 3)]


def test_another_table_on_the_next_page_stays_another() -> None:
    wide = table("a|b|c|d|e|f", page=2)
    apart = [[table("Hut|Beds", "Alm|4", page=1, heads=1), text("Some words between.", 1)], [table("x|1", page=2)]]
    for pages in (apart, [[table("Hut|Beds", page=1)], [wide]]):
        assert joined(pages) == pages


def test_a_sentence_is_whole_where_it_begins_and_knows_where_it_ends() -> None:
    pages = joined(
        [
            [text("The organ of the abbey has exactly", 1), text("1 Built in 1802.", 1, "footnote")],
            [text("Abbey guide", 2, "page-header"), text("3,104 pipes of tin. They shine.", 2)],
        ]
    )
    element = pages[0][0].element
    passage = paragraph(element.lines)
    assert passage.text == "The organ of the abbey has exactly 3,104 pipes of tin."
    assert [(span.page, passage.text[span.start : span.end]) for span in passage.spans] == [
        (0, "The organ of the abbey has exactly"),
        (2, "3,104 pipes of tin."),
    ]
    assert around(passage.spans, 0, len(passage.text)) == (0.0, 0.0, 90.0, 9.0)
    assert pages[1][1].element.text == "3,104 pipes of tin. They shine."


def test_a_sentence_that_ends_and_a_heading_are_left_alone() -> None:
    for before, after in [
        ("The organ of the abbey has pipes.", "3,104 pipes of tin."),
        ("Pipes of the organ and their makers", "The makers were two."),
        ("Contents", "of the book."),
    ]:
        pages = [[text(before, 1)], [text(after, 2)]]
        assert joined(pages) == pages
