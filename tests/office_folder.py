"""A folder of Office files, mails and books, small and mixed: python -m tests.office_folder FOLDER writes it."""

from __future__ import annotations

import io
import sys
import zipfile
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import docx
import openpyxl
import pptx
from openpyxl.chart import BarChart, Reference
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

_FOOTNOTES = b"""<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:footnote w:id="2">
<w:p><w:r><w:t>The lock gate was paid for by the Fishers' Guild.</w:t></w:r></w:p></w:footnote></w:footnotes>"""
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def plan() -> bytes:
    """A Word document with merged cells, nested lists, a footnote and a comment."""
    document = docx.Document()
    document.add_heading("Harbour plan", 0)
    document.add_heading("History", 1)
    history = document.add_paragraph("The north crane was built in 1931 by Halvard Works. Its lock gate is of oak.")
    mark = history.add_run()._r
    reference = mark.makeelement(f"{{{mark.nsmap['w']}}}footnoteReference", {f"{{{mark.nsmap['w']}}}id": "2"})
    mark.append(reference)
    document.add_heading("Sheds", 1)
    for text, level in (
        ("North shed", ""),
        ("Ropes and chains are kept in the north shed", " 2"),
        ("South shed", ""),
        ("Paint and varnish are kept in the south shed", " 2"),
    ):
        document.add_paragraph(text, style=f"List Bullet{level}")
    document.add_heading("Loads", 1)
    rows = [["Crane", "Load in tonnes", ""], ["", "Summer", "Winter"], ["North", "40", "35"], ["South", "22", "18"]]
    table = document.add_table(rows=4, cols=3)
    for row, texts in enumerate(rows):
        for col, text in enumerate(texts):
            if text:
                table.cell(row, col).text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    document.add_heading("Inspection", 1)
    inspection = document.add_paragraph("The quay wall is inspected every spring.")
    document.add_comment(inspection.runs, "Divers found a crack below pier seven.", author="Kim")
    buffer = io.BytesIO()
    document.save(buffer)
    return _with_footnotes(buffer.getvalue())


def _with_footnotes(data: bytes) -> bytes:
    buffer = io.BytesIO()
    relation = f'<Relationship Id="rIdNotes" Type="{_OFFICE}/footnotes" Target="footnotes.xml"/></Relationships>'
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            part = old.read(entry.filename)
            if entry.filename == "word/_rels/document.xml.rels":
                part = part.replace(b"</Relationships>", relation.encode())
            if entry.filename == "[Content_Types].xml":
                kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
                part = part.replace(
                    b"</Types>", f'<Override PartName="/word/footnotes.xml" ContentType="{kind}"/></Types>'.encode()
                )
            new.writestr(entry, part)
        new.writestr("word/footnotes.xml", _FOOTNOTES)
    return buffer.getvalue()


def budget() -> bytes:
    """A workbook with two tables on a sheet, dates, and a chart of other numbers."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Budget"
    for row, values in enumerate([["Costs in euros", None, None], ["Item", 2025, 2026], ["Dredging", 8200, 9100]], 1):
        for col, value in enumerate(values, 1):
            sheet.cell(row, col, value)
    sheet.append(["Insurance", 1250, 1310])
    for where, value in {"F2": "Warden", "G2": "Since", "F3": "Ada Lind", "G3": date(2021, 3, 4)}.items():
        sheet[where] = value
    sheet["F4"], sheet["G4"] = "Bo Falk", date(2024, 11, 30)
    for where in ("G3", "G4"):
        sheet[where].number_format = "d mmmm yyyy"
    catches = book.create_sheet("Catches")
    for line in (["Month", "Herring", "Cod"], ["May", 310, 44], ["June", 275, 61]):
        catches.append(line)
    chart = BarChart()
    chart.title = "Catches in tonnes"
    chart.add_data(Reference(catches, min_col=2, max_col=3, min_row=1, max_row=3), titles_from_data=True)
    chart.set_categories(Reference(catches, min_col=1, min_row=2, max_row=3))
    catches.add_chart(chart, "F2")
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def talk() -> bytes:
    """A presentation with a hidden slide, a chart and notes."""
    deck = pptx.Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text = "Ferry service"
    first.placeholders[1].text = "The ferry crosses in 25 minutes\nIt carries 60 cars"
    hidden = deck.slides.add_slide(deck.slide_layouts[1])
    hidden.shapes.title.text = "Reserve"
    hidden.placeholders[1].text = "The reserve ferry lies at Tarn"
    hidden._element.set("show", "0")
    numbers = deck.slides.add_slide(deck.slide_layouts[5])
    numbers.shapes.title.text = "Passengers"
    data = CategoryChartData()
    data.categories = ["Spring", "Autumn"]
    data.add_series("Weekdays", (412, 388))
    data.add_series("Weekends", (655, 590))
    box = (Inches(1), Inches(2), Inches(7), Inches(4))
    chart = numbers.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *box, data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "Ferry passengers a day"
    notes = numbers.notes_slide.notes_text_frame
    assert notes is not None
    notes.text = "Mention that the ticket office moves to Sorrel Street."
    buffer = io.BytesIO()
    deck.save(buffer)
    return buffer.getvalue()


def mail() -> bytes:
    """A mail with a table as attachment."""
    message = EmailMessage()
    message["From"], message["To"] = "Ada Lind <ada@example.org>", "bo@example.org"
    message["Subject"], message["Date"] = "Pump repair", "Mon, 05 Jan 2026 10:00:00 +0000"
    message.set_content("Dear Bo,\n\nthe bilge pump is repaired on Thursday by Tomas Reed.\n\nAda\n")
    rows = "Part,Supplier,Price\nImpeller,Norsk Marine,118\nGasket,Delta Seals,9\n"
    message.add_attachment(rows.encode(), maintype="text", subtype="csv", filename="parts.csv")
    return message.as_bytes()


def book() -> bytes:
    """A book of two chapters."""
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="b.opf" '
        'media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<dc:title>Tales of the quay</dc:title></metadata><manifest>"
        + "".join(f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in (1, 2))
        + '</manifest><spine><itemref idref="c1"/><itemref idref="c2"/></spine></package>'
    )
    page = '<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>{}</h1><p>{}</p></body></html>'
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("b.opf", package)
        archive.writestr("c1.xhtml", page.format("The keeper", "The lighthouse keeper was called Orla Penn."))
        archive.writestr("c2.xhtml", page.format("The storm", "In the storm the brig Saffron lost her mast."))
    return buffer.getvalue()


FILES = {
    "harbour-plan.docx": plan,
    "budget.xlsx": budget,
    "ferry.pptx": talk,
    "pump.eml": mail,
    "tales.epub": book,
}


def write(folder: Path) -> list[Path]:
    """Write the files into ``folder`` and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, made in FILES.items():
        (folder / name).write_bytes(made())
    return [folder / name for name in FILES]


if __name__ == "__main__":
    write(Path(sys.argv[1]))
