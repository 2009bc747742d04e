"""What PyMuPDF's layout analysis says of a PDF's pages, as plain records.

The only module that knows pymupdf4llm. It runs in worker processes, so all that goes in and out can be pickled.
"""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from records import BBox, Line

NOISE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u00ad\ufffe\uffff]")


@dataclass(frozen=True, kw_only=True)
class LayoutBox:
    """One block of a page. ``kind`` is the layout model's class: text, section-header, title, list-item, table, picture,
    caption, formula, footnote, page-header or page-footer."""

    kind: str
    bbox: BBox
    lines: tuple[Line, ...] = ()
    font_size: float = 0.0  # points; headings only
    grid: tuple[tuple[str, ...], ...] = ()  # table: cell texts
    cells: tuple[tuple[BBox, ...], ...] = ()  # table: cell rectangles, same shape


@dataclass(frozen=True, kw_only=True)
class LayoutPage:
    """One page in reading order; ``error`` says why when it could not be read."""

    number: int  # from 1
    width: float
    height: float
    boxes: tuple[LayoutBox, ...] = ()
    recognised: bool = False  # some of its text comes from OCR
    error: str = ""


def read_layout(data: bytes, numbers: Sequence[int]) -> list[LayoutPage]:
    """Return the layout of the pages ``numbers`` (from 1) of the PDF in ``data``. A page that fails has ``error`` set."""
    import pymupdf

    document = pymupdf.open(stream=data, filetype="pdf")
    with document:
        try:
            return [_page(page) for page in _analyse(document, numbers)]
        except Exception:  # noqa: BLE001  third-party analysis of hostile input: find the page that fails, keep the rest
            return [_one_page(data, number) for number in numbers]


def _one_page(data: bytes, number: int) -> LayoutPage:
    import pymupdf

    # opened again: analysis and OCR change the document in memory, and may have left it broken
    with pymupdf.open(stream=data, filetype="pdf") as document:
        try:
            return _page(_analyse(document, [number])[0])
        except Exception as error:  # noqa: BLE001  as above; the text layer may still be readable
            return _text_only(document, number, error)


def _text_only(document: Any, number: int, error: Exception) -> LayoutPage:
    reason = f"{type(error).__name__}: {error}".strip()[:200]
    try:
        page = document[number - 1]
        boxes = []
        for x0, y0, x1, y1, text, *_ in page.get_text("blocks"):
            lines = tuple(Line(clean(part), (x0, y0, x1, y1)) for part in text.splitlines() if clean(part))
            boxes.append(LayoutBox(kind="text", bbox=(x0, y0, x1, y1), lines=lines))
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


def _page(page: Any) -> LayoutPage:
    boxes = _with_turned_lines(page, [_box(box) for box in page.boxes])
    boxes += _stray_text(page, boxes)
    fonts = {span["font"] for block in page.fulltext for line in block["lines"] for span in line["spans"]}
    return LayoutPage(
        number=page.page_number,
        width=page.width,
        height=page.height,
        boxes=tuple(boxes),
        recognised="Droid Sans Fallback Regular" in fonts,  # the font in which pymupdf4llm writes recognised text
    )


def _box(box: Any) -> LayoutBox:
    bbox = (float(box.x0), float(box.y0), float(box.x1), float(box.y1))
    table = box.table or {}
    if box.boxclass == "table" and table.get("extract") and table.get("cells"):
        grid = tuple(tuple(clean(cell or "") for cell in row) for row in table["extract"])
        cells = tuple(tuple(_bbox(cell) if cell else bbox for cell in row) for row in table["cells"])
        return LayoutBox(kind="table", bbox=bbox, grid=grid, cells=cells)
    lines = tuple(line for line in (_line(raw) for raw in box.textlines or ()) if line.text)
    return LayoutBox(kind=box.boxclass, bbox=bbox, lines=lines, font_size=float(box.max_fontsize or 0))


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
            stray.append(LayoutBox(kind="text", bbox=_bbox(block["bbox"]), lines=tuple(lines)))
    return stray


def _holds(outer: BBox, inner: BBox | None) -> bool:
    if inner is None:
        return True
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] - 2 <= x <= outer[2] + 2 and outer[1] - 2 <= y <= outer[3] + 2


def _line(raw: Any) -> Line:
    text = ""
    right = None
    for span in raw["spans"]:
        gap = right is not None and (not _runs_right(raw) or span["bbox"][0] - right > 0.2 * span["size"])
        text += (" " if gap and not text.endswith(" ") and not span["text"].startswith(" ") else "") + span["text"]
        right = span["bbox"][2]
    return Line(clean(text), _bbox(raw["bbox"]))


def _bbox(box: Sequence[float]) -> BBox:
    x0, y0, x1, y1 = (round(float(value), 2) for value in box)
    return x0, y0, x1, y1


def clean(text: str) -> str:
    """Return ``text`` without control characters and soft hyphens, ligatures spelt out, runs of white space as one space."""
    text = NOISE.sub("", text)
    for ligature, letters in (("ﬀ", "ff"), ("ﬁ", "fi"), ("ﬂ", "fl"), ("ﬃ", "ffi"), ("ﬄ", "ffl")):
        text = text.replace(ligature, letters)
    return " ".join(text.split())
