"""Do an answer's citations bear it out? Checked against the PDF itself, not by the check that the answer went through.

For every statement, the text inside the rectangles it cites is read from the page (PyMuPDF, ``clip``). The statement is
borne out when each of its numbers and each of its quotations stands there. Where that fails and a figure is cited, the
rectangle is drawn and read by OCR as well, for a figure's words may be pixels.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection
from pathlib import Path

import pymupdf

from evaluation.systems import Cited, Reply, Said
from models.read import read_text
from records import BBox

OCR_DPI = 200
MARGIN = 2.0  # points around a rectangle: glyphs reach a little beyond their line's box
_MARK = re.compile(r"\[\d+(?:\s*,\s*\d+)*\]")
_QUOTATION = re.compile(r"[“\"]([^“”\"]{2,}?)[”\"]")
_DIGITS = re.compile(r"\d[\d,.\u00a0\u202f]*")


class Pages:
    """Reads rectangles of the pages of PDFs; a page is opened once for as long as its document is in use."""

    def __init__(self, files: Collection[Path]) -> None:
        self._files = {path.name: path for path in files if path.suffix.lower() == ".pdf"}
        self._open: tuple[str, pymupdf.Document] | None = None

    def text(self, source: str, page: int, bbox: BBox) -> str | None:
        """The text in a rectangle, or None when this is no PDF or the page has no text layer to check against."""
        if source not in self._files:
            return None
        sheet = self._sheet(source, page)
        if sheet is None:
            return ""
        if not sheet.get_text().strip():
            return None
        return str(sheet.get_text(clip=_widened(bbox)))

    def text_in_pixels(self, source: str, page: int, bbox: BBox) -> str:
        """What OCR reads in a rectangle of a PDF's page."""
        sheet = self._sheet(source, page) if source in self._files else None
        if sheet is None:
            return ""
        picture = sheet.get_pixmap(clip=_widened(bbox), dpi=OCR_DPI, alpha=False).tobytes("png")
        return "\n".join(line.text for line in read_text(picture))

    def _sheet(self, source: str, page: int) -> pymupdf.Page | None:
        if self._open is None or self._open[0] != source:
            self.close()
            self._open = source, pymupdf.open(self._files[source])
        document = self._open[1]
        return document[page - 1] if 1 <= page <= document.page_count else None

    def close(self) -> None:
        """Closes the document in use."""
        if self._open is not None:
            self._open[1].close()
            self._open = None


def _widened(bbox: BBox) -> BBox:
    x0, y0, x1, y1 = bbox
    return x0 - MARGIN, y0 - MARGIN, x1 + MARGIN, y1 + MARGIN


def citation_scores(reply: Reply, pages: Pages, gold_pages: Collection[tuple[str, int]]) -> dict[str, float]:
    """Shares over the statements and citations of one answer; a share of nothing is left out.

    Returns:
        ``cited``: statements with a citation; ``borne_out``: of those that cite rectangles of PDFs with text, the ones
        whose numbers and quotations stand there; ``checked``: citations that the product itself marks as checked;
        ``on_gold``: citations of a gold page.
    """
    scores: dict[str, float] = {}
    if reply.statements:
        scores["cited"] = _share([bool(one.citations) for one in reply.statements])
    verdicts = [verdict for one in reply.statements if (verdict := borne_out(one, reply.citations, pages)) is not None]
    if verdicts:
        scores["borne_out"] = _share(verdicts)
    if reply.citations:
        scores["checked"] = _share([one.checked for one in reply.citations])
        if gold_pages:
            scores["on_gold"] = _share([(one.source, one.page) in gold_pages for one in reply.citations])
    return scores


def borne_out(statement: Said, citations: Collection[Cited], pages: Pages) -> bool | None:
    """Whether the cited rectangles hold the statement's numbers and quotations; None when that cannot be told."""
    texts = []
    for one in citations:
        if one.n not in statement.citations:
            continue
        text = pages.text(one.source, one.page, one.bbox) if one.bbox else None
        if text is None:
            return None
        texts.append(text)
    if not texts:
        return None
    said = _MARK.sub(" ", statement.text)
    if _stands(said, "\n".join(texts)):
        return True
    figures = [one for one in citations if one.n in statement.citations and one.kind == "image" and one.bbox]
    texts += [pages.text_in_pixels(one.source, one.page, one.bbox) for one in figures if one.bbox]
    return bool(figures) and _stands(said, "\n".join(texts))


def _stands(said: str, there: str) -> bool:
    """Whether the numbers and quotations of ``said`` are ``there``."""
    numbers = {_number(match.group()) for match in _DIGITS.finditer(there)}
    if any(_number(match.group()) not in numbers for match in _DIGITS.finditer(said)):
        return False
    return all(_quoted(match.group(1), there) for match in _QUOTATION.finditer(said))


def _quoted(words: str, there: str) -> bool:
    """Whether the words stand there in a row; or each as often, for a figure's labels have no one order."""
    return _letters(words) in _letters(there) or _bag(words) <= _bag(there)


def _number(text: str) -> str:
    """Digits and a decimal point: "5,079." and "5079" are the same number."""
    return re.sub(r"[^\d.]", "", text).strip(".")


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
