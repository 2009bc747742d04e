"""Word documents, built by python-docx."""

from __future__ import annotations

import io
import re

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from lxml import etree
from office_files import read, saved, tables, texts, with_part
from web_page import png

from ingest.parsers.office.equations import equation_text

M = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


def test_headings_and_nested_lists() -> None:
    document = docx.Document()
    document.add_heading("Harbour plan", 0)
    document.add_heading("Cranes", 1)
    document.add_paragraph("Two cranes stand at the quay.")
    document.add_paragraph("North", style="List Bullet")
    document.add_paragraph("rusty", style="List Bullet 2")
    document.add_heading("Costs", 2)
    document.add_paragraph("They cost 12 million.")
    found = read(saved(document), "plan.docx")
    assert (found.kind, found.pages, found.unit) == ("docx", 1, "")
    assert found.title == "Harbour plan"
    by_text = {element.text: element for element in found.elements}
    assert by_text["Two cranes stand at the quay."].section == ("Cranes",)
    assert by_text["They cost 12 million."].section == ("Cranes", "Costs")
    assert "- North\n- rusty" in by_text  # Word's styles for depth are lists of their own


def test_merged_cells_header_rows_captions_and_a_table_in_a_cell() -> None:
    document = docx.Document()
    table = document.add_table(3, 3, style="Table Grid")
    for col, name in enumerate(("Crane", "Year", "Load")):
        table.cell(0, col).text = name
    table.cell(1, 0).text = "North"
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(1, 1).text, table.cell(1, 2).text = "2024", "40 t"
    table.cell(2, 1).text = "2025"
    inner = table.cell(2, 2).add_table(2, 2)
    for place, text in zip(((0, 0), (0, 1), (1, 0), (1, 1)), ("Month", "Hours", "May", "212"), strict=True):
        inner.cell(*place).text = text
    document.add_paragraph("Table 1: Loads", style="Caption")
    outer, nested = tables(read(saved(document), "plan.docx"))
    assert outer.table is not None and nested.table is not None
    assert outer.caption == outer.table.caption == "Table 1: Loads"
    assert outer.table.header_rows == 1
    assert outer.table.grid()[1:] == [["North", "2024", "40 t"], ["North", "2025", ""]]
    assert nested.table.grid() == [["Month", "Hours"], ["May", "212"]]


def test_a_first_row_with_numbers_is_no_header() -> None:
    document = docx.Document()
    table = document.add_table(2, 2, style="Table Grid")
    for place, text in zip(((0, 0), (0, 1), (1, 0), (1, 1)), ("Rent", "1,200", "Power", "300"), strict=True):
        table.cell(*place).text = text
    (found,) = tables(read(saved(document), "x.docx"))
    assert found.table is not None
    assert found.table.header_rows == 0


def test_a_picture_has_its_alternative_text_and_caption() -> None:
    document = docx.Document()
    document.add_paragraph("Before it.")
    document.add_picture(io.BytesIO(png(200, 100)))
    document.element.body.xpath(".//wp:docPr")[0].set("descr", "A red quay")
    document.add_paragraph("Figure 1: The quay", style="Caption")
    (picture,) = [one for one in read(saved(document), "x.docx").elements if one.kind == "image"]
    assert picture.picture is not None
    assert (picture.picture.alt, picture.caption) == ("A red quay", "Figure 1: The quay")
    assert (picture.picture.width, picture.picture.url) == (200, "")
    assert picture.mentions == ("Before it.",)


def test_comments_and_text_boxes_and_margins_are_read() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("The crane is safe.")
    document.add_comment(paragraph.runs, text="Says who?", author="Kim Olsen", initials="KO")
    box = parse_xml(
        f'<w:r {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:shape><v:textbox><w:txbxContent>'
        "<w:p><w:r><w:t>Beware of the edge</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    )
    document.add_paragraph()._p.append(box)
    document.sections[0].footer.paragraphs[0].text = "Version 3 of May"
    text = texts(read(saved(document), "x.docx"))
    assert "Beware of the edge" in text
    assert re.search(r"Comments\nComment \[KO1\]\nSays who\?", text)
    assert text.endswith("Header and footer\nVersion 3 of May")
    assert "safe.[" not in text  # marks are no words of the document


def test_tracked_changes_are_accepted_and_said() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("The load is ")
    for tag, text, value in (("del", "delText", "40"), ("ins", "t", "45")):
        paragraph._p.append(
            parse_xml(
                f'<w:{tag} {nsdecls("w")} w:id="1" w:author="K"><w:r><w:{text}>{value}</w:{text}></w:r></w:{tag}>'
            )
        )
    paragraph.add_run(" tons.")
    found = read(saved(document), "x.docx")
    assert texts(found) == "The load is 45 tons."
    assert [(loss.what, loss.why) for loss in found.losses] == [
        ("tracked changes", "1 insertions and 1 deletions were read as accepted.")
    ]


def test_an_equation_stands_as_text_where_it_stands() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Here ")
    fraction = "<m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f>"
    paragraph._p.append(parse_xml(f"<m:oMath {M}><m:r><m:t>x=</m:t></m:r>{fraction}</m:oMath>"))
    paragraph.add_run(" holds.")
    assert texts(read(saved(document), "x.docx")) == "Here x=(a+b)/2 holds."


@pytest.mark.parametrize(
    ("omml", "text"),
    [
        ("<m:sSup><m:e><m:r><m:t>r</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>", "r^2"),
        ("<m:rad><m:deg/><m:e><m:r><m:t>n+1</m:t></m:r></m:e></m:rad>", "√(n+1)"),
        (
            '<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub><m:r><m:t>i=1</m:t></m:r></m:sub><m:sup><m:r>'
            "<m:t>n</m:t></m:r></m:sup><m:e><m:r><m:t>i</m:t></m:r></m:e></m:nary>",
            "∑_(i=1)^n i",
        ),
        (
            '<m:d><m:dPr><m:begChr m:val="["/><m:endChr m:val="]"/></m:dPr><m:e><m:r><m:t>k</m:t></m:r></m:e></m:d>',
            "[k]",
        ),
    ],
)
def test_equations(omml: str, text: str) -> None:
    assert equation_text(etree.fromstring(f"<m:oMath {M}>{omml}</m:oMath>")) == text


def test_footnotes_are_read_below_a_heading() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Cranes are old")
    paragraph._p.append(parse_xml(f'<w:r {nsdecls("w")}><w:footnoteReference w:id="2"/></w:r>'))
    data = with_part(
        saved(document),
        "word/footnotes.xml",
        f'<w:footnotes {nsdecls("w")}><w:footnote w:id="2"><w:p><w:r><w:t>Built in 1931.</w:t></w:r></w:p></w:footnote>'
        "</w:footnotes>".encode(),
    )
    found = read(data, "x.docx")
    (note,) = [one for one in found.elements if "1931" in one.text]
    assert (note.section, note.text) == (("Notes",), "1. Built in 1931.")


def test_a_linked_picture_is_not_fetched_but_said() -> None:
    document = docx.Document()
    document.add_paragraph("Words.")
    document.add_picture(io.BytesIO(png(200, 100)))
    embed = next(iter(re.findall(r'r:embed="(rId\d+)"', document.element.xml)))
    data = with_part(saved(document), "word/document.xml", changes={f'r:embed="{embed}"': f'r:link="{embed}"'})
    target = 'Target="media/image1.png"'
    data = with_part(
        data,
        "word/_rels/document.xml.rels",
        changes={target: 'Target="http://127.0.0.1:9/p.png" TargetMode="External"'},
    )
    found = read(data, "x.docx")
    assert [loss.what for loss in found.losses] == ["1 linked pictures"]
    assert texts(found) == "Words."


CHART = b"""<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><c:chart>
<c:title><c:tx><c:rich><a:p><a:r><a:t>Loads</a:t></a:r></a:p></c:rich></c:tx></c:title><c:plotArea><c:barChart><c:ser>
<c:tx><c:strRef><c:strCache><c:pt idx="0"><c:v>North</c:v></c:pt></c:strCache></c:strRef></c:tx>
<c:cat><c:multiLvlStrRef><c:multiLvlStrCache>
<c:lvl><c:pt idx="0"><c:v>Q1</c:v></c:pt><c:pt idx="1"><c:v>Q2</c:v></c:pt></c:lvl>
<c:lvl><c:pt idx="0"><c:v>2026</c:v></c:pt></c:lvl></c:multiLvlStrCache></c:multiLvlStrRef></c:cat>
<c:val><c:numRef><c:numCache><c:pt idx="0"><c:v>4.2999999999999998</c:v></c:pt></c:numCache></c:numRef></c:val>
</c:ser></c:barChart></c:plotArea></c:chart></c:chartSpace>"""


def test_a_chart_stands_as_a_table_where_it_is_drawn() -> None:
    document = docx.Document()
    document.add_paragraph("Before the chart.")
    run = document.add_paragraph().add_run()._r
    of_charts = "http://schemas.openxmlformats.org/drawingml/2006/chart"
    of_relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    chart = f'<c:chart xmlns:c="{of_charts}" xmlns:r="{of_relations}" r:id="rIdChart"/>'
    run.append(parse_xml(f"<w:drawing {nsdecls('w')}>{chart}</w:drawing>"))
    document.add_paragraph("After the chart.")
    data = with_part(saved(document), "word/charts/chart1.xml", CHART)
    relation = f'<Relationship Id="rIdChart" Type="{of_relations}/chart" Target="charts/chart1.xml"/></Relationships>'
    data = with_part(data, "word/_rels/document.xml.rels", changes={"</Relationships>": relation})
    found = read(data, "plan.docx")
    assert [one.kind for one in found.elements] == ["text", "table", "text"]
    (table,) = tables(found)
    assert table.table is not None
    assert table.caption == "Chart: Loads"
    assert table.table.grid() == [["", "North"], ["2026 Q1", "4.3"]]
    assert texts(found) == "Before the chart.\nAfter the chart."


@pytest.mark.parametrize(("second", "header_rows"), [(("", "Summer", "Winter"), 2), (("East", "41", "36"), 1)])
def test_a_row_of_names_below_a_merged_cell_belongs_to_the_header(second: tuple[str, ...], header_rows: int) -> None:
    document = docx.Document()
    table = document.add_table(rows=3, cols=3)
    for row, values in enumerate([("Crane", "Load", ""), second, ("North", "40", "35")]):
        for col, value in enumerate(values):
            if value:
                table.cell(row, col).text = value
    table.cell(0, 1).merge(table.cell(0, 2))
    (found,) = tables(read(saved(document), "plan.docx"))
    assert found.table is not None
    assert found.table.header_rows == header_rows
    if header_rows == 2:
        assert found.table.column_names() == ["Crane", "Load Summer", "Load Winter"]
