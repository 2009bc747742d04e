"""OpenDocument texts and presentations, by way of HTML.

Their XML is a small language much like HTML itself, and no library that is kept up turns it into that; so it is done here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from html import escape

from lxml import etree

from config import Settings
from errors import ParseError
from ingest.connectors.address import source_name
from ingest.parsers.base import AssetSink
from ingest.parsers.html.fragments import PartPictures, grouped, read_fragment
from ingest.parsers.office.package import Package
from records import Document, Element, Loss, Raw

MAX_REPEATED = 1_000  # blanks, or cells that are said once to be there many times
MAX_NESTING = 100
_CHART = "{urn:oasis:names:tc:opendocument:xmlns:chart:1.0}"
_LEFT_OUT = frozenset(
    ("tracked-changes", "forms", "sequence-decls", "style-name", "bookmark-ref-format", "title", "desc")
)


def parse_odt(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    """Return an OpenDocument text as a document of one page.

    Raises:
        ParseError: it is damaged, has a password, unpacks to too much, or holds nothing.
    """
    package = Package(raw.data, raw.source, settings)
    body = next(_content(package).iter("{*}text"), None)
    made = MadeHtml(package)
    html = made.blocks(body) if body is not None else ""
    notes = [f"<h1>{name}</h1>{''.join(texts)}" for name, texts in made.aside.items() if texts]
    elements, lost = read_fragment(html + "".join(notes), PartPictures(settings, made.pictures), assets)
    changes = sum(1 for _ in body.iter("{*}changed-region")) if body is not None else 0
    losses = [Loss("tracked changes", f"{changes} changes were read as accepted.")] if changes else []
    return _document(raw, package, "odt", elements, [*losses, *lost], pages=1, unit="")


def parse_odp(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    """Return an OpenDocument presentation as a document with a page for each slide.

    Raises:
        ParseError: as ``parse_odt``.
    """
    package = Package(raw.data, raw.source, settings)
    slides = [tag for tag in _content(package).iter("{*}page") if etree.QName(tag).namespace.endswith("drawing:1.0")]
    elements: list[Element] = []
    losses: list[Loss] = []
    for page, slide in enumerate(slides[: settings.max_pages], start=1):
        made = MadeHtml(package)
        html = "".join(made.frame(tag) for tag in slide if _name(tag) != "notes")
        notes = "".join(made.blocks(box) for box in slide.iterfind("{*}notes//{*}text-box"))
        html += f"<h2>Notes</h2>{notes}" if notes else ""
        found, lost = read_fragment(html, PartPictures(settings, made.pictures), assets, page=page)
        elements += found
        losses += lost
    return _document(raw, package, "odp", elements, losses, pages=max(len(slides), 1), unit="slide")


def _content(package: Package) -> etree._Element:
    if "META-INF/manifest.xml" in package and b"encryption-data" in package.read("META-INF/manifest.xml"):
        raise ParseError(f"{package.source} has a password. Remove it and add the file again.")
    return package.xml("content.xml")


def _document(
    raw: Raw, package: Package, kind: str, elements: list[Element], losses: list[Loss], *, pages: int, unit: str
) -> Document:
    if not elements:
        raise ParseError(f"{raw.source} has no text, table or picture.")
    heading = next((" ".join(one.text.split()) for one in elements if one.heading), "")
    return Document(
        source=raw.source,
        kind=kind,
        title=stated_title(package) or heading or source_name(raw.source),
        pages=pages,
        elements=tuple(elements),
        losses=grouped(losses),
        unit=unit,
    )


def stated_title(package: Package) -> str:
    """Return the title in the properties of an OpenDocument file, "" when there is none."""
    if "meta.xml" not in package:
        return ""
    found = next(package.xml("meta.xml").iter("{http://purl.org/dc/elements/1.1/}title"), None)
    return " ".join((found.text or "").split()) if found is not None else ""


def inline_text(tag: etree._Element) -> str:
    """Return the text of a paragraph with the blanks, tabs and line breaks that are written as tags; no notes in it."""
    return "".join(_inline(tag))


def repeated(tag: etree._Element, name: str) -> int:
    """Return a count that an attribute states, 1 without."""
    value = next((value for key, value in tag.attrib.items() if key.endswith("}" + name)), "1")
    return max(int(value), 1) if value.isdigit() else 1


def _inline(tag: etree._Element) -> Iterator[str]:
    yield tag.text or ""
    for child in tag:
        match _name(child):
            case "s":
                yield " " * min(repeated(child, "c"), MAX_REPEATED)
            case "tab":
                yield "\t"
            case "line-break":
                yield "\n"
            case "note" | "annotation" | "frame" | "annotation-end":
                pass
            case _:
                yield from _inline(child)
        yield child.tail or ""


def _name(tag: etree._Element) -> str:
    return etree.QName(tag).localname if isinstance(tag.tag, str) else ""


class MadeHtml:
    """HTML on its way, the pictures in it, and what stands aside: notes and comments."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.pictures: dict[str, Callable[[], bytes]] = {}
        self.aside: dict[str, list[str]] = {"Notes": [], "Comments": []}

    def blocks(self, tag: etree._Element, depth: int = 0) -> str:
        """Return what is below ``tag`` as HTML."""
        if depth > MAX_NESTING:
            return f"<p>{_escaped(''.join(tag.itertext()))}</p>"
        return "".join(self.block(child, depth + 1) for child in tag)

    def block(self, tag: etree._Element, depth: int) -> str:
        """Return one block as HTML."""
        match _name(tag):
            case "h":
                level = min(repeated(tag, "outline-level"), 6)
                return f"<h{level}>{_escaped(inline_text(tag))}</h{level}>{self._inside(tag)}"
            case "p":
                return f"<p>{_escaped(inline_text(tag))}</p>{self._inside(tag)}"
            case "list":
                return f"<ul>{self.blocks(tag, depth)}</ul>"
            case "list-item" | "list-header":
                return f"<li>{self.blocks(tag, depth)}</li>"
            case "table":
                return self._table(tag, depth)
            case "frame" | "custom-shape" | "g":
                return self.frame(tag)
            case name if name in _LEFT_OUT or not name:
                return ""
            case _:
                return self.blocks(tag, depth)

    def frame(self, tag: etree._Element) -> str:
        """Return a frame of text, a table or a picture as HTML."""
        title = next((value for key, value in tag.attrib.items() if key.endswith("}class")), "") == "title"
        alt = " ".join((tag.findtext("{*}desc") or tag.findtext("{*}title") or "").split())
        image = tag.find("{*}image")
        table = tag.find("{*}table")
        if table is not None:
            return self._table(table, 0)
        if chart := self._chart(tag):
            return chart
        if image is not None and tag.find("{*}object") is None:
            part = next((value for key, value in image.attrib.items() if key.endswith("}href")), "").removeprefix("./")
            if part in self.package:
                self.pictures[part] = partial(self.package.read, part)
            return f'<p><img src="{escape(part)}" alt="{escape(alt)}"></p>'
        if title:
            return f"<h1>{_escaped(' '.join(inline_text(one) for one in tag.iter('{*}p')))}</h1>"
        return self.blocks(tag)

    def _chart(self, frame: etree._Element) -> str:
        """A chart as the table of its numbers, which lies with it in a part of its own; "" where the frame has none."""
        tag = frame.find("{*}object")
        part = (
            next((value for key, value in tag.attrib.items() if key.endswith("}href")), "") if tag is not None else ""
        )
        name = f"{part.removeprefix('./').rstrip('/')}/content.xml"
        if not part or name not in self.package:
            return ""
        chart = next(self.package.xml(name).iter(f"{_CHART}chart"), None)
        table = next(chart.iter("{*}table"), None) if chart is not None else None
        if chart is None or table is None:
            return ""
        heading = chart.find("{*}title")
        title = (
            " ".join(" ".join(inline_text(one) for one in heading.iter("{*}p")).split()) if heading is not None else ""
        )
        caption = f"<caption>Chart: {_escaped(title)}</caption>" if title else ""
        return self._table(table, 0).replace("<table>", f"<table>{caption}", 1)

    def _inside(self, paragraph: etree._Element) -> str:
        """What stands in a paragraph and is no text of it."""
        for note in paragraph.iter("{*}note", "{*}annotation"):
            kind = "Comments" if _name(note) == "annotation" else "Notes"
            lines = " ".join(inline_text(one) for one in note.iter("{*}p"))
            self.aside[kind].append(f"<p>{_escaped(lines)}</p>")
        return "".join(self.frame(tag) for tag in paragraph.iterdescendants("{*}frame", "{*}custom-shape"))

    def _table(self, table: etree._Element, depth: int) -> str:
        html = []
        for rows in table.iter("{*}table-row"):
            if next(rows.iterancestors("{*}table")) is not table:
                continue
            name = "th" if _name(rows.getparent()) == "table-header-rows" else "td"
            cells = []
            for cell in rows.iterfind("{*}table-cell"):
                across, down = repeated(cell, "number-columns-spanned"), repeated(cell, "number-rows-spanned")
                made = f'<{name} colspan="{across}" rowspan="{down}">{self.blocks(cell, depth + 1)}</{name}>'
                cells.append(made * min(repeated(cell, "number-columns-repeated"), MAX_REPEATED))
            html.append(f"<tr>{''.join(cells)}</tr>")
        return f"<table>{''.join(html)}</table>"


def _escaped(text: str) -> str:
    return escape(text).replace("\n", "<br>")
