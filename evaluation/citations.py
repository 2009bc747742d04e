"""Are answers supported by their citations? Checked against the PDF itself, not by the check that the answer went through.

For every statement, the text inside the rectangles it cites is read from the page (PyMuPDF, ``clip``). The statement is
supported when each of its numbers and each of its quotations stands there; where it computes, when the cells do and the
numbers it adds are what they come to. Where the text layer fails, the page is drawn and read by OCR as well: on scans and
in figures words are pixels, and what a reader sees is what counts.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection
from pathlib import Path

import pymupdf

from evaluation.systems import Reply, ReplyCitation, ReplyStatement
from models.ocr import read_text
from records import BBox, Line
from text.arithmetic import results

OCR_DPI = 200
MARGIN = 2.0  # points around a rectangle: glyphs reach a little beyond their line's box
_MARK = re.compile(r"\[\d+(?:\s*,\s*\d+)*\]")
_QUOTATION = re.compile(r"[“\"]([^“”\"]{2,}?)[”\"]")
_DIGITS = re.compile(r"\d[\d,.\u00a0\u202f]*")


class Pages:
    """A reader of rectangles of PDF pages; a document stays open for as long as it is in use."""

    def __init__(self, files: Collection[Path]) -> None:
        self._files = {path.name: path for path in files if path.suffix.lower() == ".pdf"}
        self._open: tuple[str, pymupdf.Document] | None = None
        self._seen: dict[tuple[str, int], tuple[Line, ...]] = {}  # lines that OCR read, in pixels

    def has(self, source: str) -> bool:
        """Tell whether ``source`` is one of these PDFs."""
        return source in self._files

    def text(self, source: str, page: int, bbox: BBox) -> str | None:
        """Return the text in a rectangle, or None when this is no PDF."""
        if source not in self._files:
            return None
        sheet = self._sheet(source, page)
        return str(sheet.get_text(clip=_widened(bbox))) if sheet is not None else ""

    def text_in_pixels(self, source: str, page: int, bbox: BBox) -> str:
        """Return what OCR reads in a rectangle of a PDF's page; it sees the whole page, for it reads lines that are cut
        badly."""
        sheet = self._sheet(source, page) if source in self._files else None
        if sheet is None:
            return ""
        if (source, page) not in self._seen:
            self._seen[source, page] = read_text(sheet.get_pixmap(dpi=OCR_DPI, alpha=False).tobytes("png"))
        return "\n".join(line.text for line in self._seen[source, page] if _reaches(line, _widened(bbox)))

    def _sheet(self, source: str, page: int) -> pymupdf.Page | None:
        if self._open is None or self._open[0] != source:
            self.close()
            self._open = source, pymupdf.open(self._files[source])
        document = self._open[1]
        return document[page - 1] if 1 <= page <= document.page_count else None

    def close(self) -> None:
        """Close the document in use."""
        if self._open is not None:
            self._open[1].close()
            self._open = None


def _widened(bbox: BBox) -> BBox:
    x0, y0, x1, y1 = bbox
    return x0 - MARGIN, y0 - MARGIN, x1 + MARGIN, y1 + MARGIN


def _reaches(line: Line, bbox: BBox) -> bool:
    """Whether a line, in pixels, is level with a rectangle in points and reaches into it."""
    assert line.bbox is not None
    left, top, right, bottom = (value * 72 / OCR_DPI for value in line.bbox)
    return bbox[1] <= (top + bottom) / 2 <= bbox[3] and left < bbox[2] and right > bbox[0]


def citation_scores(reply: Reply, pages: Pages, gold_pages: Collection[tuple[str, int]]) -> dict[str, float]:
    """Return shares over the statements and citations of one answer; a share of nothing is left out.

    Returns:
        ``cited``: statements with a citation; ``supported``: of those that cite rectangles of PDFs, the ones whose
        numbers and quotations stand there; ``checked``: citations that the product itself marks as checked, of what it
        calls an answer; ``on_gold``: citations of a gold page.
    """
    scores: dict[str, float] = {}
    if reply.statements:
        scores["cited"] = _share([bool(one.citations) for one in reply.statements])
    judged = [is_supported(one, reply.citations, pages) for one in reply.statements]
    if known := [one for one in judged if one is not None]:
        scores["supported"] = _share(known)
    if reply.citations:
        if reply.outcome == "answered":
            scores["checked"] = _share([one.checked for one in reply.citations])
        if gold_pages:
            scores["on_gold"] = _share([(one.source, one.page) in gold_pages for one in reply.citations])
    return scores


def is_supported(statement: ReplyStatement, citations: Collection[ReplyCitation], pages: Pages) -> bool | None:
    """Tell whether the cited rectangles hold the statement's numbers and quotations; None when that cannot be told."""
    cited = [one for one in citations if one.n in statement.citations]
    boxes = [(one.source, one.page, one.bbox) for one in cited if one.bbox]
    texts = [pages.text(*box) for box in boxes]
    there = [text for text in texts if text is not None]
    if not there or len(there) < len(cited):
        return None
    if _holds(statement, "\n".join(there)):
        return True
    return _holds(statement, "\n".join(pages.text_in_pixels(*box) for box in boxes))


def _holds(statement: ReplyStatement, there: str) -> bool:
    """Whether the statement's numbers and quotations are ``there``, or computed from cells that are."""
    stated, there = (_MARK.sub(" ", text) for text in (statement.text, there))
    numbers = {_number(match.group()) for match in _DIGITS.finditer(there)}
    if computed := statement.computed:
        found = results(computed)
        if found is None or not all(_quoted(cell, there) for cell in computed.cells):
            return False
        numbers |= {_number(f"{abs(one):.10f}") for one in (*found, *computed.given)}
    if any(_number(match.group()) not in numbers for match in _DIGITS.finditer(stated)):
        return False
    return all(_quoted(match.group(1), there) for match in _QUOTATION.finditer(stated))


def _quoted(words: str, there: str) -> bool:
    """Whether the words stand there in a row; or each as often, for a figure's labels have no one order."""
    return _letters(words) in _letters(there) or _bag(words) <= _bag(there)


def _number(text: str) -> str:
    """Digits and a decimal point: "5,079." and "5079.0" are the same number."""
    digits = re.sub(r"[^\d.]", "", text).strip(".")
    return digits.rstrip("0").rstrip(".") if digits.count(".") == 1 else digits


def _letters(text: str) -> str:
    """Letters and digits alone: line breaks, hyphens at line ends and ligatures make no difference."""
    return re.sub(r"[\W_]+", "", _folded(text))


def _bag(text: str) -> Counter[str]:
    return Counter(re.findall(r"[^\W_]+", re.sub(r"[-\u00ad]\s*\n\s*", "", _folded(text))))


def _folded(text: str) -> str:
    """Lower case, without ligatures, accents and other marks that PDFs set before or after their letter."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in decomposed if unicodedata.category(sign) not in ("Mn", "Lm", "Sk"))


def _share(values: Collection[bool]) -> float:
    return sum(values) / len(values)
