"""PDF -> Document: the pages' layout boxes, put together over the whole document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from config import Settings
from errors import ParseError
from ingest.parsers.base import AssetSink, Bookmark, Outline
from ingest.parsers.pdf.attachments import ReadFile, attached, names_of
from ingest.parsers.pdf.captions import Caption, find_captions, is_units
from ingest.parsers.pdf.cells import Merged
from ingest.parsers.pdf.chart.reading import Chart, charts_of
from ingest.parsers.pdf.chart.shapes import drawing_of
from ingest.parsers.pdf.layout import LayoutBox, LayoutPage, clean, read_layout
from ingest.parsers.pdf.marks import kept_apart
from ingest.parsers.pdf.over_pages import Placed, joined
from ingest.parsers.pdf.page_keys import page_keys
from ingest.parsers.pdf.prepare import prepare
from ingest.parsers.pdf.repair import repaired
from ingest.parsers.pdf.rules import rules_of
from ingest.parsers.pdf.tables import table_of
from models.ocr import read_text
from records import DRAWING, BBox, Document, Element, Line, Loss, Picture, Raw
from text.geometry import union

MIN_READ = 60.0  # points; text is looked for in pictures of at least this size on both sides
MIN_FIGURE = 24.0  # points; smaller pictures without text are bullets, rules and icons
MAX_PATHS = 20_000  # of a page; a map has more, and no chart
AROUND_FIGURE = 3.0  # points around the box of a figure in which its outermost labels may lie
RUNNING = "running"  # kind of what is made of running heads and feet, and stands at the end of a document
MIN_RUNNING = 2  # words of a running head or foot that says something
RUNNING_PAGES = 3  # a picture without text that returns on so many pages is a logo


@dataclass(frozen=True)
class PageContent:
    """A page's layout with the crops of its pictures, by index of the box."""

    layout: LayoutPage
    pictures: dict[int, Picture] = field(default_factory=dict)
    losses: tuple[Loss, ...] = ()
    merged: dict[int, Merged] = field(default_factory=dict)  # cells of table boxes
    charts: dict[int, tuple[Chart, ...]] = field(default_factory=dict)  # of picture boxes
    attached: tuple[Element, ...] = ()  # what files that are attached to the document hold, with its first page


def is_pdf(raw: Raw) -> bool:
    """Return whether a PDF begins near the start of the bytes."""
    return b"%PDF-" in raw.data[:1024]


def parse_pdf(raw: Raw, *, assets: AssetSink, settings: Settings, read_file: ReadFile | None = None) -> Document:
    """Return a PDF as a document, read from its first page to its last in this process; the files that are attached to it
    are read, too, or named alone.

    Raises:
        ParseError: it is broken, encrypted or empty.
    """
    outline = open_pdf(raw)
    pages = read_pages(raw.data, range(1, outline.pages + 1), assets, settings, read_file=read_file)
    return assemble(raw.source, outline, pages, {})


def open_pdf(raw: Raw) -> Outline:
    """Return the number of pages, and the title in the metadata.

    Raises:
        ParseError: it is broken, encrypted or has no pages.
    """
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    try:
        with pymupdf.open(stream=raw.data, filetype="pdf") as document:
            if document.needs_pass:
                raise ParseError(f"{raw.source} is encrypted. Remove its password and add it again.")
            if document.page_count == 0:
                raise ParseError(f"{raw.source} has no pages.")
            title = clean((document.metadata or {}).get("title") or "")
            return Outline(document.page_count, title, _bookmarks(document), page_keys(document))
    except (RuntimeError, ValueError):
        # None: MuPDF's own errors cannot leave the process
        raise ParseError(f"{raw.source} is broken: it does not open as a PDF. Get a fresh copy of it.") from None


def _bookmarks(document: Any) -> tuple[Bookmark, ...]:
    found = (Bookmark(int(level), clean(title), int(page)) for level, title, page, *_ in document.get_toc())
    return tuple(one for one in found if one.title and one.page > 0)


def read_pages(
    data: bytes, numbers: Sequence[int], assets: AssetSink, settings: Settings, *, read_file: ReadFile | None = None
) -> list[PageContent]:
    """Return layout and pictures of the pages ``numbers``, which count from 1; with the first one what is attached to the
    document.

    Raises:
        ParseError: the file cannot be opened again.
    """
    import pymupdf

    try:
        layouts = read_layout(data, numbers)
        # a second handle: recognised text was written onto the pages of the first
        with pymupdf.open(stream=data, filetype="pdf") as document:
            pages = [_with_crops(layout, document, assets, settings.figure_dpi) for layout in layouts]
            return [
                _with_attached(page, document, assets, settings, read_file) if page.layout.number == 1 else page
                for page in pages
            ]
    except (RuntimeError, ValueError) as error:
        # None: MuPDF's own errors cannot leave the process
        raise ParseError(f"it does not open as a PDF ({type(error).__name__}: {str(error)[:200]}).") from None


def _with_attached(
    page: PageContent, document: Any, assets: AssetSink, settings: Settings, read_file: ReadFile | None
) -> PageContent:
    if read_file is None:
        lost = [
            Loss(f"attached file {name}", "attached files of attached files are not read")
            for name in names_of(document)
        ]
        return replace(page, losses=(*page.losses, *lost))
    elements, losses = attached(document, assets, settings, read_file)
    return replace(page, attached=tuple(elements), losses=(*page.losses, *losses))


def _with_crops(layout: LayoutPage, document: Any, assets: AssetSink, dpi: int) -> PageContent:
    """The page with its figures cut out and read, and with what its words and lines tell about its tables."""
    losses = [Loss(f"page {layout.number}", layout.error)] if layout.error else []
    losses += layout.prepared.losses
    pictures: dict[int, Picture] = {}
    try:
        if layout.prepared.changed:
            prepare(document, layout.number, layout.prepared)
        page = document[layout.number - 1]
        page.remove_rotation()  # the layout's coordinates are those of the page as it is read
        layout, merged = _with_tables(layout, page)
    except (RuntimeError, ValueError) as error:
        return PageContent(layout, losses=(*losses, Loss(f"figures on page {layout.number}", str(error))))
    for index, box in enumerate(layout.boxes):
        if not _is_figure(box):
            continue
        try:
            pictures[index] = _crop(page, box.bbox, assets, dpi)
        except (RuntimeError, ValueError) as error:
            losses.append(Loss(f"figure on page {layout.number}", str(error)))
    charts: dict[int, tuple[Chart, ...]] = {}
    try:
        charts = _charts(layout, page)
    except (RuntimeError, ValueError) as error:
        losses.append(Loss(f"drawings on page {layout.number}", str(error)))
    boxes = tuple(_with_text(index, box, pictures, assets) for index, box in enumerate(layout.boxes))
    return PageContent(replace(layout, boxes=boxes), pictures, tuple(losses), merged, charts)


def _charts(layout: LayoutPage, page: Any) -> dict[int, tuple[Chart, ...]]:
    """The charts that can be read from their drawing, by index of the picture box."""
    figures = {index: box.bbox for index, box in enumerate(layout.boxes) if box.kind == "picture" and _is_figure(box)}
    drawings = page.get_cdrawings() if figures else []
    if not drawings or len(drawings) > MAX_PATHS:
        return {}
    words = page.get_text("words")
    found = {}
    for index, (x0, y0, x1, y1) in figures.items():
        area = (x0 - AROUND_FIGURE, y0 - AROUND_FIGURE, x1 + AROUND_FIGURE, y1 + AROUND_FIGURE)
        if charts := charts_of(drawing_of(area, words, drawings)):
            found[index] = tuple(charts)
    return found


def _with_tables(layout: LayoutPage, page: Any) -> tuple[LayoutPage, dict[int, Merged]]:
    """The layout with its tables put right, and their merged cells by index of the box."""
    if not any(box.kind == "table" and box.grid for box in layout.boxes):
        return layout, {}
    words = [(*word[:4], kept_apart(word[4], word[:4], layout.marks)) for word in page.get_text("words")]
    rules = rules_of(page.get_cdrawings())
    boxes: list[LayoutBox] = []
    merged: dict[int, Merged] = {}
    for box in layout.boxes:
        if box.kind != "table" or not box.grid:
            boxes.append(box)
            continue
        table, cells, note = repaired(box, words, rules)
        merged[len(boxes)] = cells
        boxes += [table, note] if note else [table]
    return replace(layout, boxes=tuple(boxes)), merged


def _is_figure(box: LayoutBox) -> bool:
    if box.kind not in ("picture", "formula") or (box.kind == "formula" and box.lines):
        return False
    return bool(box.lines) or min(box.bbox[2] - box.bbox[0], box.bbox[3] - box.bbox[1]) >= MIN_FIGURE


def _with_text(index: int, box: LayoutBox, pictures: dict[int, Picture], assets: AssetSink) -> LayoutBox:
    """The box with the text in its pixels, when it is a picture of some size that the page gave no text for."""
    picture = pictures.get(index)
    if picture is None or box.lines or min(box.bbox[2] - box.bbox[0], box.bbox[3] - box.bbox[1]) < MIN_READ:
        return box
    scale_x = (box.bbox[2] - box.bbox[0]) / picture.width
    scale_y = (box.bbox[3] - box.bbox[1]) / picture.height
    lines = tuple(
        Line(line.text, _placed(line.bbox, box.bbox, scale_x, scale_y)) for line in _read(assets, picture.asset)
    )
    return replace(box, lines=lines)


@lru_cache(maxsize=256)
def _read(assets: AssetSink, asset: str) -> tuple[Line, ...]:
    """The text in a picture; a logo that stands on every page is read once."""
    return read_text(assets.read(asset))


def _placed(inner: BBox | None, outer: BBox, scale_x: float, scale_y: float) -> BBox | None:
    if inner is None:
        return None
    x0, y0, x1, y1 = inner
    return (
        round(outer[0] + x0 * scale_x, 2),
        round(outer[1] + y0 * scale_y, 2),
        round(outer[0] + x1 * scale_x, 2),
        round(outer[1] + y1 * scale_y, 2),
    )


def _crop(page: Any, bbox: BBox, assets: AssetSink, dpi: int) -> Picture:
    pixmap = page.get_pixmap(clip=bbox, dpi=dpi, alpha=False)
    asset = assets.put(pixmap.tobytes("png"), ".png")
    return Picture(asset=asset, width=pixmap.width, height=pixmap.height)


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
    sizes = {box.font_size for page in pages for box in page.layout.boxes if _is_heading(box)}
    return {size: min(rank, 6) for rank, size in enumerate(sorted(sizes, reverse=True), start=1)}


def _is_heading(box: LayoutBox) -> bool:
    text = " ".join(line.text for line in box.lines)
    set_as_one = box.kind in ("title", "section-header") and 2 < len(text) <= 200 and any(map(str.isalpha, text))
    return set_as_one and not is_units(text)  # "(in thousands)" would hide the heading that it stands below


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
        if _is_heading(box):
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


_POOR_TITLE = re.compile(
    r"^(?:untitled|document\d*|microsoft\b.*|powerpoint\b.*|.*\.(?:docx?|pptx?|xlsx?|pdf|indd|qxd|htm)|[\W\d_a-f]+)$",
    re.I,
)


_NAMES_NO_DOCUMENT = re.compile(  # headings of a part, of a kind of document or of an authority, not of this document
    r"^(?:(?:table of )?contents|abstract|introduction|agenda|overview|(?:executive )?summary|index|preface|foreword|"
    r"acknowledge?ments?|version [\d.]+|united states(?: of america)?(?: securities and exchange commission)?|"
    r"securities and exchange commission|(?:washington|commission)\b.*|form \d+-?\w*|(?:annual|quarterly) report|"
    r"for the (?:fiscal|quarterly|transition)\b.*|\d+(?:\.\d+)*\.?\s.*)\W*$",  # "2.1 Related work" is a part, too
    re.I,
)
_TITLE_SIZE = 0.7  # of the largest heading's letters, that a title has at least


def title_of(source: str, stated: str, pages: Sequence[PageContent]) -> str:
    """Return the title in the metadata if it is one, else the largest heading of the first two pages that can be one, else
    the file's name."""
    if len(stated) > 3 and not _POOR_TITLE.match(stated) and not _NAMES_NO_DOCUMENT.match(stated):
        return stated[:200]
    boxes = [box for page in pages[:2] for box in page.layout.boxes if _is_heading(box)]
    headings = [(box.font_size, " ".join(line.text for line in box.lines)) for box in boxes]
    least = _TITLE_SIZE * max((size for size, _ in headings), default=0)
    named = [one for one in headings if one[0] >= least and not _NAMES_NO_DOCUMENT.match(one[1])]
    if named:
        return max(named, key=lambda heading: heading[0])[1][:200]
    return Path(source).stem
