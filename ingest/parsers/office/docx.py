"""Word documents, by way of HTML.

mammoth makes it of them: headings by style, lists, merged cells, pictures with alternative texts, notes, comments, text
boxes, tracked changes as accepted. What it leaves out is put into the document's XML before (equations, rows that head a
table), or added behind (headers and footers).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from bs4 import BeautifulSoup, Tag
from lxml import etree

from config import Settings
from errors import ParseError
from ingest.connectors.address import source_name
from ingest.parsers.base import AssetSink
from ingest.parsers.html.fragments import PartPictures, grouped, read_fragment
from ingest.parsers.office.chart_data import C, chart_data
from ingest.parsers.office.equations import M, equation_text
from ingest.parsers.office.package import Package, damage_named
from records import Document, Element, Line, Loss, Raw

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# What mammoth's own map does not name; comments are left out unless they are.
_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Caption'] => p.caption:fresh
p[style-name='caption'] => p.caption:fresh
comment-reference => sup
"""
_NUMBER = re.compile(r"[-+(]?[^\w\s]?\s?\d[\d.,\s]*\s?[%)\w]{0,3}")


def parse_docx(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    """Return a Word document as a document of one page, for where its pages end is the printer's to say.

    Raises:
        ParseError: it is damaged, has a password, unpacks to too much, or holds nothing.
    """
    import mammoth

    package = Package(raw.data, raw.source, settings)
    package.refuse_entities()
    main = next(
        (name for name, kind in package.relations("").values() if kind == "officeDocument"), "word/document.xml"
    )
    root = package.xml(main)
    losses = _tracked(root)
    _write_equations(root)
    charts = _mark_charts(root, package, main)
    _mark_header_rows(root)
    pictures: dict[str, Callable[[], bytes]] = {}

    def keep(image: Any) -> dict[str, str]:
        with image.open() as opened:
            data = opened.read()
        address = f"part:{len(pictures)}"
        pictures[address] = lambda: data
        return {"src": address}

    with damage_named(raw.source):
        html = mammoth.convert_to_html(
            _with_part(package, main, etree.tostring(root, encoding="UTF-8", xml_declaration=True)),
            style_map=_STYLES,
            convert_image=mammoth.images.img_element(keep),
        ).value
    elements, lost = read_fragment(_tidied(html, charts), PartPictures(settings, pictures), assets)
    elements += _margins(package)
    if not elements:
        raise ParseError(f"{raw.source} has no text, table or picture.")
    linked = _linked_pictures(root)
    heading = next((" ".join(one.text.split()) for one in elements if one.heading), "")
    return Document(
        source=raw.source,
        kind="docx",
        title=package.title() or heading or source_name(raw.source),
        pages=1,
        elements=tuple(elements),
        losses=(*losses, *linked, *grouped(lost)),
    )


def _tracked(root: etree._Element) -> list[Loss]:
    """What is said of tracked changes: the text was read as if all were accepted."""
    added = sum(1 for _ in root.iter(f"{W}ins", f"{W}moveTo"))
    deleted = sum(1 for _ in root.iter(f"{W}del", f"{W}moveFrom"))
    if not added + deleted:
        return []
    return [Loss("tracked changes", f"{added} insertions and {deleted} deletions were read as accepted.")]


def _linked_pictures(root: etree._Element) -> list[Loss]:
    link = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}link"
    count = sum(1 for blip in root.iter("{*}blip") if blip.get(link))
    return [Loss(f"{count} linked pictures", "they lie outside of this file and are not fetched.")] if count else []


def _write_equations(root: etree._Element) -> None:
    """Replace each equation by a run with its text."""
    for equation in list(root.iter(f"{M}oMath")):
        parent = equation.getparent()
        if parent is None:
            continue
        run = etree.Element(f"{W}r")
        text = etree.SubElement(run, f"{W}t")
        text.text = equation_text(equation)
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        parent.replace(equation, run)
    for display in list(root.iter(f"{M}oMathPara")):  # its runs go to where it stands
        parent = display.getparent()
        if parent is not None:
            at = parent.index(display)
            parent[at : at + 1] = display.findall(f"{W}r")


def _mark_charts(root: etree._Element, package: Package, main: str) -> dict[str, str]:
    """Put a mark into the text where a chart stands, which mammoth passes over; return the charts as HTML by their marks."""
    related = package.relations(main)
    identity = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    charts: dict[str, str] = {}
    for chart in list(root.iter(f"{C}chart")):
        name = related.get(chart.get(identity, ""), ("", ""))[0]
        run = next(chart.iterancestors(f"{W}r"), None)
        if name not in package or run is None:
            continue
        data = chart_data(package.xml(name))
        if len(data.rows) < 2:
            continue
        mark = f"\ue000chart{len(charts)}\ue001"  # of a plane for private use: no text has it
        charts[mark] = data.html
        text = etree.SubElement(run, f"{W}t")
        text.text = mark
    return charts


def _mark_header_rows(root: etree._Element) -> None:
    """Say of a table's first row that it is its header, where its style sets it apart and no cell of it is a number."""
    for table in root.iter(f"{W}tbl"):
        rows = table.findall(f"{W}tr")
        look = table.find(f"{W}tblPr/{W}tblLook")
        if len(rows) < 2 or look is None or rows[0].find(f"{W}trPr/{W}tblHeader") is not None:
            continue
        mask = look.get(f"{W}val", "0")
        marked = look.get(f"{W}firstRow") or (
            "1" if re.fullmatch("[0-9A-Fa-f]+", mask) and int(mask, 16) & 0x20 else "0"
        )
        texts = _texts_of(rows[0])
        if marked in ("1", "true", "on") and all(texts) and not any(map(_NUMBER.fullmatch, texts)):
            for row in rows[: 2 if _has_second_header(rows) else 1]:
                properties = row.find(f"{W}trPr")
                if properties is None:
                    properties = etree.Element(f"{W}trPr")
                    row.insert(0, properties)
                etree.SubElement(properties, f"{W}tblHeader")


def _texts_of(row: etree._Element) -> list[str]:
    return ["".join(cell.itertext(f"{W}t")).strip() for cell in row.findall(f"{W}tc")]


def _has_second_header(rows: list[etree._Element]) -> bool:
    """Whether the second row names the columns below a merged cell of the first: words alone, with numbers below them."""
    spans = [span.get(f"{W}val", "1") for span in rows[0].iter(f"{W}gridSpan")]
    if not any(span.isdigit() and int(span) > 1 for span in spans):
        return False
    names = [text for text in _texts_of(rows[1]) if text]
    numbers = any(_NUMBER.fullmatch(text) for row in rows[2:] for text in _texts_of(row))
    return len(names) > 1 and numbers and not any(map(_NUMBER.fullmatch, names))


def _with_part(package: Package, name: str, data: bytes) -> io.BytesIO:
    """The archive with another content of one part."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for other in dict.fromkeys(package.names):
            archive.writestr(other, data if other == name else package.read(other))
    buffer.seek(0)
    return buffer


def _tidied(html: str, charts: Mapping[str, str]) -> str:
    """mammoth's HTML with charts and captions where HTML has them, and notes and comments below headings of their own."""
    soup = BeautifulSoup(html, "lxml")
    for placed, chart in charts.items():
        for said in soup.find_all(string=re.compile(placed)):
            table = BeautifulSoup(chart, "lxml").find("table")
            block = said.find_parent(["p", "li", "td"])
            said.replace_with(str(said).replace(placed, ""))
            if block is not None and table is not None:
                block.insert_after(table) if block.name == "p" else block.append(table)
    for mark in soup.select('a[href^="#footnote-"], a[href^="#endnote-"], a[href^="#comment-"]'):
        (mark.parent if isinstance(mark.parent, Tag) and mark.parent.name == "sup" else mark).extract()
    for what, first in (
        ("Notes", soup.select_one('li[id^="footnote-"], li[id^="endnote-"]')),
        ("Comments", soup.select_one('dt[id^="comment-"]')),
    ):
        if first is not None and first.parent is not None:
            heading = soup.new_tag("h1")
            heading.string = what
            first.parent.insert_before(heading)
    for caption in soup.select("p.caption"):
        _attach(soup, caption)
    return str(soup)


def _attach(soup: BeautifulSoup, caption: Tag) -> None:
    """Make a paragraph of the style Caption the caption of the table below it, or of the picture or table above."""
    before, after = caption.find_previous_sibling(), caption.find_next_sibling()
    picture = (
        before.find("img")
        if isinstance(before, Tag) and before.name == "p" and not before.get_text(strip=True)
        else None
    )
    if isinstance(before, Tag) and isinstance(picture, Tag):
        figure = soup.new_tag("figure")
        before.insert_before(figure)
        figure.append(before.extract())
        caption.name = "figcaption"
        figure.append(caption.extract())
        return
    beside = [one for one in (after, before) if isinstance(one, Tag) and one.name == "table" and one.caption is None]
    if beside:
        caption.name = "caption"
        beside[0].insert(0, caption.extract())


def _margins(package: Package) -> list[Element]:
    """What stands in headers and footers, each line once."""
    lines: dict[str, None] = {}
    for name in sorted(package.names):
        if re.fullmatch(r"word/(?:header|footer)\d*\.xml", name):
            for paragraph in package.xml(name).iter(f"{W}p"):
                text = " ".join("".join(paragraph.itertext(f"{W}t")).split())
                lines.update({text: None} if any(map(str.isalpha, text)) else {})
    if not lines:
        return []
    section = "Header and footer"
    return [
        Element(kind="text", lines=(Line(section),), heading=1),
        Element(kind="text", lines=tuple(map(Line, lines)), section=(section,)),
    ]
