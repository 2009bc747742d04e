"""The sample annual report: six A4 pages with headings, notes, two tables, a vector chart and a bitmap chart."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pymupdf

from data import drawing, report_text
from data.world import BUSINESSES, DOWNTIME, NAME, PLANTS, QUARTERS

PAGE = pymupdf.paper_rect("a4")
LEFT, RIGHT, TOP, BOTTOM = 62.0, PAGE.width - 62.0, 84.0, PAGE.height - 70.0
DATE = "D:20260414090000Z"
SECTIONS = ("1 The year in brief", "2 Generation", "3 Reliability", "4 Finances", "5 Outlook")
Draw = Callable[[pymupdf.Page], object]


class Layout:
    """A layout that sets prose from top to bottom and draws the figures on the pages once they exist."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        self._writer = pymupdf.DocumentWriter(self._buffer)
        self._device: object = None
        self._drawings: list[tuple[int, Draw]] = []
        self.page = -1
        self.y = TOP

    def new_page(self) -> None:
        """Begin a page."""
        self._end_page()
        self._device = self._writer.begin_page(PAGE)
        self.page += 1
        self.y = TOP

    def prose(self, html: str, *, frames: list[pymupdf.Rect] | None = None) -> None:
        """Set text below the last, or into ``frames`` one after the other.

        Raises:
            ValueError: the text does not fit.
        """
        story = pymupdf.Story(html, user_css=report_text.CSS)
        more = 1
        for frame in frames or [pymupdf.Rect(LEFT, self.y, RIGHT, BOTTOM)]:
            more, filled = story.place(frame)
            story.draw(self._device)
            self.y = filled[3]
            if not more:
                return
        raise ValueError(f"page {self.page + 1}: text does not fit: {html[:60]!r}. Shorten it or enlarge its frame.")

    def block(self, height: float, draw: Callable[[pymupdf.Page, pymupdf.Rect], object]) -> None:
        """Reserve ``height`` points over the full width for a drawing."""
        rect = pymupdf.Rect(LEFT, self.y, RIGHT, self.y + height)
        self.draw(lambda page: draw(page, rect))
        self.y += height

    def draw(self, draw: Draw) -> None:
        """Draw on the current page once all pages exist."""
        self._drawings.append((self.page, draw))

    def finish(self) -> pymupdf.Document:
        """Return the document with everything drawn."""
        self._end_page()
        self._writer.close()
        document = pymupdf.open("pdf", self._buffer.getvalue())
        for page in document:
            page.wrap_contents()  # a story drawn in two frames leaves the coordinates turned over
        for number, draw in self._drawings:
            draw(document[number])
        return document

    def _end_page(self) -> None:
        if self.page >= 0:
            self._writer.end_page()


def write(path: Path) -> None:
    """Write the report; the same bytes every time."""
    layout = Layout()
    for number, section in enumerate((_cover, _year, _generation, _reliability, _finances, _outlook)):
        layout.new_page()
        section(layout)
        if number:
            layout.draw(_head_and_foot)
    document = layout.finish()
    document.set_metadata(
        {"title": f"{NAME}: Annual Report 2025", "author": NAME, "creationDate": DATE, "modDate": DATE}
    )
    document.set_toc([[1, title, page] for page, title in enumerate(SECTIONS, start=2)])
    document.subset_fonts()
    document.save(path, garbage=4, deflate=True, deflate_fonts=True, use_objstms=1, no_new_id=True)


def _head_and_foot(page: pymupdf.Page) -> None:
    drawing.text(page, LEFT, 46, NAME, size=8, colour=drawing.MUTED)
    drawing.text(page, RIGHT, 46, "Annual Report 2025", size=8, colour=drawing.MUTED, align="right")
    drawing.line(page, (LEFT, 53), (RIGHT, 53), drawing.RULE, 0.6)
    number = f"{page.number + 1}"
    drawing.text(page, PAGE.width / 2, PAGE.height - 34, number, size=8.5, colour=drawing.MUTED, align="centre")


def _cover(layout: Layout) -> None:
    layout.draw(_cover_art)
    layout.prose(report_text.ABOUT, frames=[pymupdf.Rect(LEFT, 676, RIGHT - 60, 760)])


def _cover_art(page: pymupdf.Page) -> None:
    drawing.fill(page, (0, 0, PAGE.width, 470), drawing.ACCENT)
    for index, shade in enumerate(((0.10, 0.42, 0.50), (0.20, 0.52, 0.60), (0.36, 0.65, 0.71))):
        _wave(page, 372 + 34 * index, shade)
    drawing.text(page, LEFT, 176, "Annual Report", size=44, bold=True, colour=drawing.WHITE)
    drawing.text(page, LEFT, 228, "2025", size=44, bold=True, colour=(0.98, 0.80, 0.42))
    drawing.text(page, LEFT, 272, NAME, size=17, colour=drawing.WHITE)
    drawing.text(page, LEFT, 296, "Water, wind and sun for Merrowby", size=12, colour=drawing.WHITE)
    drawing.text(page, LEFT, 526, "The year in four numbers", size=12.5, bold=True, colour=drawing.ACCENT)
    numbers = (
        ("56,000", "MWh generated"),
        ("6.44 million", "euros of revenue"),
        ("4,615", "members"),
        ("4.0%", "dividend"),
    )
    for index, (value, name) in enumerate(numbers):
        y = 554 + 24 * index
        drawing.text(page, LEFT, y, value, size=14, bold=True)
        drawing.text(page, LEFT + 100, y, name, size=11)
        drawing.line(page, (LEFT, y + 8), (LEFT + 250, y + 8), drawing.RULE, 0.6)


def _wave(page: pymupdf.Page, y: float, colour: drawing.Colour) -> None:
    """A band from a wavy line down to the foot of the coloured field."""
    shape = page.new_shape()
    width = PAGE.width / 2
    for index in range(2):
        x = width * index
        shape.draw_bezier((x, y), (x + width / 3, y - 26), (x + width * 2 / 3, y + 26), (x + width, y))
    shape.draw_polyline([(PAGE.width, y), (PAGE.width, 470), (0, 470), (0, y)])
    shape.finish(color=None, fill=colour, closePath=True)
    shape.commit()


def _year(layout: Layout) -> None:
    layout.prose(report_text.YEAR)
    top = BOTTOM - 6
    layout.draw(lambda page: drawing.line(page, (LEFT, top - 6), (LEFT + 120, top - 6), drawing.RULE, 0.6))
    layout.prose(report_text.HOMES_NOTE, frames=[pymupdf.Rect(LEFT, top, RIGHT, top + 24)])


def _generation(layout: Layout) -> None:
    layout.prose(report_text.GENERATION)
    rows = [
        [
            f"{p.name} ({p.source.lower()})",
            f"{p.capacity:.1f}",
            f"{p.output_2024:,}",
            f"{p.output_2025:,}",
            f"{p.availability_2025:.1f}%",
        ]
        for p in PLANTS
    ]
    total = f"{sum(p.output_2024 for p in PLANTS):,}", f"{sum(p.output_2025 for p in PLANTS):,}"
    rows.append(["All plants", f"{sum(p.capacity for p in PLANTS):.1f}", *total, "–"])
    names = ("Plant", "Capacity (MW)", "2024 (MWh)", "2025 (MWh)", "Availability 2025")
    header = [[(name, 1) for name in names]]
    widths = (135, 80, 80, 80, RIGHT - LEFT - 375)
    layout.block(19 * 5 + 14, lambda page, rect: drawing.table(page, rect.tl, widths, header, rows))
    layout.prose(report_text.SEASONS)
    layout.y += 6
    series = [(p.source, p.quarters_2025) for p in PLANTS]
    layout.block(
        232,
        lambda page, rect: drawing.grouped_bars(
            page, rect, [f"{q} 2025" for q in QUARTERS], series, axis="MWh", top=15_000, step=5_000
        ),
    )
    layout.y += 10
    layout.prose(report_text.FIGURE_1)


def _reliability(layout: Layout) -> None:
    layout.prose(report_text.RELIABILITY)
    layout.y += 4
    layout.block(216, lambda page, rect: page.insert_image(rect, stream=_downtime_chart(rect)))
    layout.y += 8
    layout.prose(report_text.FIGURE_2)
    layout.y += 4
    layout.prose(report_text.LESSONS)


def _downtime_chart(rect: pymupdf.Rect) -> bytes:
    """PNG of the chart of downtime at 200 dpi; its words exist only as pixels."""
    with pymupdf.open() as document:
        page = document.new_page(width=rect.width, height=rect.height)
        drawing.horizontal_bars(page, page.rect, DOWNTIME, axis="Turbine hours", top=250, step=50)
        return bytes(page.get_pixmap(dpi=200).tobytes("png"))


def _finances(layout: Layout) -> None:
    layout.prose(report_text.FINANCES)
    rows = [[b.name, *(f"{amount:,}" for amount in b.amounts)] for b in BUSINESSES]
    totals = (sum(amounts) for amounts in zip(*(b.amounts for b in BUSINESSES), strict=True))
    rows.append(["Total", *(f"{total:,}" for total in totals)])
    header = [
        [("", 1), ("Revenue", 2), ("Operating costs", 2)],
        [("Line of business", 1), ("2024", 1), ("2025", 1), ("2024", 1), ("2025", 1)],
    ]
    widths = (RIGHT - LEFT - 280, 70, 70, 70, 70)
    layout.block(19 * 8 + 14, lambda page, rect: drawing.table(page, rect.tl, widths, header, rows))
    layout.prose(report_text.SURPLUS)


def _outlook(layout: Layout) -> None:
    layout.prose(report_text.OUTLOOK)
    middle, gap, top = (LEFT + RIGHT) / 2, 12.0, layout.y
    layout.prose(
        report_text.OUTLOOK_COLUMNS,
        frames=[
            pymupdf.Rect(LEFT, top, middle - gap, 560),
            pymupdf.Rect(middle + gap, top, RIGHT, BOTTOM),
        ],
    )
