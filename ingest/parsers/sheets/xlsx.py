"""Workbooks of Excel: each sheet a page.

openpyxl reads values row by row, so that a large sheet costs no more than what is kept of it; merged cells and formulas
without a stored value, which it does not tell in this mode, are read from the sheet's XML. Formulas are never computed and
macros never run.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from lxml import etree

from config import Settings
from errors import ParseError
from ingest.connectors.address import source_name
from ingest.parsers.base import AssetSink
from ingest.parsers.html.fragments import grouped
from ingest.parsers.office.package import Package, damage_named
from ingest.parsers.sheets.drawings import Drawings
from ingest.parsers.sheets.grid import MAX_CELLS, MAX_ROWS, Position, Sheet, Value, sheet_elements
from ingest.parsers.sheets.number_format import shown
from records import Document, Element, Line, Loss, Raw

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@dataclass(frozen=True)
class _Extras:
    """What the XML of a sheet says besides its values."""

    merged: Mapping[Position, Position]
    valueless: int  # formulas without a stored value


def parse_xlsx(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    """Return a workbook as a document with a page for each sheet: its tables, notes, charts as tables, and pictures; formulas
    are there by the values stored with them.

    Raises:
        ParseError: it is damaged, has a password, unpacks to too much, or its cells are empty.
    """
    from openpyxl import load_workbook

    package = Package(raw.data, raw.source, settings)
    package.refuse_entities()
    elements: list[Element] = []
    losses: list[Loss] = []
    room = MAX_CELLS
    with damage_named(raw.source):
        book = load_workbook(io.BytesIO(raw.data), read_only=True, data_only=True, keep_links=False)
        parts = _sheet_parts(package)
        sheets = [book[name] for name in book.sheetnames]  # those that hold but a chart, too
        shown: dict[str, dict[Position, Value]] = {}
        for page, opened in enumerate(sheets, start=1):
            extras = _extras(package, parts.get(opened.title, ""))
            values, complete = _values(opened, room) if hasattr(opened, "iter_rows") else ({}, True)
            shown[opened.title] = values
            room -= len(values)
            elements += sheet_elements(Sheet(opened.title, values, extras.merged), page)
            elements += _comments(package, parts.get(opened.title, ""), opened.title, page)
            if not complete:
                limit = (
                    f"only its first rows were read: at most {MAX_ROWS:,} of a sheet and {MAX_CELLS:,} cells of a file."
                )
                losses.append(Loss(f"sheet {opened.title}", limit))
            if extras.valueless:
                why = "they have no stored value. Open the file in a spreadsheet program, save it, and add it again."
                losses.append(Loss(f"{extras.valueless:,} formulas of the sheet {opened.title}", why))
            if opened.sheet_state != "visible":
                losses.append(Loss(f"sheet {opened.title}", "it is hidden in the workbook, and was read all the same."))
        book.close()
        drawings = Drawings(package, assets, settings, shown)
        for page, opened in enumerate(sheets, start=1):
            found, lost = drawings.read(parts.get(opened.title, ""), opened.title, page)
            elements += found
            losses += grouped(lost)
    elements.sort(key=lambda one: one.page)
    if not elements:
        raise ParseError(f"{raw.source} has no cell with a value.")
    return Document(
        source=raw.source,
        kind="xlsx",
        title=package.title() or source_name(raw.source),
        pages=max(len(sheets), 1),
        elements=tuple(elements),
        losses=tuple(losses),
        unit="sheet",
    )


def _values(sheet: Any, room: int) -> tuple[dict[Position, Value], bool]:
    """At most ``room`` filled cells of a sheet as they are shown, and whether these are all."""
    values: dict[Position, Value] = {}
    sheet.reset_dimensions()  # what is stated of them may be wrong
    for index, row in enumerate(sheet.iter_rows()):
        if index >= MAX_ROWS:
            return values, False
        for cell in row:
            value = cell.value
            if value is None or (isinstance(value, str) and not value.strip()):
                continue
            if len(values) >= room:
                return values, False
            number = isinstance(value, int | float | datetime | date | time | timedelta) and not isinstance(value, bool)
            text = shown(value, cell.number_format or "General")
            values[cell.row - 1, cell.column - 1] = Value(" ".join(text.split()), number)
    return values, True


def _sheet_parts(package: Package) -> dict[str, str]:
    """The names of the parts of sheets by their titles."""
    main = next((name for name, kind in package.relations("").values() if kind == "officeDocument"), "xl/workbook.xml")
    relations = package.relations(main)
    identity = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    return {
        sheet.get("name", ""): relations[sheet.get(identity, "")][0]
        for sheet in package.xml(main).iter("{*}sheet")
        if sheet.get(identity, "") in relations
    }


def _extras(package: Package, part: str) -> _Extras:
    from openpyxl.utils.cell import range_boundaries

    merged: dict[Position, Position] = {}
    valueless = 0
    if part in package:
        data = io.BytesIO(package.read(part))
        for _, tag in etree.iterparse(
            data, tag=(f"{_MAIN}c", f"{_MAIN}mergeCell"), resolve_entities=False, no_network=True
        ):
            if tag.tag == f"{_MAIN}c":
                valueless += tag.find(f"{_MAIN}f") is not None and not tag.findtext(f"{_MAIN}v")
                tag.clear()
            else:
                left, top, right, bottom = range_boundaries(tag.get("ref", ""))
                merged[top - 1, left - 1] = (bottom - top + 1, right - left + 1)
    return _Extras(merged, valueless)


def _comments(package: Package, part: str, title: str, page: int) -> list[Element]:
    """The notes on cells, each with the address of its cell."""
    found = (
        [name for name, kind in package.relations(part).values() if kind == "comments" and name in package]
        if part
        else []
    )
    lines = []
    for name in found:
        for comment in package.xml(name).iter("{*}comment"):
            text = " ".join("".join(comment.itertext("{*}t")).split())
            lines += [Line(f"Comment on {comment.get('ref', 'a cell')}: {text}")] if text else []
    return [Element(kind="text", lines=tuple(lines), page=page, section=(title,))] if lines else []
