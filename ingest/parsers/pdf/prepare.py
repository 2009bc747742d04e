"""A PDF's page made ready to be read: turned as its text runs, without what is struck out or only seems to be its text, and
with what lies over it taken off."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingest.parsers.pdf.text_layer import is_doubtful, is_worse
from models.ocr import read_text, sample
from records import BBox, Loss
from store.pdf_overlay import Field, Note, fields_of, is_hidden, links_of, notes_of

MOST = 0.6  # share of a page's letters that run another way for the page to be turned
MIN_TURNED = 20  # letters that do at least
FEW = 30  # letters; a page with fewer, and a picture over half of it, is a scan
MIN_COVERED = 0.5  # of a page, by the picture of a scan
LEGIBLE = 0.75  # how sure OCR is of the words of a scan that names no loss
SAMPLE_DPI, READ_DPI = 110, 150  # at which it is looked how a scan is turned, and what it says
_HIDDEN_BLOCK = re.compile(rb"(?<!\S)BT(?=\s)(?:(?!\sET(?:\s|$)).)*?\s3\s+Tr\s.*?\sET(?=\s|$)", re.DOTALL)


@dataclass(frozen=True)
class Prepared:
    """What was done to a page, and found on it. Rectangles are those of the page before it was turned."""

    turn: int = 0  # degrees clockwise by which it was turned
    fields: tuple[Field, ...] = ()
    notes: tuple[Note, ...] = ()
    losses: tuple[Loss, ...] = ()
    changed: bool = False  # other than by the rotation that the file itself asks for
    layer_dropped: bool = False  # the text below a scan


UNTOUCHED = Prepared()


@dataclass(frozen=True)
class _Span:
    text: str
    bbox: BBox
    direction: tuple[int, int]
    hidden: bool
    struck: bool

    @property
    def letters(self) -> int:
        return sum(map(str.isalnum, self.text))


def prepare(document: Any, number: int, known: Prepared | None = None) -> Prepared:
    """Make page ``number`` (from 1) of ``document`` ready, and return what was done.

    Args:
        known: what was done to it in another copy, so that no pixels need be looked at again.
    """
    page = document[number - 1]
    page.remove_rotation()
    fields, notes = tuple(fields_of(page)), (*notes_of(page), *links_of(page))
    widgets = list(page.widgets())
    for widget in widgets:
        page.delete_widget(widget)
    losses: list[Loss] = []
    spans = list(_spans(page))
    struck = [span for span in spans if span.struck]
    if struck:
        _erase(page, [span.bbox for span in struck])
        said = " ".join(" ".join(span.text for span in struck).split())
        losses.append(Loss(f"struck-out text on page {number}", f"“{said[:200]}” is crossed out there"))
    scan = _covered_by_picture(page)
    layer = [span for span in spans if span.hidden or scan == "above"]
    shown = [span for span in spans if not (span.hidden or scan == "above")]
    changed = dropped = False
    if known is None:
        dropped = bool(scan and layer) and sum(span.letters for span in shown) < FEW and _is_poor(page, layer)
    if dropped or (known is not None and known.layer_dropped):
        _erase(page, [tuple(page.rect)], whole=True)
        spans = shown
        losses.append(Loss(f"text layer of page {number}", "it does not fit the scan, which was read anew"))
    else:
        changed = _doubles(layer, shown) and _without_hidden(document, page)
    turn = known.turn if known is not None else _turn_of(spans)
    if known is None and scan and sum(span.letters for span in spans) < FEW:
        seen = sample(_pixels(page))
        turn = seen.turn
        if seen.sure < LEGIBLE:
            losses.append(Loss(f"page {number}", "its scan is hard to read, so that its words may be wrong"))
    if turn:
        page.set_rotation(turn)
        page.remove_rotation()
    changed = bool(changed or dropped or widgets or struck or turn)
    return Prepared(turn, fields, notes, tuple(losses), changed, dropped)


def turned(bbox: BBox, turn: int, width: float, height: float) -> BBox:
    """Return where a rectangle comes to lie on a page of this size that is turned clockwise by ``turn`` degrees."""
    x0, y0, x1, y1 = bbox
    if turn == 90:
        return height - y1, x0, height - y0, x1
    if turn == 180:
        return width - x1, height - y1, width - x0, height - y0
    if turn == 270:
        return y0, width - x1, y1, width - x0
    return bbox


def _spans(page: Any) -> Iterator[_Span]:
    import pymupdf

    flags = pymupdf.TEXT_COLLECT_STYLES | pymupdf.TEXT_ACCURATE_BBOXES | pymupdf.TEXT_MEDIABOX_CLIP
    for block in page.get_text("dict", flags=flags)["blocks"]:
        for line in block.get("lines", ()):
            way = (round(line["dir"][0]), round(line["dir"][1]))
            for span in line["spans"]:
                struck = bool(span["char_flags"] & pymupdf.mupdf.FZ_STEXT_STRIKEOUT)
                yield _Span(span["text"], tuple(span["bbox"]), way, is_hidden(span), struck)


def _erase(page: Any, boxes: list[BBox], *, whole: bool = False) -> None:
    """Take the text in ``boxes`` off the page, pictures and drawings not: of a line a band in its middle is enough, and
    touches no other."""
    for x0, y0, x1, y1 in boxes:
        middle = (y0 + y1) / 2
        band = (x0, y0, x1, y1) if whole else (x0 + 0.5, middle - 1, x1 - 0.5, middle + 1)
        page.add_redact_annot(band, fill=False)
    page.apply_redactions(images=0, graphics=0, text=0)


def _covered_by_picture(page: Any) -> str:
    """ "above" where a picture over half of the page is drawn after its text, "below" where before it, "" without one."""
    log = page.get_bboxlog()
    area = MIN_COVERED * abs(page.rect)
    found = [at for at, (kind, box) in enumerate(log) if kind == "fill-image" and _area(box) >= area]
    if not found:
        return ""
    texts = [at for at, (kind, _) in enumerate(log) if kind.endswith("text") and kind != "ignore-text"]
    return "above" if texts and max(texts) < found[-1] else "below"


def _area(box: Any) -> float:
    return float(max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1]))


def _is_poor(page: Any, layer: list[_Span]) -> bool:
    text = "\n".join(span.text for span in layer)
    if not is_doubtful(text):
        return False
    seen = "\n".join(line.text for line in read_text(_pixels(page, READ_DPI)))
    return is_worse(text, seen)


def _pixels(page: Any, dpi: int = SAMPLE_DPI) -> bytes:
    return bytes(page.get_pixmap(dpi=dpi, alpha=False).tobytes("png"))


def _doubles(layer: list[_Span], shown: list[_Span]) -> bool:
    """Whether most hidden text says what the text that is shown there says already."""
    printed = "".join("".join(span.text.split()) for span in shown)
    texts = ["".join(span.text.split()) for span in layer]
    return bool(layer and printed) and sum(len(one) for one in texts if one in printed) > sum(map(len, texts)) / 2


def _without_hidden(document: Any, page: Any) -> bool:
    """Take hidden text out of a page's content; return whether there was any."""
    content = page.read_contents()
    shorter = _HIDDEN_BLOCK.sub(b" ", content)
    if shorter == content or not page.get_contents():
        return False
    first = page.get_contents()[0]
    document.update_stream(first, shorter)
    page.set_contents(first)
    return True


def _turn_of(spans: list[_Span]) -> int:
    """By how many degrees clockwise most letters have to be turned to run from left to right."""
    ways = Counter[tuple[int, int]]()
    for span in spans:
        ways[span.direction] += span.letters
    way, most = max(ways.items(), key=lambda item: item[1], default=((1, 0), 0))
    enough = most >= MOST * sum(ways.values()) and most >= MIN_TURNED
    return {(0, -1): 90, (-1, 0): 180, (0, 1): 270}.get(way, 0) if enough else 0
