"""Presentations, built by python-pptx."""

from __future__ import annotations

import io

import pptx
import pytest
from office_files import read, saved, tables, texts
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches
from web_page import png

from errors import ParseError

BOX = (Inches(1), Inches(1), Inches(5), Inches(3))


def test_a_slide_is_a_page_with_title_bullets_and_notes() -> None:
    deck = pptx.Presentation()
    for title, bullets in (
        ("Harbour", (("Cranes", 0), ("north crane", 1), ("Quays", 0))),
        ("Costs", (("12 million", 0),)),
    ):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        frame = slide.placeholders[1].text_frame
        for index, (text, level) in enumerate(bullets):
            paragraph = frame.paragraphs[0] if index == 0 else frame.add_paragraph()
            paragraph.text, paragraph.level = text, level
    deck.slides[1].notes_slide.notes_text_frame.text = "Say that it is an estimate."
    deck.slides[1].element.set("show", "0")
    document = read(saved(deck), "talk.pptx")
    assert (document.kind, document.pages, document.unit, document.title) == ("pptx", 2, "slide", "Harbour")
    first, bullets_, second, cost, heading, notes = document.elements
    assert (first.text, first.heading, first.page) == ("Harbour", 1, 1)
    assert (bullets_.text, bullets_.section) == ("- Cranes\n  - north crane\n- Quays", ("Harbour",))
    assert (second.page, cost.text, cost.section) == (2, "12 million", ("Costs",))
    assert (heading.text, notes.text, notes.section, notes.page) == (
        "Notes",
        "Say that it is an estimate.",
        ("Costs", "Notes"),
        2,
    )
    assert [loss.what for loss in document.losses] == ["slide 2"]


def test_a_table_has_its_header_and_merged_cells() -> None:
    deck = pptx.Presentation()
    table = deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_table(3, 3, *BOX).table
    table.cell(0, 1).merge(table.cell(0, 2))
    for where, text in {(0, 0): "Crane", (0, 1): "Load", (1, 0): "North", (1, 1): "40", (2, 2): "7"}.items():
        table.cell(*where).text = text
    (found,) = tables(read(saved(deck), "x.pptx"))
    assert found.table is not None
    assert found.table.header_rows == 1
    assert found.table.grid() == [["Crane", "Load", "Load"], ["North", "40", ""], ["", "", "7"]]


def test_a_chart_is_a_table_of_its_numbers() -> None:
    deck = pptx.Presentation()
    data = CategoryChartData()
    data.categories = ["Q1", "Q2"]
    data.add_series("North", (1.5, 2))
    data.add_series("South", (None, 1200))
    chart = (
        deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *BOX, data).chart
    )
    chart.has_title = True
    chart.chart_title.text_frame.text = "Loads by quarter"
    points = XyChartData()
    points.add_series("Trial").add_data_point(1, 2.5)
    deck.slides[0].shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, *BOX, points)
    bars, dots = tables(read(saved(deck), "x.pptx"))
    assert bars.table is not None and dots.table is not None
    assert bars.caption == "Chart: Loads by quarter"
    assert bars.table.grid() == [["", "North", "South"], ["Q1", "1.5", ""], ["Q2", "2", "1200"]]
    assert bars.table.header_rows == 1
    assert dots.table.grid() == [["Series", "x", "y"], ["Trial", "1.0", "2.5"]] or dots.table.grid() == [
        ["Series", "x", "y"],
        ["Trial", "1", "2.5"],
    ]


def test_pictures_and_grouped_text_boxes_are_read() -> None:
    deck = pptx.Presentation()
    shapes = deck.slides.add_slide(deck.slide_layouts[6]).shapes
    picture = shapes.add_picture(io.BytesIO(png(200, 100)), Inches(1), Inches(1))
    picture._element.nvPicPr.cNvPr.set("descr", "A red quay")
    group = shapes.add_group_shape()
    group.shapes.add_textbox(*BOX).text_frame.text = "Beware of the edge"
    document = read(saved(deck), "x.pptx")
    (found,) = [one for one in document.elements if one.picture]
    assert found.picture is not None
    assert found.picture.alt == "A red quay"
    assert texts(document) == "Beware of the edge"


def test_an_empty_presentation_is_refused() -> None:
    with pytest.raises(ParseError, match="has no text, table or picture"):
        read(saved(pptx.Presentation()), "x.pptx")
