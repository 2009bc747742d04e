"""Where citations stand on drawn pages: marked where their words are once, on no mark where that is not sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pymupdf
import pytest

from app.office_places import Cited, DrawnText, place_on_drawing
from records import Cell, Table
from store.originals import PageWord
from tests.app.makers import chunk

TEXT = replace(chunk(), unit="", page=1, bbox=None, section=(), source="/x/plan.docx")
SLIDE = replace(TEXT, unit="slide", source="/x/talk.pptx")


def words_of(*pages: Sequence[str]) -> list[list[PageWord]]:
    """The words of pages, a line each 20 points."""
    with pymupdf.open() as document:
        for lines in pages:
            page = document.new_page(width=400, height=300)
            for number, line in enumerate(lines, start=1):
                page.insert_text((50, 20 * number), line, fontsize=10)
        return [
            [PageWord(word[4], word[:4], (word[5], word[6])) for word in page.get_text("words")] for page in document
        ]


def test_a_passage_of_a_text_is_found_on_its_page_line_by_line() -> None:
    drawn = DrawnText(words_of(["The weir was built in 1931."], ["It leaks since the spring", "of 1998, says Ada."]))
    passage = replace(TEXT, text="It leaks since the spring of 1998, says Ada.")
    place = place_on_drawing(drawn, passage, "since the spring of 1998")
    assert place is not None
    assert place.page == 2
    first, second = place.marks
    assert first[1] < 20 < first[3] + 5 < second[3]
    assert first[0] > 60  # "It leaks" is not marked
    assert second[0] == pytest.approx(50, abs=1)


def test_what_is_there_twice_is_told_apart_by_what_stands_around_it_or_not_marked() -> None:
    lines = ["North: the pump costs 40 euros.", "South: the pump costs 40 euros."]
    drawn = DrawnText(words_of(lines))
    place = place_on_drawing(drawn, replace(TEXT, text=lines[1]), "the pump costs 40 euros")
    assert place is not None
    assert [round(box[3] / 20) for box in place.marks] == [2]
    assert place_on_drawing(drawn, replace(TEXT, text="the pump costs 40 euros"), "the pump costs 40 euros") is None
    on_slide = place_on_drawing(drawn, replace(SLIDE, text="the pump costs 40 euros"), "the pump costs 40 euros")
    assert on_slide is not None
    assert on_slide.marks == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"section": ("Budget", "Notes")},  # the speaker's notes are on no slide
        {"text": "Budget\nNotes\nThe weir was built"},
        {"kind": "image"},  # nor is what a picture is described as
        {"author": "a model"},
    ],
)
def test_words_that_are_not_drawn_are_not_marked_where_others_say_the_same(changes: dict[str, object]) -> None:
    drawn = DrawnText(words_of(["The weir was built in 1931."]))
    place = place_on_drawing(drawn, replace(SLIDE, **{"text": "The weir was built", **changes}), "The weir was built")  # type: ignore[arg-type]
    assert place is not None
    assert (place.page, place.marks) == (1, ())


def test_numbers_are_not_put_together_from_others() -> None:
    drawn = DrawnText(words_of(["North 1 5", "South 15"]))
    assert place_on_drawing(drawn, replace(SLIDE, text="It is 1.5 m."), "It is 1.5 m.").marks == ()  # type: ignore[union-attr]
    assert drawn.find(["1.5"]) == []
    assert drawn.find(["15"]) == [4]
    assert place_on_drawing(drawn, replace(SLIDE, text="15"), "15").marks == ()  # type: ignore[union-attr]


def test_cited_cells_are_marked_in_the_row_that_is_there_once() -> None:
    rows = [["Item", "2024", "2025"], ["Pump", "40", "41"], ["Gate", "40", "44"]]
    table = Table(
        cells=tuple(Cell(row=r, col=c, text=text) for r, row in enumerate(rows) for c, text in enumerate(row)),
        n_rows=3,
        n_cols=3,
        header_rows=1,
    )
    drawn = DrawnText(words_of(["Cost"], [" ".join(row) for row in rows]))
    passage = replace(TEXT, kind="table", table="a" * 40 + ".json", text="Item: Gate; 2024: 40; 2025: 44")
    place = place_on_drawing(drawn, passage, "Gate 44", Cited(table, frozenset({(2, 0), (2, 2)})))
    assert place is not None
    assert place.page == 2
    gate, value = place.marks
    assert gate[0] < value[0]
    assert {round(box[3] / 20) for box in place.marks} == {3}
    twice = DrawnText(words_of(["Gate 40 44", "Gate 40 44"]))
    assert place_on_drawing(twice, passage, "Gate 44", Cited(table, frozenset({(2, 2)}))) is None
