"""What a PDF's page shows, and what lies over it and is no part of its text: form fields, notes, targets of links.

Known to ingestion, which stores it, and to the check, which looks for it in the place itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from records import BBox
from text.geometry import union

TICKED, NOT_TICKED, CHOSEN = "ticked", "not ticked", "chosen"
BESIDE = 250.0  # points between a field and its label to its left at most
NEAR = 24.0  # the same above it, or to the right of a box to tick
DRAWN = ("FreeText", "Popup", "Link", "Widget", "Redact", "FileAttachment")  # kinds of notes with no words of their own

Word = tuple[float, float, float, float, str]


@dataclass(frozen=True)
class Field:
    """A form field that is filled in."""

    label: str  # printed beside it, else its name in the file
    value: str
    bbox: BBox  # with its label
    label_bbox: BBox | None = None

    @property
    def text(self) -> str:
        """The field as one line."""
        return f"{self.label}: {self.value}" if self.label else self.value


@dataclass(frozen=True)
class Note:
    """Words that somebody put on a page, or where a link on it leads."""

    text: str
    bbox: BBox


def is_hidden(span: Any) -> bool:
    """Return whether a span of a MuPDF text page is drawn in no way, as recognised text below a scan is."""
    import pymupdf

    drawn = pymupdf.mupdf.FZ_STEXT_STROKED | pymupdf.mupdf.FZ_STEXT_FILLED
    return not span.get("alpha", 255) and not span["char_flags"] & drawn


def shown_text(page: Any, area: BBox) -> str:
    """Return the text that a page shows in a rectangle, line by line; what is raised stands apart from a number before it."""
    import pymupdf

    flags = pymupdf.TEXTFLAGS_TEXT | pymupdf.TEXT_COLLECT_STYLES | pymupdf.TEXT_MEDIABOX_CLIP
    found = []
    for block in page.get_text("dict", clip=area, flags=flags)["blocks"]:
        for line in block.get("lines", ()):
            spans = [span for span in line["spans"] if not is_hidden(span)]
            found.append("".join(f" {span['text']} " if span["flags"] & 1 else span["text"] for span in spans))
    return "\n".join(found)


def fields_of(page: Any) -> list[Field]:
    """Return the filled-in fields of a page, from top to bottom; boxes to tick with whether they are ticked."""
    widgets = list(page.widgets())
    if not widgets:
        return []
    boxes = [tuple(widget.rect) for widget in widgets]
    words = [word[:5] for word in page.get_text("words", sort=True) if not any(_middle_in(word, box) for box in boxes)]
    found = []
    for widget, box in zip(widgets, boxes, strict=True):
        value = _value(widget)
        if value is None:
            continue
        label = _label(box, boxes, words, ticked=widget.field_type_string in ("CheckBox", "RadioButton"))
        text = " ".join(word[4] for word in label).rstrip(" :") or widget.field_label or widget.field_name or ""
        place = union(word[:4] for word in label)
        found.append(Field(text, value, union([box, place]) or box, place))
    return sorted(found, key=lambda one: (round(one.bbox[1]), one.bbox[0]))


def _value(widget: Any) -> str | None:
    kind, value = widget.field_type_string, widget.field_value
    if kind == "CheckBox":
        return NOT_TICKED if value in (False, None, "", "Off") else TICKED
    if kind == "RadioButton":
        return CHOSEN if value not in (False, None, "", "Off") and value in (True, widget.on_state()) else None
    if kind not in ("Text", "ComboBox", "ListBox") or (kind == "Text" and widget.field_flags & (1 << 13)):
        return None  # buttons, signatures, and passwords
    texts = value if isinstance(value, list | tuple) else [value or ""]
    return " ".join(" ".join(map(str, texts)).split()) or None


def _label(box: BBox, others: list[BBox], words: list[Word], *, ticked: bool) -> list[Word]:
    """The words that name a field: on its right for a box to tick, else on its left, else above."""
    x0, y0, x1, y1 = box
    level = [word for word in words if y0 - 2 <= (word[1] + word[3]) / 2 <= y1 + 2]
    right = _run([word for word in level if word[0] >= x1 - 1], x1, others)
    if ticked and right and right[0][0] - x1 <= NEAR:
        return right
    end = max((other[2] for other in others if other[2] <= x0 and other[1] < y1 and y0 < other[3]), default=x0 - BESIDE)
    left = [word for word in level if end <= word[0] and word[2] <= x0 + 2]
    if left and x0 - left[-1][2] <= BESIDE:
        return _last_phrase(left)
    above = [word for word in words if y0 - NEAR <= word[3] <= y0 + 3 and word[0] < x1 and word[2] > x0 - 2]
    lowest = max((word[3] for word in above), default=0.0)
    return [word for word in above if lowest - word[3] < 4]


def _run(words: list[Word], start: float, others: list[BBox]) -> list[Word]:
    """Words from ``start`` on, up to the next field or a wide gap."""
    found: list[Word] = []
    end = min((other[0] for other in others if other[0] > start), default=float("inf"))
    for word in sorted(words):
        if word[0] >= end or (found and word[0] - found[-1][2] > NEAR / 2):
            break
        found.append(word)
    return found


def _last_phrase(words: list[Word]) -> list[Word]:
    found: list[Word] = []
    for word in sorted(words, reverse=True):
        if found and found[-1][0] - word[2] > NEAR / 2:
            break
        found.append(word)
    return found[::-1]


def _middle_in(word: Any, box: BBox) -> bool:
    x, y = (word[0] + word[2]) / 2, (word[1] + word[3]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def notes_of(page: Any) -> list[Note]:
    """Return the comments on a page, each with its author where one is given; what the page shows as text is left out."""
    found = []
    for annotation in page.annots():
        info = annotation.info
        text, author = (" ".join((info.get(key) or "").split()) for key in ("content", "title"))
        if text and annotation.type[1] not in DRAWN:
            found.append(Note(f"{author}: {text}" if author else text, tuple(annotation.rect)))
    return sorted(found, key=lambda one: (one.bbox[1], one.bbox[0]))


def links_of(page: Any) -> list[Note]:
    """Return where the links of a page lead out of the document, each with its words, where these do not say so."""
    links = [(link["from"], uri) for link in page.get_links() if (uri := (link.get("uri") or "").strip())]
    lines = _characters(page) if links else []
    found = []
    for area, target in links:
        words = " ".join("\n".join(_text_in(line, area) for line in lines).split())
        shown = target.removeprefix("mailto:").split("//")[-1].strip("/")
        if shown.lower() not in words.lower().replace(" ", ""):
            found.append(Note(f"{words}: {target}" if words else target, tuple(area)))
    return found


def _characters(page: Any) -> list[list[tuple[BBox, str]]]:
    """The characters of a page with their rectangles, line by line; read once for all links (``page.get_textbox`` goes over
    the whole page for each, in Python)."""
    import pymupdf

    blocks = page.get_text("rawdict", flags=0, clip=pymupdf.INFINITE_RECT())["blocks"]
    lines = (line for block in blocks for line in block.get("lines", ()))
    return [[(char["bbox"], char["c"]) for span in line["spans"] for char in span["chars"]] for line in lines]


def _text_in(line: list[tuple[BBox, str]], area: BBox) -> str:
    left, top, right, bottom = area
    return "".join(sign for (x0, y0, x1, y1), sign in line if left < x1 and x0 < right and top < y1 and y0 < bottom)


def overlay(page: Any) -> Iterator[Note]:
    """Yield all that lies over a page, each as its text and place."""
    yield from (Note(field.text, field.bbox) for field in fields_of(page))
    yield from notes_of(page)
    yield from links_of(page)
