"""What PyMuPDF's layout analysis says of a PDF's pages, as plain records.

The only module that knows pymupdf4llm. It runs in worker processes, so all that goes in and out can be pickled.
"""

from __future__ import annotations

import contextlib
import io
import re
import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ingest.parsers.memory import leave_if_grown
from ingest.parsers.pdf.marks import Mark, kept_apart, marks_of, raised_signs
from ingest.parsers.pdf.prepare import UNTOUCHED, Prepared, prepare, turned
from records import BBox, Line
from text.geometry import union
from text.invisible import without_invisible

NOISE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
SOFT_HYPHEN = "\u00ad"
NOTE, FIELD = "note", "field"  # kinds of boxes that are ours: comments on a page, and form fields that are filled in


@dataclass(frozen=True, kw_only=True)
class LayoutBox:
    """One block of a page. ``kind`` is the layout model's class: text, section-header, title, list-item, table, picture,
    caption, formula, footnote, page-header or page-footer; or note or field, for what lies over the page."""

    kind: str
    bbox: BBox
    lines: tuple[Line, ...] = ()
    font_size: float = 0.0  # points; headings only
    grid: tuple[tuple[str, ...], ...] = ()  # table: cell texts
    cells: tuple[tuple[BBox, ...], ...] = ()  # table: cell rectangles, same shape


@dataclass(frozen=True, kw_only=True)
class LayoutPage:
    """One page in reading order; ``error`` says why when it could not be read. Sizes and rectangles are those of the page as
    it was turned to be read."""

    number: int  # from 1
    width: float
    height: float
    boxes: tuple[LayoutBox, ...] = ()
    recognised: bool = False  # some of its text comes from OCR
    error: str = ""
    prepared: Prepared = UNTOUCHED
    marks: tuple[Mark, ...] = ()  # raised digits

    def as_in_file(self, bbox: BBox) -> BBox:
        """Return where a rectangle lies on the page as the file has it."""
        return turned(bbox, -self.prepared.turn % 360, self.width, self.height)


def read_layout(data: bytes, numbers: Sequence[int]) -> list[LayoutPage]:
    """Return the layout of the pages ``numbers`` (from 1) of the PDF in ``data``. A page that fails has ``error`` set."""
    import pymupdf

    document = pymupdf.open(stream=data, filetype="pdf")
    with document:
        try:
            ready = {number: prepare(document, number) for number in numbers}
            return [_page(page, ready[page.page_number]) for page in _analyse(document, numbers)]
        except Exception as error:  # noqa: BLE001  third-party analysis of hostile input: find the page that fails
            leave_if_grown(error)
            return [_one_page(data, number) for number in numbers]


def _one_page(data: bytes, number: int) -> LayoutPage:
    import pymupdf

    # opened again: analysis and OCR change the document in memory, and may have left it broken
    with pymupdf.open(stream=data, filetype="pdf") as document:
        ready = UNTOUCHED
        try:
            ready = prepare(document, number)
            return _page(_analyse(document, [number])[0], ready)
        except Exception as error:  # noqa: BLE001  as above; the text layer may still be readable
            leave_if_grown(error)
            return replace(_text_only(document, number, error), prepared=ready)


def _text_only(document: Any, number: int, error: Exception) -> LayoutPage:
    reason = f"{type(error).__name__}: {error}".strip()[:200]
    try:
        page = document[number - 1]
        boxes = []
        for x0, y0, x1, y1, text, *_ in page.get_text("blocks"):
            lines = [Line(_kept(part), (x0, y0, x1, y1)) for part in text.splitlines() if clean(part)]
            boxes.append(LayoutBox(kind="text", bbox=(x0, y0, x1, y1), lines=_unbroken(lines)))
        return LayoutPage(
            number=number,
            width=page.rect.width,
            height=page.rect.height,
            boxes=tuple(boxes),
            error=f"layout analysis failed ({reason}); its text was read without layout",
        )
    except Exception as worse:  # noqa: BLE001  nothing of this page can be read
        why = f"{type(worse).__name__}: {worse}".strip()[:200]
        return LayoutPage(number=number, width=0.0, height=0.0, error=f"could not be read ({why})")


def _analyse(document: Any, numbers: Sequence[int]) -> list[Any]:
    """pymupdf4llm's page records. It prints to stdout and warns about its own arithmetic: both are kept away."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pymupdf
        from pymupdf4llm.helpers.document_layout import parse_document

        pymupdf.set_messages(stream=io.StringIO())
        parsed = parse_document(document, pages=[number - 1 for number in numbers], force_text=True, use_ocr=True)
    return list(parsed.pages)


def _page(page: Any, ready: Prepared) -> LayoutPage:
    marks = tuple(marks_of(page.fulltext))
    boxes = _with_turned_lines(page, [_box(box, page, marks) for box in page.boxes])
    boxes += _stray_text(page, boxes)
    boxes = _with_overlay(boxes, ready, page.width, page.height)
    fonts = {span["font"] for block in page.fulltext for line in block["lines"] for span in line["spans"]}
    return LayoutPage(
        number=page.page_number,
        width=page.width,
        height=page.height,
        boxes=tuple(boxes),
        recognised="Droid Sans Fallback Regular" in fonts,  # the font in which pymupdf4llm writes recognised text
        prepared=ready,
        marks=marks,
    )


def _with_overlay(boxes: list[LayoutBox], ready: Prepared, width: float, height: float) -> list[LayoutBox]:
    """The boxes with form fields, each in place of the label that is printed beside it, and with notes at the end."""
    size = (height, width) if ready.turn in (90, 270) else (width, height)
    for field in ready.fields:
        place = turned(field.bbox, ready.turn, *size)
        label = turned(field.label_bbox, ready.turn, *size) if field.label_bbox else None
        if label is not None:
            boxes = [kept for box in boxes if (kept := _without(box, field.label, label)) is not None]
        at = next((i for i, box in enumerate(boxes) if box.bbox[1] > place[1] and box.kind != FIELD), len(boxes))
        boxes.insert(at, LayoutBox(kind=FIELD, bbox=place, lines=(Line(clean(field.text), place),)))
    for note in ready.notes:
        place = turned(note.bbox, ready.turn, *size)
        boxes.append(LayoutBox(kind=NOTE, bbox=place, lines=(Line(clean(note.text), place),)))
    return boxes


def _without(box: LayoutBox, label: str, place: BBox) -> LayoutBox | None:
    """The box without the line, or the cell's text, that is but the label of a field; None when nothing is left."""
    said = _letters([label])

    def is_label(text: str, bbox: BBox | None) -> bool:
        return _letters([text]).rstrip(":") == said and _holds(place, bbox)

    if box.grid:
        grid = tuple(
            tuple("" if is_label(text, cell) else text for text, cell in zip(row, cells, strict=True))
            for row, cells in zip(box.grid, box.cells, strict=True)
        )
        return replace(box, grid=grid) if any(map(any, grid)) else None
    lines = tuple(line for line in box.lines if not is_label(line.text, line.bbox))
    return replace(box, lines=lines) if lines or not box.lines else None


def _box(box: Any, page: Any, marks: Sequence[Mark]) -> LayoutBox:
    bbox = (float(box.x0), float(box.y0), float(box.x1), float(box.y1))
    table = box.table or {}
    if box.boxclass == "table" and table.get("extract") and table.get("cells"):
        cells = tuple(tuple(_bbox(cell) if cell else bbox for cell in row) for row in table["cells"])
        grid = tuple(
            tuple(kept_apart(clean(text or ""), cell, marks) for text, cell in zip(row, places, strict=True))
            for row, places in zip(table["extract"], cells, strict=True)
        )
        return LayoutBox(kind="table", bbox=bbox, grid=grid, cells=cells)
    lines = [line for line in (_line(raw) for raw in box.textlines or ()) if line.text]
    if _runs_left(" ".join(line.text for line in lines)):
        lines = _logical_lines(page, bbox)
    return LayoutBox(kind=box.boxclass, bbox=bbox, lines=_unbroken(lines), font_size=float(box.max_fontsize or 0))


def _runs_left(text: str) -> bool:
    """Whether most letters are of a script that is written from right to left."""
    ways = [unicodedata.bidirectional(sign) for sign in text]
    return sum(way in ("R", "AL") for way in ways) > sum(way == "L" for way in ways)


def _logical_lines(page: Any, bbox: BBox) -> list[Line]:
    """The lines in a box as MuPDF has them, in the order in which they are spoken: the analysis sorts them from left to
    right."""
    rows: list[list[Any]] = []
    for raw in (raw for block in page.fulltext for raw in block["lines"]):
        if _runs_right(raw) and _holds(bbox, _bbox(raw["bbox"])):
            level = (raw["bbox"][1] + raw["bbox"][3]) / 2
            if rows and rows[-1][0]["bbox"][1] <= level <= rows[-1][0]["bbox"][3]:
                rows[-1].append(raw)
            else:
                rows.append([raw])
    found = []
    for row in rows:
        row.sort(key=lambda raw: -raw["bbox"][2])
        text = " ".join("".join(span["text"] for span in raw["spans"]) for raw in row)
        found.append(Line(_kept(text), union(_bbox(raw["bbox"]) for raw in row)))
    return [line for line in found if line.text]


def _unbroken(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines with each word that a soft hyphen breaks at the end of one whole on that line."""
    found: list[Line] = []
    for line in lines:
        text = line.text
        if found and found[-1].text.endswith(SOFT_HYPHEN):
            head, _, text = text.partition(" ")
            found[-1] = replace(found[-1], text=found[-1].text.rstrip(SOFT_HYPHEN) + head)
        if text:
            found.append(replace(line, text=text))
    if found and found[-1].text.endswith(SOFT_HYPHEN):
        found[-1] = replace(found[-1], text=found[-1].text.rstrip(SOFT_HYPHEN))
    return tuple(found)


def _kept(text: str) -> str:
    """The cleaned text of a line, with the soft hyphen at its end."""
    return clean(text) + (SOFT_HYPHEN if text.rstrip().endswith(SOFT_HYPHEN) else "")


def _with_turned_lines(page: Any, boxes: list[LayoutBox]) -> list[LayoutBox]:
    """The boxes with the lines in them that do not run from left to right, which the analysis leaves out: labels of an
    axis, a table printed sideways. Those in a table, which has no lines, become a text box of their own."""
    turned: list[list[Line]] = [[] for _ in boxes]
    for raw in (raw for block in page.fulltext for raw in block["lines"] if not _runs_right(raw)):
        line = _line(raw)
        holder = next((i for i, box in enumerate(boxes) if line.text and _holds(box.bbox, line.bbox)), None)
        if holder is not None and _letters([line.text]) not in _letters(_texts(boxes[holder])):
            turned[holder].append(line)
    found: list[LayoutBox] = []
    for box, lines in zip(boxes, turned, strict=True):
        if lines and box.grid:
            found += [box, LayoutBox(kind="text", bbox=box.bbox, lines=tuple(lines))]
        else:
            found.append(replace(box, lines=(*box.lines, *lines)))
    return found


def _runs_right(raw: Any) -> bool:
    return bool(raw.get("dir", (1, 0))[0] > 0.9)  # the lines of a box all do, and do not say so


def _texts(box: LayoutBox) -> list[str]:
    return [line.text for line in box.lines] + [cell for row in box.grid for cell in row]


def _letters(texts: Sequence[str]) -> str:
    return "".join("".join(text.split()) for text in texts)


def _stray_text(page: Any, boxes: list[LayoutBox]) -> list[LayoutBox]:
    """Text blocks that lie in no box: the layout model left them out, and nothing may be lost."""
    stray = []
    for block in page.fulltext:
        lines = [_line(raw) for raw in block["lines"]]
        lines = [line for line in lines if line.text and not any(_holds(box.bbox, line.bbox) for box in boxes)]
        if lines:
            stray.append(LayoutBox(kind="text", bbox=_bbox(block["bbox"]), lines=_unbroken(lines)))
    return stray


def _holds(outer: BBox, inner: BBox | None) -> bool:
    if inner is None:
        return True
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] - 2 <= x <= outer[2] + 2 and outer[1] - 2 <= y <= outer[3] + 2


def _line(raw: Any) -> Line:
    text = ""
    before = None
    for span in raw["spans"]:
        signs = raised_signs(before, span, text)
        if signs is None:
            gap = before is not None and (not _runs_right(raw) or _gap(before, span) > 0.2)
            text += " " if gap and not text.endswith(" ") and not span["text"].startswith(" ") else ""
        text += span["text"] if signs is None else signs
        before = span
    return Line(_kept(text), _bbox(raw["bbox"]))


def _gap(before: Any, span: Any) -> float:
    """How far a span stands off the one before it, in the size of the smaller one's letters."""
    return float((span["bbox"][0] - before["bbox"][2]) / min(before["size"], span["size"]))


def _bbox(box: Sequence[float]) -> BBox:
    x0, y0, x1, y1 = (round(float(value), 2) for value in box)
    return x0, y0, x1, y1


def clean(text: str) -> str:
    """Return ``text`` without what is invisible, words that a soft hyphen breaks whole, ligatures spelt out, runs of white
    space as one space."""
    text = without_invisible(NOISE.sub("", re.sub(rf"{SOFT_HYPHEN}\s+", "", text)))
    for ligature, letters in (("ﬀ", "ff"), ("ﬁ", "fi"), ("ﬂ", "fl"), ("ﬃ", "ffi"), ("ﬄ", "ffl")):
        text = text.replace(ligature, letters)
    return " ".join(text.split())
