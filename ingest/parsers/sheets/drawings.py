"""What lies on a sheet of Excel besides its cells: charts, as tables of their numbers, and pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from html import escape

from lxml import etree

from config import Settings
from ingest.parsers.base import AssetSink
from ingest.parsers.html.fragments import PartPictures, read_fragment
from ingest.parsers.office.chart_data import C, chart_data
from ingest.parsers.office.package import Package
from ingest.parsers.sheets.grid import Position, Value
from records import BBox, Element, Loss
from text.cell_address import cell_box

_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_XDR = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"


@dataclass
class Drawings:
    """The charts and pictures of a workbook; one that is there several times counts once."""

    package: Package
    assets: AssetSink
    settings: Settings
    values: Mapping[str, Mapping[Position, Value]]  # of the sheets, by title
    _seen: set[str] = field(default_factory=set)

    def read(self, part: str, title: str, page: int) -> tuple[list[Element], list[Loss]]:
        """Return what lies on the sheet ``title`` in ``part``, each with the cells that it covers, and what was lost."""
        elements: list[Element] = []
        losses: list[Loss] = []
        for drawing, kind in self.package.relations(part).values() if part else ():
            if kind != "drawing" or drawing not in self.package:
                continue
            related = self.package.relations(drawing)
            for anchor in self.package.xml(drawing).iterchildren(f"{_XDR}*"):
                for html in self._shown(anchor, related):
                    pictures = PartPictures(
                        self.settings, {name: partial(self.package.read, name) for name, _ in related.values()}
                    )
                    found, lost = read_fragment(html, pictures, self.assets, page=page, section=(title,))
                    elements += [replace(one, bbox=_box(anchor)) for one in found]
                    losses += [Loss(f"sheet {title}: {loss.what}", loss.why) for loss in lost]
        return elements, losses

    def _shown(self, anchor: etree._Element, related: Mapping[str, tuple[str, str]]) -> Iterator[str]:
        """HTML of the charts and pictures in an anchor, groups of them included."""
        for tag in anchor.iter(f"{C}chart", f"{_XDR}pic"):
            identity = tag.get(f"{_R}id") or next(
                (blip.get(f"{_R}embed") for blip in tag.iter("{*}blip") if blip.get(f"{_R}embed")), None
            )
            name = related.get(identity or "", ("", ""))[0]
            if name not in self.package or name in self._seen:
                continue
            self._seen.add(name)
            if tag.tag == f"{C}chart":
                yield chart_data(self.package.xml(name), self._cells).html
            else:
                described = next(tag.iter(f"{_XDR}cNvPr"), None)
                alt = described.get("descr", "") if described is not None else ""
                yield f'<p><img src="{escape(name)}" alt="{escape(alt)}"></p>'

    def _cells(self, reference: str) -> list[str]:
        """What the cells of a reference show; of several areas the cells of all."""
        from openpyxl.utils.cell import range_to_tuple

        shown: list[str] = []
        for area in reference.strip("()").split(","):
            try:
                title, (left, top, right, bottom) = range_to_tuple(area)
            except (ValueError, TypeError):
                return []  # a name, or another workbook
            values = self.values.get(title, {})
            if (right - left + 1) * (bottom - top + 1) > 100_000:
                return []
            for row in range(top - 1, bottom):
                for col in range(left - 1, right):
                    value = values.get((row, col))
                    shown.append(value.text if value else "")
        return shown


def _box(anchor: etree._Element) -> BBox | None:
    """The rectangle of the cells that an anchor covers."""

    def corner(name: str) -> Position | None:
        tag = anchor.find(f"{_XDR}{name}")
        row, col = (tag.findtext(f"{_XDR}{part}") if tag is not None else None for part in ("row", "col"))
        return (int(row), int(col)) if row and col and row.isdigit() and col.isdigit() else None

    first, last = corner("from"), corner("to")
    if first is None:
        return None
    last = last or first
    return cell_box(first[0], first[1], max(last[0] - first[0], 0) + 1, max(last[1] - first[1], 0) + 1)
