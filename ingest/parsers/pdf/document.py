"""PDF -> Document: the pages' layout boxes, put together over the whole document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from config import Settings
from errors import ParseError
from ingest.parsers.base import AssetSink, Outline
from ingest.parsers.pdf.attachments import ReadFile
from ingest.parsers.pdf.captions import Caption, find_captions
from ingest.parsers.pdf.headings import is_heading, title_of
from ingest.parsers.pdf.layout import LayoutBox, LayoutPage
from ingest.parsers.pdf.over_pages import Placed, joined
from ingest.parsers.pdf.pages import PageContent, open_pdf, read_pages
from ingest.parsers.pdf.tables import table_of
from records import DRAWING, BBox, Document, Element, Loss, Raw
from text.geometry import union

RUNNING = "running"  # kind of what is made of running heads and feet, and stands at the end of a document
MIN_RUNNING = 2  # words of a running head or foot that says something
RUNNING_PAGES = 3  # a picture without text that returns on so many pages is a logo


def parse_pdf(raw: Raw, *, assets: AssetSink, settings: Settings, read_file: ReadFile | None = None) -> Document:
    """Return a PDF as a document, read from its first page to its last in this process; the files that are attached to it
    are read, too, or named alone.

    Raises:
        ParseError: it is broken, encrypted or empty.
    """
    outline = open_pdf(raw)
    pages = read_pages(raw.data, range(1, outline.pages + 1), assets, settings, read_file=read_file)
    return assemble(raw.source, outline, pages, {})


def assemble(source: str, outline: Outline, pages: Sequence[PageContent], lost: Mapping[int, str]) -> Document:
    """Return the document that its pages make up: running heads dropped, sections and captions resolved.

    Args:
        lost: why pages are missing, by their number.

    Raises:
        ParseError: not one of its pages could be read, or none holds anything.
    """
    pages = sorted([*pages, *(_lost(number, why) for number, why in lost.items())], key=lambda one: one.layout.number)
    losses = [loss for page in pages for loss in page.losses]
    # a document of nothing but what returns on every page still says that
    elements = _elements(pages, outline, _running_text(pages), _logos(pages))
    elements = elements or _elements(pages, outline, frozenset(), frozenset())
    elements += (element for page in pages for element in page.attached)
    if not elements:
        detail = f" {losses[0].what} {losses[0].why}" if losses else ""
        raise ParseError(f"{source} holds no text, table or picture that could be read.{detail}")
    return Document(
        source=source,
        kind="pdf",
        title=title_of(source, outline.title, pages),
        pages=outline.pages,
        elements=tuple(elements),
        losses=tuple(losses),
        unit="page",
    )


def _lost(number: int, why: str) -> PageContent:
    layout = LayoutPage(number=number, width=0.0, height=0.0, error=why)
    return PageContent(layout, losses=(Loss(f"page {number}", why),))


def _elements(
    pages: Sequence[PageContent], outline: Outline, running: frozenset[str], logos: frozenset[str]
) -> list[Element]:
    levels = _heading_levels(pages)
    path: dict[int, str] = {}
    said: set[str] = set()
    placed = [_page_elements(page, running, logos, levels, path, said) for page in pages]
    found = [
        (one.kind, _in_bookmarks(_as_in_file(one.element, page.layout), outline))
        for page, ones in zip(pages, joined(placed), strict=True)
        for placed_one in ones
        for one in (placed_one, *_charts_beside(placed_one, page))
    ]
    text = [element for kind, element in found if kind != RUNNING]
    return text + [element for kind, element in found if kind == RUNNING] if text else []


def _charts_beside(placed: Placed, page: PageContent) -> list[Placed]:
    """The tables of the charts in a figure, with its rectangle, to stand after it."""
    figure = placed.element
    if figure.picture is None:
        return []
    boxes = page.layout.boxes
    charts = [chart for index, own in page.charts.items() if boxes[index].bbox == figure.bbox for chart in own]
    found = []
    for chart in charts:
        caption = f"{figure.caption} {chart.table.caption}".strip()
        table = replace(chart.table, caption=caption)
        author = "" if chart.printed else DRAWING
        beside = replace(figure, kind="table", lines=(), picture=None, caption=caption, table=table, author=author)
        found.append(Placed(placed.kind, beside))
    return found


def _in_bookmarks(element: Element, outline: Outline) -> Element:
    """An element that no heading stands above, below the bookmarks of its page."""
    if element.section or element.heading:
        return element
    return replace(element, section=outline.section_of(element.page))


def _as_in_file(element: Element, layout: LayoutPage) -> Element:
    """An element with its rectangles as they lie on the page as the file has it."""
    if not layout.prepared.turn:
        return element

    def place(bbox: BBox | None, page: int = 0) -> BBox | None:
        return bbox if bbox is None or page else layout.as_in_file(bbox)

    table = element.table
    if table is not None:
        cells = tuple(replace(cell, bbox=place(cell.bbox, cell.page)) for cell in table.cells)
        table = replace(table, cells=cells)
    lines = tuple(replace(line, bbox=place(line.bbox, line.page)) for line in element.lines)
    bbox, caption = place(element.bbox), place(element.caption_bbox)
    return replace(element, lines=lines, bbox=bbox, caption_bbox=caption, table=table)


def _running_key(box: LayoutBox) -> str:
    return re.sub(r"[\W\d]+", " ", " ".join(line.text for line in box.lines)).strip().lower()


def _running_text(pages: Sequence[PageContent]) -> frozenset[str]:
    """Keys of heads and feet that return on another page; one that stands only once is content, not a running head."""
    seen = Counter(
        key
        for page in pages
        for key in {_running_key(box) for box in page.layout.boxes if box.kind in ("page-header", "page-footer")}
    )
    return frozenset(key for key, count in seen.items() if count > 1 or len(key) < 3)


def _logos(pages: Sequence[PageContent]) -> frozenset[str]:
    seen = Counter(
        asset
        for page in pages
        for asset in {picture.asset for i, picture in page.pictures.items() if not page.layout.boxes[i].lines}
    )
    return frozenset(asset for asset, count in seen.items() if count >= RUNNING_PAGES)


def _heading_levels(pages: Sequence[PageContent]) -> dict[float, int]:
    """Level 1-6 for each size at which headings are printed, the largest first."""
    sizes = {box.font_size for page in pages for box in page.layout.boxes if is_heading(box)}
    return {size: min(rank, 6) for rank, size in enumerate(sorted(sizes, reverse=True), start=1)}


def _page_elements(
    page: PageContent,
    running: frozenset[str],
    logos: frozenset[str],
    levels: dict[float, int],
    path: dict[int, str],
    said: set[str],
) -> list[Placed]:
    """Elements of one page; ``path`` (heading by level) and the running heads and feet that were ``said`` are carried on from
    page to page. These are said once, with the page on which they stand first."""
    elements: list[Placed] = []
    below: list[Placed] = []
    number = page.layout.number
    targets = {
        i: box
        for i, box in enumerate(page.layout.boxes)
        if (box.kind == "table" and box.grid) or (i in page.pictures and page.pictures[i].asset not in logos)
    }
    captions = find_captions(page.layout.boxes, targets)
    claimed = {index for caption in captions.values() for index in caption.boxes}
    for index, box in enumerate(page.layout.boxes):
        if index in claimed:
            continue
        if box.kind in ("page-header", "page-footer") and (key := _running_key(box)) in running:
            if key not in said and len(key.split()) >= MIN_RUNNING:
                below.append(Placed(RUNNING, Element(kind="text", lines=box.lines, page=number, bbox=box.bbox)))
            said.add(key)
            continue
        if is_heading(box):
            level = levels[box.font_size]
            for deeper in [known for known in path if known >= level]:
                del path[deeper]
            section = tuple(path[known] for known in sorted(path))
            path[level] = " ".join(line.text for line in box.lines)
            element = Element(kind="text", lines=box.lines, page=number, bbox=box.bbox, section=section, heading=level)
            elements.append(Placed(box.kind, element))
            continue
        block = _block(page, index, box, logos)
        if block is None:
            continue
        element = block
        if index in captions:
            element = _captioned(element, captions[index])
        element = replace(element, section=tuple(path[known] for known in sorted(path)))
        elements.append(Placed(box.kind, element))
    return elements + below


def _captioned(element: Element, caption: Caption) -> Element:
    text = " ".join(part for part in (caption.text, element.caption) if part)
    inside = element.bbox if element.caption else None  # a title within the table's own rectangle
    table = replace(element.table, caption=text) if element.table else None
    return replace(element, caption=text, caption_bbox=union([caption.bbox, inside]), table=table)


def _block(page: PageContent, index: int, box: LayoutBox, logos: frozenset[str]) -> Element | None:
    number = page.layout.number
    if box.kind == "table" and box.grid and any(any(row) for row in box.grid):
        table = table_of(box, page.merged.get(index))
        return Element(kind="table", page=number, bbox=box.bbox, caption=table.caption, table=table)
    picture = page.pictures.get(index)
    if picture is not None and picture.asset not in logos:
        return Element(kind="image", lines=box.lines, page=number, bbox=box.bbox, picture=picture)
    if not box.lines:
        return None
    return Element(kind="text", lines=box.lines, page=number, bbox=box.bbox)
