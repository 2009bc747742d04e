"""Workbooks of OpenDocument: each sheet a page. Their cells say how they are shown."""

from __future__ import annotations

from lxml import etree

from config import Settings
from errors import ParseError
from ingest.connectors.address import source_name
from ingest.parsers.base import AssetSink
from ingest.parsers.html.fragments import PartPictures, grouped, read_fragment
from ingest.parsers.office.odf import MadeHtml, inline_text, repeated, stated_title
from ingest.parsers.office.package import Package
from ingest.parsers.sheets.grid import MAX_CELLS, MAX_ROWS, Position, Sheet, Value, sheet_elements
from records import Document, Element, Loss, Raw

MAX_COLUMNS = 16_384
_NUMBERS = frozenset(("float", "percentage", "currency", "date", "time"))
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"


def parse_ods(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    """Return a workbook as a document with a page for each sheet.

    Raises:
        ParseError: it is damaged, has a password, unpacks to too much, or its cells are empty.
    """
    package = Package(raw.data, raw.source, settings)
    if "META-INF/manifest.xml" in package and b"encryption-data" in package.read("META-INF/manifest.xml"):
        raise ParseError(f"{raw.source} has a password. Remove it and add the file again.")
    tables = package.xml("content.xml").findall(f".//{_OFFICE}spreadsheet/{_TABLE}table")
    elements: list[Element] = []
    losses: list[Loss] = []
    room = MAX_CELLS
    for page, table in enumerate(tables, start=1):
        name = table.get(f"{_TABLE}name", f"Sheet{page}")
        sheet, complete = _sheet(table, name, room)
        room -= len(sheet.values)
        elements += sheet_elements(sheet, page)
        drawn, lost = _drawn(table, package, assets, settings, page, name)
        elements += drawn
        losses += grouped(lost)
        if not complete:
            limit = f"only its first rows were read: at most {MAX_ROWS:,} of a sheet and {MAX_CELLS:,} cells of a file."
            losses.append(Loss(f"sheet {name}", limit))
    if not elements:
        raise ParseError(f"{raw.source} has no cell with a value.")
    return Document(
        source=raw.source,
        kind="ods",
        title=stated_title(package) or source_name(raw.source),
        pages=max(len(tables), 1),
        elements=tuple(elements),
        losses=tuple(losses),
        unit="sheet",
    )


def _drawn(
    table: etree._Element, package: Package, assets: AssetSink, settings: Settings, page: int, name: str
) -> tuple[list[Element], list[Loss]]:
    """What lies on a sheet besides its cells: charts, as tables of their numbers, and pictures."""
    made = MadeHtml(package)
    html = "".join(made.frame(frame) for frame in table.iter(f"{_DRAW}frame"))
    found, lost = read_fragment(html, PartPictures(settings, made.pictures), assets, page=page, section=(name,))
    return found, [Loss(f"sheet {name}: {loss.what}", loss.why) for loss in lost]


def _sheet(table: etree._Element, name: str, room: int) -> tuple[Sheet, bool]:
    """A sheet's filled cells, and whether these are all. What is repeated is written once: empty rows to the end are."""
    values: dict[Position, Value] = {}
    merged: dict[Position, Position] = {}
    top = 0
    for row in table.iter(f"{_TABLE}table-row"):
        cells = _cells(row)
        times = repeated(row, "number-rows-repeated")
        for index in range(top, top + times) if cells else ():
            if index >= MAX_ROWS or len(values) + len(cells) > room:
                return Sheet(name, values, merged), False
            for col, (value, spans) in cells.items():
                values[index, col] = value
                if spans != (1, 1):
                    merged[index, col] = spans
        top += times
    return Sheet(name, values, merged), True


def _cells(row: etree._Element) -> dict[int, tuple[Value, Position]]:
    found: dict[int, tuple[Value, Position]] = {}
    col = 0
    for cell in row:
        times = repeated(cell, "number-columns-repeated")
        text = " ".join(" ".join(inline_text(one) for one in cell.iterfind("{*}p")).split())
        if text and cell.tag == f"{_TABLE}table-cell":
            value = Value(text, cell.get(f"{_OFFICE}value-type") in _NUMBERS)
            spans = (repeated(cell, "number-rows-spanned"), repeated(cell, "number-columns-spanned"))
            for place in range(col, min(col + times, MAX_COLUMNS)):
                found[place] = (value, spans)
        col += times
    return found
