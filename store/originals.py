"""Originals looked at again: a page drawn, and the words that stand in a rectangle of it, by its text and by its pixels."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

from PIL import Image, UnidentifiedImageError

from errors import StoreError
from models.ocr import read_text
from records import BBox, Line
from store.assets import Assets
from store.pdf_overlay import overlay, shown_text
from store.pixels_later import is_put_off
from vision.office_pdf import KINDS

MAX_PIXELS = 6_000_000  # a poster is drawn at a lower resolution
MARGIN = 2.0  # around a rectangle: glyphs reach a little beyond their line's box
AROUND = 40.0  # what OCR sees around a rectangle at least, for it reads cut lines, strips and lone words badly
OCR_DPI = 200
ENLARGED = 2.0  # times, what is cut out of a picture
DOCUMENTS = 4  # of which all words are kept
PLACES = 1024  # whose text is kept
READINGS = 256  # by OCR that are kept, for the reader and the check ask for the same ones
# MuPDF must not be entered by two threads of a process at once.
_mupdf = Lock()


@dataclass(frozen=True)
class PageWord:
    """A word as it stands on a page; ``line`` is the same for those of one line."""

    text: str
    bbox: BBox
    line: tuple[int, int]


class Originals:
    """The pages of stored PDFs, and of Office files that were drawn as PDF; and stored pictures. Rectangles are in points, of
    a picture in its pixels."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets
        self._in_text = lru_cache(PLACES)(self._read_place)
        self._in_pixels = lru_cache(READINGS)(self._recognise)
        self._page_words = lru_cache(DOCUMENTS)(self._read_words)

    def drawn(self, original: str, number: int, dpi: int, clip: BBox | None = None) -> bytes:
        """Draw page ``number`` (from 1) of the PDF in asset ``original``, or ``clip`` of it, as PNG; its resolution, which
        may be less than ``dpi``, is written into it.

        Raises:
            StoreError: there is no such asset or page, or it cannot be drawn.
        """
        with self._page(original, number) as page:
            area = max(page.rect.width * page.rect.height, 1.0)
            fitting = min(dpi, int(72 * math.sqrt(MAX_PIXELS / area)))
            return bytes(page.get_pixmap(dpi=max(fitting, 1), alpha=False, clip=clip).tobytes("png"))

    def size(self, original: str, number: int) -> tuple[float, float]:
        """Return width and height in points of page ``number`` (from 1) of the PDF in asset ``original``, as it is drawn.

        Raises:
            StoreError: as for ``drawn``.
        """
        with self._page(original, number) as page:
            return float(page.rect.width), float(page.rect.height)

    def page_words(self, original: str) -> tuple[tuple[PageWord, ...], ...]:
        """Return the words of all pages of the PDF in asset ``original``, as they follow each other in the file.

        Raises:
            StoreError: as for ``drawn``.
        """
        return self._page_words(original)

    def _read_words(self, original: str) -> tuple[tuple[PageWord, ...], ...]:
        with self._document(original) as document:
            pages = [page.get_text("words", sort=False) for page in document]
        return tuple(
            tuple(PageWord(text, (x0, y0, x1, y1), (block, line)) for x0, y0, x1, y1, text, block, line, _ in words)
            for words in pages
        )

    def found(self, original: str, number: int, text: str) -> tuple[BBox, ...]:
        """Return the rectangles at which page ``number`` of the PDF in asset ``original`` has ``text``, whatever its case;
        none on a scan.

        Raises:
            StoreError: as for ``drawn``.
        """
        with self._page(original, number) as page:
            page.remove_rotation()
            return tuple((box.x0, box.y0, box.x1, box.y1) for box in page.search_for(text))

    def words(self, original: str, number: int, bbox: BBox) -> str:
        """Return the text that page ``number`` of the PDF in asset ``original`` shows in a rectangle, with form fields, notes
        and targets of links there. Text that is hidden, as below a scan, is left out: it may say what the page does not.

        Raises:
            StoreError: as for ``drawn``.
        """
        return self._in_text(original, number, bbox)

    def _read_place(self, original: str, number: int, bbox: BBox) -> str:
        with self._page(original, number) as page:
            page.remove_rotation()  # rectangles are those of the page as it is read
            area = _widened(bbox, MARGIN)
            over = (one.text for one in overlay(page) if _meet(one.bbox, area))
            return "\n".join([shown_text(page, area), *over])

    def words_in_pixels(self, asset: str, number: int | None, bbox: BBox) -> str:
        """Return what OCR reads in a rectangle of page ``number`` of the PDF in ``asset``; with None, of the picture in it.

        Raises:
            StoreError: there is no such asset or page, or it cannot be drawn or read; or that is put off.
        """
        if is_put_off(asset):
            raise StoreError("The pixels of this place are read later.")
        return self._in_pixels(asset, number, bbox)

    def _recognise(self, asset: str, number: int | None, bbox: BBox) -> str:
        x0, y0, x1, y1 = _surroundings(bbox)
        around = (max(x0, 0.0), max(y0, 0.0), x1, y1)  # the top left of what is cut out is where its pixels begin
        try:
            if number is None:
                image, scale = _enlarged(_opened(self._assets.read(asset)), around)
            else:
                image = _opened(self.drawn(asset, number, OCR_DPI, clip=around))
                scale = float(image.info["dpi"][0]) / 72
            buffer = io.BytesIO()
            image.save(buffer, "PNG", compress_level=1)
            lines = read_text(buffer.getvalue())
        except (ValueError, RuntimeError) as error:  # a rectangle without pixels; OCR's own errors
            raise StoreError(f"The place {bbox} of {asset} cannot be read again ({error}).") from error
        return "\n".join(line.text for line in lines if _overlaps(line, around, scale, _widened(bbox, MARGIN)))

    @contextmanager
    def _page(self, original: str, number: int) -> Iterator[Any]:
        with self._document(original) as document:
            if not 1 <= number <= document.page_count:
                raise StoreError(f"There is no page {number}: the document has {document.page_count}.")
            yield document[number - 1]

    @contextmanager
    def _document(self, original: str) -> Iterator[Any]:
        import pymupdf

        path = self._assets.path(original)
        if path.suffix[1:] in KINDS:
            path = self._assets.drawn_path(original)
        if not path.is_file():
            raise StoreError(f"The original of this page is missing ({path.name}). Take its source in again.")
        with _mupdf:
            pymupdf.TOOLS.mupdf_display_errors(False)
            try:
                with pymupdf.open(path) as document:
                    yield document
            except (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase) as error:
                raise StoreError(f"A page of {path.name} cannot be drawn ({error}).") from error


def _meet(one: BBox, other: BBox) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _widened(bbox: BBox, by: float) -> BBox:
    x0, y0, x1, y1 = bbox
    return x0 - by, y0 - by, x1 + by, y1 + by


def _surroundings(bbox: BBox) -> BBox:
    x0, y0, x1, y1 = bbox
    width, height = x1 - x0, y1 - y0
    across = max(AROUND, (height - width) / 2)
    along = max(AROUND, (width - height) / 2)
    return x0 - across, y0 - along, x1 + across, y1 + along


def _opened(picture: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(picture)) as opened:
            opened.load()
            image = opened.convert("RGB")
            image.info = dict(opened.info)
            return image
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise StoreError(f"A stored picture cannot be read ({error}). Take its source in again.") from error


def _enlarged(image: Image.Image, around: BBox) -> tuple[Image.Image, float]:
    """What ``around`` cuts out, larger, for at its own size it was read already; and how much larger."""
    x0, y0, x1, y1 = around
    cut = image.crop((int(x0), int(y0), min(math.ceil(x1), image.width), min(math.ceil(y1), image.height)))
    scale = min(ENLARGED, math.sqrt(MAX_PIXELS / max(cut.width * cut.height, 1)))
    size = (max(round(cut.width * scale), 1), max(round(cut.height * scale), 1))
    return cut.resize(size, Image.Resampling.LANCZOS), scale


def _overlaps(line: Line, around: BBox, scale: float, wanted: BBox) -> bool:
    """Whether a line of a drawing that begins at ``around`` with ``scale`` pixels a unit lies level with ``wanted`` and
    reaches into it."""
    assert line.bbox is not None
    left, top, right, bottom = (value / scale + around[n % 2] for n, value in enumerate(line.bbox))
    return wanted[1] <= (top + bottom) / 2 <= wanted[3] and left < wanted[2] and right > wanted[0]
