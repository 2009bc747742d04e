"""The plain words of a PDF's pages with their rectangles, line by line: what can be had in a moment, before any layout is
looked at."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

from errors import ParseError
from ingest.parsers.base import Outline
from ingest.parsers.pdf.headings import title_of
from ingest.parsers.pdf.layout import clean
from ingest.parsers.pdf.text_layer import is_doubtful
from records import BBox, Document, Element, Line
from store.pdf_overlay import is_hidden
from text.geometry import union

THIN = 3.0  # points; a line is no higher, and longer
MIDDLE = 0.3  # of the height of letters, above and below what is struck through
MOST = 0.5  # of their width
FEW = 30  # letters that a page shows; one with fewer may be a scan, with its words hidden below


def read_words(source: str, data: bytes, numbers: Sequence[int], outline: Outline) -> Document:
    """Return the pages ``numbers``, which count from 1, as a document of text alone: a block of lines is an element, below
    the bookmarks of its page. What is struck out is left out, and so is what is hidden, but for the words below a scan as
    far as they can be believed. Runs in a worker.

    Raises:
        ParseError: the file cannot be opened again.
    """
    import pymupdf

    try:
        with pymupdf.open(stream=data, filetype="pdf") as document:
            elements = tuple(one for number in numbers for one in _elements(document[number - 1], number, outline))
    except (RuntimeError, ValueError) as error:
        # None: MuPDF's own errors cannot leave the process
        raise ParseError(f"{source} does not open as a PDF ({type(error).__name__}: {str(error)[:200]}).") from None
    title = title_of(source, outline.title, [])
    return Document(source=source, kind="pdf", title=title, pages=outline.pages, elements=elements, unit="page")


def _elements(page: Any, number: int, outline: Outline) -> Iterator[Element]:
    import pymupdf

    page.remove_rotation()  # rectangles are those of the page as it is shown
    blocks = page.get_text("dict", flags=pymupdf.TEXTFLAGS_TEXT | pymupdf.TEXT_MEDIABOX_CLIP)["blocks"]
    rules = _rules(page)
    shown = [lines for block in blocks if (lines := _lines(block, rules, hidden=False))]
    if sum(len(line.text) for lines in shown for line in lines) < FEW:
        below = [lines for block in blocks if (lines := _lines(block, rules, hidden=True))]
        if not is_doubtful("\n".join(line.text for lines in below for line in lines)):
            shown += below
    section = outline.section_of(number)
    for lines in shown:
        box = union(line.bbox for line in lines)
        yield Element(kind="text", lines=tuple(lines), page=number, bbox=box, section=section)


def _lines(block: Any, rules: Sequence[BBox], *, hidden: bool) -> list[Line]:
    found = []
    for line in block.get("lines", ()):
        spans = [span for span in line["spans"] if is_hidden(span) == hidden and not _is_struck(span["bbox"], rules)]
        if text := clean("".join(span["text"] for span in spans)):
            found.append(Line(text, union(tuple(round(side, 2) for side in span["bbox"]) for span in spans)))
    return found


def _rules(page: Any) -> list[BBox]:
    """The thin level lines on a page, from top to bottom. MuPDF can tell struck-out letters itself, in ten times the time."""
    drawn = [box for kind, box in page.get_bboxlog() if kind in ("fill-path", "stroke-path")]
    return sorted((box for box in drawn if box[3] - box[1] <= THIN < box[2] - box[0]), key=lambda box: box[1])


def _is_struck(bbox: BBox, rules: Sequence[BBox]) -> bool:
    """Whether a line runs through the middle of most of a rectangle."""
    x0, y0, x1, y1 = bbox
    top, bottom = y0 + (y1 - y0) * MIDDLE, y1 - (y1 - y0) * MIDDLE
    first = bisect_left(rules, top, key=lambda rule: rule[1])
    near = takewhile(lambda rule: rule[1] < bottom, rules[first:])
    return any(min(x1, rule[2]) - max(x0, rule[0]) > MOST * (x1 - x0) for rule in near)
