"""Pages and pictures as HTML, with marks laid over them, and what the viewer needs to know of each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal
from urllib.parse import quote as quoted

from app.archive import Archive
from app.tables import cited_cells
from app.text import escaped, one_line
from app.words import MARKED, MARKED_NEAR
from errors import StoreError
from records import BBox, Chunk, Source
from store.source_ids import source_id
from text.geometry import union

MAX_QUOTE = 1_000  # characters of a quote that are sent to have it marked
_MARGIN = 2.0  # units between what is cited and its mark


@dataclass(frozen=True, kw_only=True)
class View:
    """A page or a picture with its marks, as the viewer (static/viewer.js) reads it. Lengths are in points, of a picture in
    its pixels."""

    kind: Literal["page", "picture"]
    title: str
    source: str
    page: int
    pages: int
    url: str  # of the picture; of a page its address without a number
    fallback: str  # the picture with one mark drawn into it, for browsers without scripts
    size: tuple[float, float]
    marks: tuple[BBox, ...]
    near: bool = False  # the marks are of a nearest passage, of which nothing is claimed

    @property
    def attribute(self) -> str:
        """The attribute by which the viewer finds it."""
        return f'data-view="{escaped(json.dumps({**asdict(self), "legend": self.legend}, separators=(",", ":")))}"'

    @property
    def legend(self) -> str:
        """What its marks stand for; "" without any."""
        return (MARKED_NEAR if self.near else MARKED) if self.marks else ""


def page_view(source: Source, page: int, size: tuple[float, float], marks: Sequence[BBox] = ()) -> View:
    """Return page ``page`` (from 1) of a PDF."""
    url = f"document/page?source={source_id(source.source)}"
    return View(
        kind="page",
        title=source.title or source.source,
        source=source_id(source.source),
        page=page,
        pages=source.pages,
        url=url,
        fallback=f"{url}&number={page}",
        size=size,
        marks=tuple(marks),
    )


def view_of(
    chunk: Chunk, source: Source, quote: str, bbox: BBox | None, archive: Archive, *, near: bool = False
) -> View | None:
    """Return where a citation, or a passage that came ``near``, stands, to look at: its page in a PDF, or the picture it is
    of; None for words alone."""
    drawn = f"evidence/{quoted(chunk.id, safe='')}"
    if source.kind == "pdf" and source.original:
        size = archive.page_size(source.original, chunk.page)
        if size is None:
            return None
        marks = marks_of(chunk, quote, bbox, archive)
        view = page_view(source, chunk.page, size, marks)
        return replace(view, fallback=f"{drawn}/page{_rectangle(bbox, near=near)}", near=near)
    if archive.drawn.is_drawn(source) and (found := _drawn_view(chunk, source, quote, bbox, archive, near=near)):
        return found
    return picture_view(chunk, source, quote, bbox, archive, near=near)


def _drawn_view(
    chunk: Chunk, source: Source, quote: str, bbox: BBox | None, archive: Archive, *, near: bool
) -> View | None:
    """The drawn page of an Office file with a citation on it; None where it cannot be found there."""
    place = archive.drawn.place(chunk, source, quote, bbox)
    size = archive.page_size(source.original, place.page) if place else None
    if place is None or size is None:
        return None
    view = page_view(source, place.page, size, place.marks)
    return replace(view, pages=archive.drawn.pages(source), fallback=drawn_url(chunk, quote, near=near), near=near)


def drawn_url(chunk: Chunk, quote: str, *, near: bool) -> str:
    """Return where the page of an Office file with a citation marked on it comes from, which waits until it is drawn."""
    of_near = "&near=true" if near else ""
    return f"evidence/{quoted(chunk.id, safe='')}/page?quote={quoted(quote[:MAX_QUOTE], safe='')}{of_near}"


def picture_view(
    chunk: Chunk, source: Source, quote: str, bbox: BBox | None, archive: Archive, *, near: bool = False
) -> View | None:
    """Return the picture of a chunk; None when it has none that can be shown. Only in a picture file the rectangle is one in
    the picture."""
    size = archive.picture_size(chunk.picture) if chunk.picture else None
    if size is None:
        return None
    url = f"evidence/{quoted(chunk.id, safe='')}/picture"
    inside = bbox if source.kind == "image" else None
    return View(
        kind="picture",
        title=source.title or source.source,
        source=source_id(source.source),
        page=chunk.page,
        pages=1,
        url=url,
        fallback=url + _rectangle(inside, near=near),
        size=size,
        marks=() if inside is None else marks_of(chunk, quote, inside, archive),
        near=near,
    )


def marks_of(chunk: Chunk, quote: str, bbox: BBox | None, archive: Archive) -> tuple[BBox, ...]:
    """Return the rectangles of what is cited: its cells of a table, its lines of a text, else the one it came with."""
    if chunk.table:
        try:
            table = archive.assets.read_table(chunk.table)
        except (StoreError, ValueError):
            return () if bbox is None else (bbox,)
        cited = cited_cells(table, chunk, quote, bbox)
        cells = [cell.bbox for cell in table.cells if (cell.row, cell.col) in cited]
        if cells and all(cells):
            return tuple(box for box in cells if box is not None)
    start = chunk.text.find(quote) if quote.strip() else -1
    lines = [span.bbox for span in chunk.spans if start >= 0 and span.start < start + len(quote) and span.end > start]
    inside = [line for line in lines if bbox is None or union([line, bbox]) == bbox]  # of a quote that occurs twice
    return tuple(inside) or (() if bbox is None else (bbox,))


def figure_html(view: View, description: str) -> str:
    """Return a page or picture with its marks on it, which opens in the viewer, and what the marks stand for. Its size is
    known before it is there."""
    width, height = view.size
    url = view.url if view.kind == "picture" else f"{view.url}&number={view.page}"
    marks = "".join(_mark(box, view.size) for box in view.marks)
    legend = f'<figcaption class="legend"><i></i>{escaped(view.legend)}</figcaption>' if view.marks else ""
    return (
        f'<figure class="{view.kind}-image"><a class="viewed" href="{escaped(view.fallback)}" target="_blank" rel="noopener" '
        f'{view.attribute} title="Open in the viewer"><img src="{escaped(url)}" width="{width:.0f}" height="{height:.0f}" '
        f'alt="{escaped(one_line(description))}">{marks}</a>{legend}</figure>'
    )


def coming_html(url: str) -> str:
    """Return a page that is yet to be drawn. It has no words, so that nothing is seen of it when it cannot be; what it would
    say stands above it."""
    return f'<figure class="page-image"><img src="{escaped(url)}" alt="" loading="lazy"></figure>'


def _mark(box: BBox, size: tuple[float, float]) -> str:
    width, height = max(size[0], 1.0), max(size[1], 1.0)
    x0, y0, x1, y1 = box[0] - _MARGIN, box[1] - _MARGIN, box[2] + _MARGIN, box[3] + _MARGIN
    return (
        f'<span class="mark" style="left:{x0 / width:.3%};top:{y0 / height:.3%};width:{(x1 - x0) / width:.3%};'
        f'height:{(y1 - y0) / height:.3%}"></span>'
    )


def _rectangle(bbox: BBox | None, *, near: bool) -> str:
    rectangle = "" if bbox is None else "?rectangle=" + ",".join(f"{value:.1f}" for value in bbox)
    return f"{rectangle}&near=true" if rectangle and near else rectangle
