"""Charts drawn here to a scale of two points a unit, so that each value is known: 100 units are 200 points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pymupdf
import pytest

from ingest.chunk.chunker import Window, chunk_document
from ingest.parsers.base import Outline
from ingest.parsers.pdf.chart.axis import number_of
from ingest.parsers.pdf.chart.reading import Chart, charts_of
from ingest.parsers.pdf.chart.shapes import drawing_of
from ingest.parsers.pdf.document import assemble
from ingest.parsers.pdf.layout import LayoutBox, LayoutPage
from ingest.parsers.pdf.pages import PageContent
from records import DRAWING, Picture

BASE, LEFT, UNIT = 300.0, 100.0, 2.0
BLUE, GREEN = (0.1, 0.2, 0.8), (0.1, 0.7, 0.2)
NAMES = ("North", "South", "East")
AREA = (40.0, 40.0, 560.0, 360.0)


def text(page: Any, x: float, y: float, words: str) -> None:
    """Write words in the middle of a place."""
    page.insert_text((x - pymupdf.get_text_length(words, fontsize=8) / 2, y + 3), words, fontsize=8)


def axis(page: Any, labels: Sequence[str] = ("0", "20", "40", "60", "80", "100")) -> None:
    for n, label in enumerate(labels):
        y = BASE - UNIT * 100 * n / (len(labels) - 1)
        page.draw_line((LEFT - 3, y), (LEFT, y))
        page.insert_text((LEFT - 6 - pymupdf.get_text_length(label, fontsize=8), y + 3), label, fontsize=8)
    page.draw_line((LEFT, BASE), (LEFT + 400, BASE))


def bar(
    page: Any, x: float, value: float, color: Sequence[float] = BLUE, base: float = BASE, width: float = 30.0
) -> None:
    page.draw_rect((x - width / 2, base - UNIT * value, x + width / 2, base), color=None, fill=color)


def names(page: Any, places: Sequence[float]) -> None:
    for x, name in zip(places, NAMES, strict=True):
        text(page, x, BASE + 12, name)


def key(page: Any, x: float, color: Sequence[float], name: str) -> None:
    page.draw_rect((x, 60, x + 6, 66), color=None, fill=color)
    page.insert_text((x + 9, 66), name, fontsize=8)


def read(page: Any) -> list[Chart]:
    return charts_of(drawing_of(AREA, page.get_text("words"), page.get_cdrawings()))


def values(chart: Chart) -> list[list[float]]:
    cells = [row[1:] for row in chart.table.grid()[1:]]
    return [[float(cell.removeprefix("≈ ")) for cell in row] for row in cells]


@pytest.fixture
def page() -> Any:
    with pymupdf.open() as document:
        yield document.new_page(width=600, height=400)


def single(page: Any, heights: Sequence[float] = (37.5, 80.0, 12.25)) -> None:
    axis(page)
    for x, height in zip((160, 260, 360), heights, strict=True):
        bar(page, x, height)
    names(page, (160, 260, 360))


def test_bars_are_read_by_the_axis_and_said_to_be_approximate(page: Any) -> None:
    single(page)
    (chart,) = read(page)
    assert not chart.printed
    assert [row[0] for row in chart.table.grid()[1:]] == list(NAMES)
    # half a point is a quarter of a unit
    assert [row[0] for row in values(chart)] == pytest.approx([37.5, 80.0, 12.25], abs=0.25)
    assert chart.table.caption == "Chart (read from the drawing, not printed: approximate, ± 0.25)."


def test_numbers_printed_at_bars_are_taken_as_printed_with_their_places(page: Any) -> None:
    single(page)
    for x, height, printed in zip((160, 260, 360), (37.5, 80.0, 12.25), ("37.4", "80", "12.3"), strict=True):
        text(page, x, BASE - UNIT * height - 6, printed)
    (chart,) = read(page)
    assert chart.printed
    assert [row[1] for row in chart.table.grid()[1:]] == ["37.4", "80", "12.3"]
    assert all(page.get_textbox(cell.bbox).strip() == cell.text for cell in chart.table.cells if cell.row)


def test_a_number_at_a_bar_that_says_another_value_leaves_the_chart_unread(page: Any) -> None:
    single(page)
    text(page, 260, BASE - UNIT * 80 - 6, "72")
    assert read(page) == []


@pytest.mark.parametrize(("off", "found"), [(0.0, 1), (3.0, 0)])  # points of 120
def test_an_axis_whose_label_is_off_the_line_leaves_the_chart_unread(page: Any, off: float, found: int) -> None:
    for n, label in enumerate(("0", "20", "40", "60")):
        page.insert_text((80, BASE - 40 * n - (off if n == 2 else 0) + 3), label, fontsize=8)
    for x in (160, 260, 360):
        bar(page, x, 30)
    names(page, (160, 260, 360))
    assert len(read(page)) == found


def test_series_have_the_names_of_the_legend(page: Any) -> None:
    axis(page)
    for x, one, two in zip((160, 260, 360), (10, 20, 30), (40, 50, 60), strict=True):
        bar(page, x - 15, one, BLUE)
        bar(page, x + 15, two, GREEN)
    names(page, (160, 260, 360))
    assert read(page) == []  # two colours, and nothing says what they are
    key(page, 200, BLUE, "Boats")
    key(page, 280, GREEN, "Lockers")
    (chart,) = read(page)
    assert chart.table.grid()[0] == ["", "Boats", "Lockers"]
    assert values(chart) == [pytest.approx(row, abs=0.25) for row in ([10, 40], [20, 50], [30, 60])]


def test_parts_that_stand_on_one_another_are_measured_each(page: Any) -> None:
    axis(page)
    for x, lower, upper in zip((160, 260, 360), (10, 20, 30), (40, 50, 60), strict=True):
        bar(page, x, lower, BLUE)
        bar(page, x, upper, GREEN, base=BASE - UNIT * lower)
    names(page, (160, 260, 360))
    key(page, 200, BLUE, "Boats")
    key(page, 280, GREEN, "Lockers")
    (chart,) = read(page)
    assert values(chart) == [pytest.approx(row, abs=0.25) for row in ([10, 40], [20, 50], [30, 60])]


def test_bars_that_run_to_the_right_are_read_as_well(page: Any) -> None:
    for n in range(6):
        x = LEFT + 40 * n
        page.draw_line((x, BASE), (x, BASE + 3))
        text(page, x, BASE + 10, str(20 * n))
    for y, value, name in zip((100, 170, 240), (35, 90, 60), NAMES, strict=True):
        page.draw_rect((LEFT, y - 12, LEFT + UNIT * value, y + 12), color=None, fill=BLUE)
        page.insert_text((LEFT - 6 - pymupdf.get_text_length(name, fontsize=8), y + 3), name, fontsize=8)
    (chart,) = read(page)
    found = {row[0]: float(row[1].removeprefix("≈ ")) for row in chart.table.grid()[1:]}
    assert found == {name: pytest.approx(value, abs=0.25) for name, value in zip(NAMES, (35, 90, 60), strict=True)}


def test_points_of_a_line_stand_above_their_names(page: Any) -> None:
    axis(page)
    points = [pymupdf.Point(x, BASE - UNIT * v) for x, v in zip((160, 260, 360), (10, 70, 55), strict=True)]
    page.draw_polyline(points, color=BLUE)
    names(page, (160, 260, 360))
    (chart,) = read(page)
    assert [row[0] for row in values(chart)] == pytest.approx([10, 70, 55], abs=0.25)


def test_a_line_that_leaves_the_axis_leaves_the_chart_unread(page: Any) -> None:
    axis(page)
    for values_, color in (((10, 70, 55), BLUE), ((30, -30, 20), GREEN)):
        points = [pymupdf.Point(x, BASE - UNIT * v) for x, v in zip((160, 260, 360), values_, strict=True)]
        page.draw_polyline(points, color=color)
    names(page, (160, 260, 360))
    key(page, 200, BLUE, "Boats")
    key(page, 280, GREEN, "Lockers")
    assert read(page) == []


def test_a_second_axis_leaves_the_chart_unread(page: Any) -> None:
    single(page)
    for n in range(4):
        page.insert_text((470, BASE - 60 * n + 3), str(5 * n), fontsize=8)
    assert read(page) == []


@pytest.mark.parametrize("missing", ["name", "width", "floating"])
def test_what_cannot_be_accounted_for_leaves_the_chart_unread(page: Any, missing: str) -> None:
    axis(page)
    for x, value in zip((160, 260), (10, 20), strict=True):
        bar(page, x, value)
    bar(page, 360, 30, width=45 if missing == "width" else 30, base=BASE - (9 if missing == "floating" else 0))
    for x, name in zip((160, 260, 360), NAMES[: 2 if missing == "name" else 3], strict=False):
        text(page, x, BASE + 12, name)
    assert read(page) == []


def test_axes_of_words_or_of_uneven_numbers_are_none(page: Any) -> None:
    axis(page, ("0", "1", "10", "100", "1000"))
    for x in (160, 260, 360):
        bar(page, x, 30)
    names(page, (160, 260, 360))
    assert read(page) == []


@pytest.mark.parametrize(
    ("printed", "value", "step"),
    [("1,200", 1200, 1), ("-3.50", -3.5, 0.01), ("45%", 45, 1), ("$ 7", 7, 1), ("Q3", None, 0), ("2-hop", None, 0)],
)
def test_numbers(printed: str, value: float | None, step: float) -> None:
    number = number_of(printed)
    assert (number.value, pytest.approx(number.step)) == (value, step) if number else value is None


def test_a_chart_stands_beside_its_figure_and_changes_no_other_chunk(page: Any) -> None:
    single(page)
    figure = LayoutBox(kind="picture", bbox=AREA)
    title = LayoutBox(kind="text", bbox=(40, 10, 200, 30))
    layout = LayoutPage(number=1, width=600, height=400, boxes=(title, figure))
    plain = PageContent(layout, {1: Picture(asset="a.png", width=10, height=10)})
    with_chart = replace(plain, charts={1: tuple(read(page))})
    window = Window(200, lambda words: len(words.split()))
    without, beside = (
        chunk_document(assemble("a.pdf", Outline(1, "Lido"), [one], {}), {}, window) for one in (plain, with_chart)
    )
    new = [chunk for chunk in beside if chunk.id not in {one.id for one in without}]
    assert [one.id for one in without] == [one.id for one in beside if one not in new]
    assert [(one.kind, one.author, one.bbox) for one in new] == [("table", DRAWING, AREA)]
    assert "read from the drawing, not printed" in new[0].text
