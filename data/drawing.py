"""Text, tables and charts drawn on a PDF page with vector operators. Lengths are in PDF points, origin top left."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Literal

import pymupdf

Colour = tuple[float, float, float]
Align = Literal["left", "centre", "right"]

INK: Colour = (0.16, 0.18, 0.20)
MUTED: Colour = (0.42, 0.46, 0.49)
RULE: Colour = (0.78, 0.81, 0.83)
TINT: Colour = (0.93, 0.96, 0.97)
ACCENT: Colour = (0.04, 0.33, 0.40)
WHITE: Colour = (1, 1, 1)
SERIES: tuple[Colour, ...] = ((0.16, 0.45, 0.70), (0.10, 0.55, 0.50), (0.93, 0.66, 0.18))


@cache
def font(bold: bool = False) -> pymupdf.Font:
    """Return Helvetica as PyMuPDF carries it; embedded, so that it looks the same everywhere."""
    return pymupdf.Font("hebo" if bold else "helv")


def text(
    page: pymupdf.Page,
    x: float,
    y: float,
    string: str,
    *,
    size: float = 9,
    bold: bool = False,
    colour: Colour = INK,
    align: Align = "left",
) -> None:
    """Write one line; ``x`` is its left end, middle or right end as ``align`` says, ``y`` its baseline."""
    width = font(bold).text_length(string, fontsize=size)
    start = x - {"left": 0.0, "centre": width / 2, "right": width}[align]
    writer = pymupdf.TextWriter(page.rect)
    writer.append((start, y), string, font=font(bold), fontsize=size)
    writer.write_text(page, color=colour)


def line(
    page: pymupdf.Page, start: tuple[float, float], end: tuple[float, float], colour: Colour, width: float
) -> None:
    """Draw one straight line."""
    page.draw_line(start, end, color=colour, width=width)


def fill(page: pymupdf.Page, rect: Sequence[float], colour: Colour) -> None:
    """Fill a rectangle ``(x0, y0, x1, y1)`` without an outline."""
    page.draw_rect(pymupdf.Rect(rect), color=None, fill=colour)


def table(
    page: pymupdf.Page,
    origin: tuple[float, float],
    widths: Sequence[float],
    header: Sequence[Sequence[tuple[str, int]]],
    rows: Sequence[Sequence[str]],
    *,
    row_height: float = 19,
) -> None:
    """Draw a table whose first column is left aligned, the others right aligned; the last row is the total.

    ``header`` holds rows of ``(text, columns spanned)``; a heading over several columns is centred over a rule.
    """
    left, top = origin
    edges = [left + sum(widths[:i]) for i in range(len(widths) + 1)]
    body = top + row_height * len(header)
    fill(page, (left, top, edges[-1], body), ACCENT)
    for number, headings in enumerate(header):
        column, baseline = 0, top + row_height * (number + 1) - 6
        for name, span in headings:
            x0, x1 = edges[column], edges[column + span]
            if span > 1:
                text(page, (x0 + x1) / 2, baseline, name, bold=True, colour=WHITE, align="centre")
                line(page, (x0 + 14, baseline + 5), (x1 - 6, baseline + 5), WHITE, 0.7)
            else:
                _cell(page, x0, x1, baseline, name, first=column == 0, bold=True, colour=WHITE)
            column += span
    for number, cells in enumerate(rows):
        y = body + row_height * number
        last = number == len(rows) - 1
        if last or number % 2:
            fill(page, (left, y, edges[-1], y + row_height), TINT)
        if last:
            line(page, (left, y), (edges[-1], y), ACCENT, 1)
        for column, cell in enumerate(cells):
            _cell(page, edges[column], edges[column + 1], y + row_height - 6, cell, first=column == 0, bold=last)
    bottom = body + row_height * len(rows)
    line(page, (left, bottom), (edges[-1], bottom), ACCENT, 1)


def _cell(
    page: pymupdf.Page, x0: float, x1: float, y: float, string: str, *, first: bool, bold: bool, colour: Colour = INK
) -> None:
    x = x0 + 6 if first else x1 - 8
    text(page, x, y, string, bold=bold, colour=colour, align="left" if first else "right")


def grouped_bars(
    page: pymupdf.Page,
    rect: pymupdf.Rect,
    groups: Sequence[str],
    series: Sequence[tuple[str, Sequence[int]]],
    *,
    axis: str,
    top: int,
    step: int,
) -> None:
    """Draw a bar chart: a legend, a value axis from 0 to ``top``, a group of bars a name and a label on every bar."""
    x = rect.x0 + 36
    for (name, _), colour in zip(series, SERIES, strict=False):
        fill(page, (x, rect.y0 + 2, x + 9, rect.y0 + 11), colour)
        text(page, x + 13, rect.y0 + 10, name, size=8.5)
        x += 13 + font().text_length(name, fontsize=8.5) + 18
    text(page, rect.x0, rect.y0 + 26, axis, size=8, colour=MUTED)
    plot = pymupdf.Rect(rect.x0 + 36, rect.y0 + 36, rect.x1, rect.y1 - 16)
    scale = plot.height / top
    for value in range(0, top + 1, step):
        y = plot.y1 - value * scale
        line(page, (plot.x0, y), (plot.x1, y), RULE if value else INK, 0.5 if value else 0.9)
        text(page, plot.x0 - 5, y + 3, f"{value:,}", size=8, colour=MUTED, align="right")
    slot = plot.width / len(groups)
    bar = slot * 0.84 / len(series)
    for number, name in enumerate(groups):
        x = plot.x0 + slot * (number + 0.08)
        text(page, plot.x0 + slot * (number + 0.5), plot.y1 + 13, name, size=9, bold=True, align="centre")
        for index, (_, values) in enumerate(series):
            y = plot.y1 - values[number] * scale
            fill(page, (x + bar * index + 2, y, x + bar * (index + 1) - 2, plot.y1), SERIES[index])
            text(page, x + bar * (index + 0.5), y - 3, f"{values[number]:,}", size=8, align="centre")


def horizontal_bars(
    page: pymupdf.Page, rect: pymupdf.Rect, bars: Sequence[tuple[str, int]], *, axis: str, top: int, step: int
) -> None:
    """Draw a chart of horizontal bars with their values, and an axis from 0 to ``top`` below."""
    plot = pymupdf.Rect(rect.x0 + 84, rect.y0 + 4, rect.x1 - 14, rect.y1 - 32)
    scale = plot.width / top
    for value in range(0, top + 1, step):
        x = plot.x0 + value * scale
        line(page, (x, plot.y0), (x, plot.y1), RULE if value else INK, 0.5 if value else 0.9)
        text(page, x, plot.y1 + 12, str(value), size=8.5, colour=MUTED, align="centre")
    text(page, (plot.x0 + plot.x1) / 2, plot.y1 + 26, axis, size=8.5, colour=MUTED, align="centre")
    slot = plot.height / len(bars)
    for number, (name, value) in enumerate(bars):
        y = plot.y0 + slot * number
        fill(page, (plot.x0, y + slot * 0.2, plot.x0 + value * scale, y + slot * 0.8), SERIES[0])
        text(page, plot.x0 - 7, y + slot / 2 + 3.5, name, size=10, align="right")
        text(page, plot.x0 + value * scale + 5, y + slot / 2 + 3.5, str(value), size=10, bold=True)
