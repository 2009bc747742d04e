"""The pages of a PDF as they are read, one by one: layout, tables put right, figures cut out, charts as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from config import Settings
from errors import ParseError
from ingest.parsers.base import AssetSink, Bookmark, Outline
from ingest.parsers.pdf.attachments import ReadFile, attached, names_of
from ingest.parsers.pdf.cells import Merged
from ingest.parsers.pdf.chart.reading import Chart, charts_of
from ingest.parsers.pdf.chart.shapes import drawing_of
from ingest.parsers.pdf.layout import LayoutBox, LayoutPage, clean, read_layout
from ingest.parsers.pdf.marks import kept_apart
from ingest.parsers.pdf.page_keys import page_keys
from ingest.parsers.pdf.prepare import prepare
from ingest.parsers.pdf.repair import repaired
from ingest.parsers.pdf.rules import rules_of
from models.ocr import read_text
from records import BBox, Element, Line, Loss, Picture, Raw

MIN_READ = 60.0  # points; text is looked for in pictures of at least this size on both sides
MIN_FIGURE = 24.0  # points; smaller pictures without text are bullets, rules and icons
MAX_PATHS = 20_000  # of a page; a map has more, and no chart
AROUND_FIGURE = 3.0  # points around the box of a figure in which its outermost labels may lie


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
