"""OpenDocument files, built as zip archives."""

from __future__ import annotations

import io
import zipfile

import pytest
from office_files import read, tables, texts
from web_page import png

from errors import ParseError
from text.cell_address import address

NAMES = (
    " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for short, long in {
            "office": "office",
            "text": "text",
            "table": "table",
            "draw": "drawing",
            "presentation": "presentation",
            "chart": "chart",
        }.items()
    )
    + ' xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
)


def odf(kind: str, body: str, **parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        content = f"<office:document-content {NAMES}><office:body>{body}</office:body></office:document-content>"
        archive.writestr("content.xml", content)
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


TEXT = """<office:text><text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion>
</text:changed-region></text:tracked-changes><text:h text:outline-level="1">Cranes</text:h>
<text:p>Two<text:s text:c="2"/>stand<text:line-break/>here<text:note
><text:note-citation>1</text:note-citation><text:note-body>
<text:p>Since 1931.</text:p></text:note-body></text:note>.<office:annotation
><text:p>Sure?</text:p></office:annotation></text:p>
<text:list><text:list-item><text:p>North</text:p><text:list><text:list-item><text:p>rusty</text:p></text:list-item></text:list>
</text:list-item></text:list>
<table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>Crane</text:p></table:table-cell>
<table:table-cell table:number-columns-spanned="2"><text:p>Load</text:p></table:table-cell>
<table:covered-table-cell/></table:table-row>
</table:table-header-rows><table:table-row><table:table-cell><text:p>North</text:p></table:table-cell>
<table:table-cell table:number-columns-repeated="2"><text:p>40</text:p></table:table-cell></table:table-row></table:table>
<text:p><draw:frame><draw:image xlink:href="Pictures/a.png"/><svg:desc>A quay</svg:desc></draw:frame></text:p>
</office:text>"""


def test_a_text_has_headings_lists_tables_notes_and_pictures() -> None:
    document = read(odf("text", TEXT, **{"Pictures/a.png": png(120, 90)}), "x.odt")
    assert (document.kind, document.title) == ("odt", "Cranes")
    text = texts(document)
    assert "Two stand\nhere." in text
    assert "- North\n  - rusty" in text
    assert "Notes\nSince 1931.\nComments\nSure?" in text
    assert "gone" not in text
    assert [loss.what for loss in document.losses] == ["tracked changes"]
    (table,) = tables(document)
    assert table.table is not None
    assert table.table.header_rows == 1
    assert table.table.grid() == [["Crane", "Load", "Load"], ["North", "40", "40"]]
    (picture,) = [one.picture for one in document.elements if one.picture]
    assert picture.alt == "A quay"


def test_sheets_are_pages_and_what_is_repeated_is_read_as_often() -> None:
    def cell(text: str, kind: str = "string", more: str = "") -> str:
        return f'<table:table-cell office:value-type="{kind}" {more}><text:p>{text}</text:p></table:table-cell>'

    body = (
        '<office:spreadsheet><table:table table:name="Costs"><table:table-row table:number-rows-repeated="2">'
        '<table:table-cell table:number-columns-repeated="3"/></table:table-row>'
        f"<table:table-row><table:table-cell/>{cell('Item')}{cell('Cost')}</table:table-row>"
        f'<table:table-row table:number-rows-repeated="2"><table:table-cell/>{cell("Rent")}{cell("1,200 €", "currency")}'
        '</table:table-row><table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
        "</table:table></office:spreadsheet>"
    )
    document = read(odf("spreadsheet", body), "x.ods")
    (table,) = tables(document)
    assert table.table is not None and table.bbox is not None
    assert (document.unit, table.section, address(table.bbox)) == ("sheet", ("Costs",), "B3:C5")
    assert table.table.grid() == [["Item", "Cost"], ["Rent", "1,200 €"], ["Rent", "1,200 €"]]
    assert table.table.header_rows == 1


def test_slides_are_pages_with_title_and_notes() -> None:
    slide = (
        '<draw:page><draw:frame presentation:class="title"><draw:text-box><text:p>{0}</text:p></draw:text-box></draw:frame>'
        "<draw:frame><draw:text-box><text:list><text:list-item><text:p>one</text:p></text:list-item></text:list>"
        "</draw:text-box></draw:frame><presentation:notes><draw:frame><draw:text-box><text:p>Say {0}.</text:p>"
        "</draw:text-box>"
        "</draw:frame></presentation:notes></draw:page>"
    )
    body = f"<office:presentation>{slide.format('First')}{slide.format('Second')}</office:presentation>"
    document = read(odf("presentation", body), "x.odp")
    assert (document.pages, document.unit, document.title) == (2, "slide", "First")
    notes = [(one.page, one.section, one.text) for one in document.elements if one.text.startswith("Say")]
    assert notes == [(1, ("First", "Notes"), "Say First."), (2, ("Second", "Notes"), "Say Second.")]


@pytest.mark.parametrize("kind", ["text", "spreadsheet", "presentation"])
def test_a_password_is_said(kind: str) -> None:
    data = odf(kind, "", **{"META-INF/manifest.xml": b"<manifest:encryption-data/>"})
    with pytest.raises(ParseError, match="has a password"):
        read(data, "x.odt")


CHART = f"""<office:document-content {NAMES}><office:body><office:chart><chart:chart><chart:title><text:p>Loads</text:p>
</chart:title><chart:plot-area/><table:table table:name="local-table"><table:table-header-rows><table:table-row>
<table:table-cell><text:p/></table:table-cell><table:table-cell><text:p>North</text:p></table:table-cell></table:table-row>
</table:table-header-rows><table:table-rows><table:table-row><table:table-cell><text:p>Q1</text:p></table:table-cell>
<table:table-cell><text:p>4.3</text:p></table:table-cell></table:table-row></table:table-rows></table:table></chart:chart>
</office:chart></office:body></office:document-content>""".encode()
OBJECT = """<draw:frame><draw:object xlink:href="./Object 1"/>
<draw:image xlink:href="./ObjectReplacements/Object 1"/></draw:frame>"""
PICTURE = '<draw:frame><draw:image xlink:href="Pictures/a.png"/><svg:desc>A quay</svg:desc></draw:frame>'


@pytest.mark.parametrize(
    ("kind", "name", "body"),
    [
        ("text", "x.odt", f"<office:text><text:p>{OBJECT}{PICTURE}</text:p></office:text>"),
        (
            "presentation",
            "x.odp",
            f"<office:presentation><draw:page>{OBJECT}{PICTURE}</draw:page></office:presentation>",
        ),
        (
            "spreadsheet",
            "x.ods",
            f'<office:spreadsheet><table:table table:name="Budget"><table:shapes>{OBJECT}</table:shapes><table:table-row>'
            f"<table:table-cell>{PICTURE}</table:table-cell></table:table-row></table:table></office:spreadsheet>",
        ),
    ],
)
def test_a_chart_is_a_table_of_its_numbers_and_a_picture_is_kept(kind: str, name: str, body: str) -> None:
    data = odf(kind, body, **{"Object 1/content.xml": CHART, "Pictures/a.png": png(200, 100)})
    document = read(data, name)
    (chart,) = tables(document)
    assert chart.table is not None
    assert chart.caption == "Chart: Loads"
    assert (chart.table.grid(), chart.table.header_rows) == ([["", "North"], ["Q1", "4.3"]], 1)
    assert [one.picture.alt for one in document.elements if one.picture] == ["A quay"]
    assert document.losses == ()
