"""What lies over a PDF's page, or is attached to it, and what only seems to be its text."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest
from fakes import settings_at

from ingest.parsers.pdf.layout import read_layout
from ingest.parsers.pdf.prepare import prepare, turned
from ingest.parsers.pdf.text_layer import is_doubtful, is_worse, share_known
from ingest.parsers.registry import PARSERS
from records import Document, Raw
from store.assets import Assets
from store.pdf_overlay import fields_of, notes_of, shown_text

PLACE = (60.0, 100.0)


def parsed(document: pymupdf.Document, tmp_path: Path) -> Document:
    raw = Raw(source="/x/sheet.pdf", data=document.tobytes(no_new_id=True))
    return PARSERS["pdf"].parse(raw, assets=Assets(tmp_path / "assets"), settings=settings_at(tmp_path))


def words_of(document: Document) -> str:
    return "\n".join(element.text for element in document.elements)


def with_field(page: pymupdf.Page, kind: int, rect: tuple[float, ...], value: object, **fields: object) -> None:
    widget = pymupdf.Widget()
    widget.field_name, widget.field_type, widget.rect = f"f{rect[1]}", kind, pymupdf.Rect(rect)
    widget.field_value = value
    for name, one in fields.items():
        setattr(widget, name, one)
    page.add_widget(widget)


@pytest.fixture
def page() -> pymupdf.Page:
    document = pymupdf.open()
    made = document.new_page()
    made.parent_document = document  # kept alive
    return made


def test_a_field_is_named_by_what_stands_beside_or_above_it(page: pymupdf.Page) -> None:
    page.insert_text((60, 112), "Keeper of the kiln:")
    with_field(page, pymupdf.PDF_WIDGET_TYPE_TEXT, (220, 100, 400, 116), "Oda Brandt")
    page.insert_text((60, 152), "Fuel")
    with_field(page, pymupdf.PDF_WIDGET_TYPE_TEXT, (60, 156, 200, 172), "peat")
    page.insert_text((240, 212), "Insured")
    with_field(page, pymupdf.PDF_WIDGET_TYPE_CHECKBOX, (220, 202, 232, 214), True)
    page.insert_text((60, 252), "Licensed")
    with_field(page, pymupdf.PDF_WIDGET_TYPE_CHECKBOX, (220, 242, 232, 254), False)
    with_field(page, pymupdf.PDF_WIDGET_TYPE_TEXT, (220, 282, 400, 298), "")
    assert [field.text for field in fields_of(page)] == [
        "Keeper of the kiln: Oda Brandt",
        "Fuel: peat",
        "Insured: ticked",
        "Licensed: not ticked",
    ]


def test_a_form_is_stored_a_field_a_line_and_its_ticks_are_no_digits(page: pymupdf.Page, tmp_path: Path) -> None:
    for line, (label, value) in enumerate([("Owner of the mill", "Ruth Engel"), ("Stones", "4"), ("Sails", "canvas")]):
        page.insert_text((60, 112 + 30 * line), label)
        with_field(page, pymupdf.PDF_WIDGET_TYPE_TEXT, (220, 100 + 30 * line, 400, 116 + 30 * line), value)
    page.insert_text((60, 202), "Grinds rye")
    with_field(page, pymupdf.PDF_WIDGET_TYPE_CHECKBOX, (220, 192, 232, 204), True)
    document = parsed(page.parent_document, tmp_path)
    assert words_of(document).splitlines() == [
        "Owner of the mill: Ruth Engel",
        "Stones: 4",
        "Sails: canvas",
        "Grinds rye: ticked",
    ]


def test_notes_and_targets_of_links_are_stored_with_their_place(page: pymupdf.Page, tmp_path: Path) -> None:
    page.insert_text((60, 112), "The sluice was closed in March. Ask the office.")
    note = page.add_text_annot((420, 90), "The left gate leaks")
    note.set_info(title="Ivo")
    note.update()
    link = {"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(215, 100, 330, 116), "uri": "mailto:sluice@example.org"}
    page.insert_link(link)
    assert [one.text for one in notes_of(page)] == ["Ivo: The left gate leaks"]
    stored = parsed(page.parent_document, tmp_path)
    assert "Ivo: The left gate leaks" in words_of(stored)
    assert "mailto:sluice@example.org" in words_of(stored)
    assert next(one for one in stored.elements if "leaks" in one.text).bbox is not None


def test_an_attached_file_is_read_below_its_name_and_one_that_cannot_be_is_named(
    page: pymupdf.Page, tmp_path: Path
) -> None:
    page.insert_text((60, 112), "See the attached list.")
    page.parent_document.embfile_add("list", b"The list has 57 entries.", filename="list.txt")
    page.parent_document.embfile_add("blob", bytes(range(256)) * 9, filename="blob.bin")
    document = parsed(page.parent_document, tmp_path)
    attached = document.elements[-1]
    assert (attached.text, attached.section, attached.bbox) == ("The list has 57 entries.", ("list.txt",), None)
    assert [loss.what for loss in document.losses] == ["attached file blob.bin"]


@pytest.mark.parametrize("drawn", [True, False], ids=["a line", "an annotation"])
def test_what_is_struck_out_is_not_stored_but_named(page: pymupdf.Page, tmp_path: Path, *, drawn: bool) -> None:
    page.insert_text((60, 112), "The toll is 7 marks.")
    page.insert_text((60, 142), "The toll is 9 marks.")
    if drawn:
        page.draw_line((58, 109), (165, 109), width=0.8)
    else:
        page.add_strikeout_annot(page.search_for("The toll is 7 marks.")[0]).update()
    page.draw_line((58, 144.5), (165, 144.5), width=0.8)  # underlines the other
    document = parsed(page.parent_document, tmp_path)
    assert words_of(document) == "The toll is 9 marks."
    assert [(loss.what, "7 marks" in loss.why) for loss in document.losses] == [("struck-out text on page 1", True)]


@pytest.mark.parametrize(("rotate", "turn"), [(90, 90), (180, 180), (270, 270)])
def test_text_that_runs_another_way_turns_the_page_and_its_rectangles_back(rotate: int, turn: int) -> None:
    with pymupdf.open() as document:
        made = document.new_page(width=400, height=600)
        made.insert_text((200, 300), "The ferry Alba carries 88 people.", rotate=rotate)
        box = made.search_for("Alba")[0]
        data = document.tobytes()
    [layout] = read_layout(data, [1])
    assert layout.prepared.turn == turn
    line = layout.boxes[0].lines[0]
    assert line.text == "The ferry Alba carries 88 people."
    place = layout.as_in_file(line.bbox)
    middle = ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)
    assert place[0] <= middle[0] <= place[2] and place[1] <= middle[1] <= place[3]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_turning_back_undoes_turning(turn: int) -> None:
    width, height = 400.0, 600.0
    box = (10.0, 20.0, 110.0, 50.0)
    size = (height, width) if turn in (90, 270) else (width, height)
    assert turned(turned(box, turn, width, height), -turn % 360, *size) == box


def test_hidden_text_that_says_what_is_shown_is_taken_off() -> None:
    with pymupdf.open() as document:
        made = document.new_page()
        made.insert_text(PLACE, "The loom has 24 shafts.")
        made.insert_text((PLACE[0] + 1, PLACE[1] + 2), "The loom has 24 shafts.", render_mode=3)
        assert made.get_text().count("loom") == 2
        assert prepare(document, 1).changed
        assert document[0].get_text().count("loom") == 1
        assert shown_text(document[0], tuple(document[0].rect)).count("loom") == 1


def test_a_check_does_not_see_hidden_text_and_sees_a_raised_mark_apart() -> None:
    with pymupdf.open() as document:
        made = document.new_page()
        made.insert_text(PLACE, "in 1,280", fontsize=11)
        made.insert_text((PLACE[0] + pymupdf.get_text_length("in 1,280", fontsize=11), 96), "3", fontsize=6)
        made.insert_text((60, 200), "1,999 hidden", render_mode=3)
        assert shown_text(made, tuple(made.rect)).split() == ["in", "1,280", "3"]


def test_a_text_layer_is_given_up_for_words_that_are_words() -> None:
    poor, good = "Tbe hcuse was scld fcr 2,0O5 pcunds", "The house was sold for 2,005 pounds"
    assert share_known(poor) < 0.5 < share_known(good) == 1.0
    assert is_doubtful(poor) and not is_doubtful(good)
    assert is_worse(poor, good) and not is_worse(good, poor)
    german = "Zwanzig Jahre später verkaufte Müller seine Mühle"
    assert not is_worse(german, german.replace("ü", "u"))
