"""A PDF's pages become one document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from fakes import Samples, settings_at
from pdf_files import NO_PAGES, pdf

from errors import ParseError
from ingest.chunk.mentions import with_mentions
from ingest.parsers.base import Outline
from ingest.parsers.pdf import layout as pdf_layout
from ingest.parsers.pdf.captions import is_units
from ingest.parsers.pdf.document import assemble
from ingest.parsers.pdf.layout import LayoutBox, LayoutPage, clean, read_layout
from ingest.parsers.pdf.pages import PageContent, open_pdf, read_pages
from ingest.workers import PAGES_A_TASK, page_runs
from records import BBox, Document, Element, Line, Loss, Picture, Raw
from store.assets import Assets

# --- opening ---------------------------------------------------------------------------------------------------------


def raw(data: bytes) -> Raw:
    return Raw(source="report.pdf", data=data)


def test_opening_tells_pages_and_title() -> None:
    outline = open_pdf(raw(pdf("a", "b", title=" Annual   report ")))
    assert (outline.pages, outline.title, len(set(outline.keys))) == (2, "Annual report", 2)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"%PDF-1.7 and nothing more", "is broken"),
        (b"no PDF at all", "is broken"),
        (pdf("secret", password="x"), "is encrypted"),
        (NO_PAGES, "has no pages"),
    ],
    ids=["cut off", "text", "encrypted", "no pages"],
)
def test_a_pdf_that_cannot_be_read_is_named_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(ParseError, match=f"^report.pdf {reason}"):
        open_pdf(raw(data))


def test_a_pdf_that_only_restricts_its_owner_opens() -> None:
    with pymupdf.open() as document:
        document.new_page()
        data = document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="owner", user_pw="")
    assert open_pdf(raw(data)).pages == 1


@pytest.mark.parametrize("pages", [1, PAGES_A_TASK, PAGES_A_TASK + 1, 2000])
def test_tasks_hold_every_page_once(pages: int) -> None:
    runs = page_runs(range(1, pages + 1))
    assert [number for run in runs for number in run] == list(range(1, pages + 1))
    assert max(map(len, runs)) <= PAGES_A_TASK


# --- putting together ------------------------------------------------------------------------------------------------


def box(kind: str, *texts: str, top: float = 0, left: float = 50, height: float = 20, size: float = 0) -> LayoutBox:
    bbox: BBox = (left, top, left + 200, top + height)
    return LayoutBox(kind=kind, bbox=bbox, lines=tuple(Line(text, bbox) for text in texts), font_size=size)


def grid(top: float, left: float = 50) -> LayoutBox:
    cell: BBox = (left, top, left + 200, top + 20)
    return LayoutBox(kind="table", bbox=cell, grid=(("Plant", "MWh"), ("Weir", "9")), cells=((cell, cell),) * 2)


def page(number: int, *boxes: LayoutBox, assets: Sequence[str] = (), **fields: Any) -> PageContent:
    """A page; its picture boxes show ``assets``."""
    indexes = [index for index, one in enumerate(boxes) if one.kind == "picture"]
    pictures = {i: Picture(asset=asset, width=9, height=9) for i, asset in zip(indexes, assets, strict=True)}
    return PageContent(LayoutPage(number=number, width=600, height=800, boxes=boxes), pictures, **fields)


def together(*pages: PageContent, title: str = "") -> Document:
    return assemble("/x/report-2025.pdf", Outline(len(pages), title), pages, {})


def texts(document: Document) -> list[str]:
    return [element.text for element in document.elements]


def test_running_heads_and_feet_are_said_once_at_the_end_and_page_numbers_not() -> None:
    pages = [
        page(n, box("page-header", f"Annual report | {n}"), box("text", f"Text {n}."), box("page-footer", str(n)))
        for n in (1, 2)
    ]
    pages.append(page(3, box("page-header", "An important note at the top"), box("text", "Text 3.")))
    assert texts(together(*pages)) == [
        "Text 1.",
        "Text 2.",
        "An important note at the top",
        "Text 3.",
        "Annual report | 1",
    ]


def test_a_document_of_nothing_but_running_heads_says_them() -> None:
    pages = [page(n, box("page-header", f"Ticket {n}")) for n in (1, 2)]
    assert texts(together(*pages)) == ["Ticket 1", "Ticket 2"]


def test_sections_follow_the_sizes_of_headings_over_pages() -> None:
    document = together(
        page(1, box("title", "Report", size=24), box("section-header", "1 Output", size=16), box("text", "a")),
        page(2, box("text", "b"), box("section-header", "1.1 Wind", size=12), box("text", "c")),
        page(3, box("section-header", "2 Costs", size=16), box("text", "d")),
    )
    assert [(e.text, e.heading, e.section) for e in document.elements] == [
        ("Report", 1, ()),
        ("1 Output", 2, ("Report",)),
        ("a", 0, ("Report", "1 Output")),
        ("b", 0, ("Report", "1 Output")),
        ("1.1 Wind", 3, ("Report", "1 Output")),
        ("c", 0, ("Report", "1 Output", "1.1 Wind")),
        ("2 Costs", 2, ("Report",)),
        ("d", 0, ("Report", "2 Costs")),
    ]


@pytest.mark.parametrize("text", ["12", "7.", "x" * 201])
def test_what_is_no_heading_is_text_all_the_same(text: str) -> None:
    (element,) = together(page(1, box("section-header", text, size=20))).elements
    assert (element.text, element.heading) == (text, 0)


def test_a_line_of_units_set_as_a_heading_hides_no_heading() -> None:
    document = together(
        page(
            1,
            box("section-header", "Balance Sheets", top=40, size=16),
            box("section-header", "(In thousands, except per share data)", top=70, size=16),
            grid(95),
        ),
        page(2, box("section-header", "(Unaudited)", size=16), box("text", "Far from any table.")),
    )
    assert [(e.kind, e.heading, e.section, e.text if e.kind == "text" else e.caption) for e in document.elements] == [
        ("text", 1, (), "Balance Sheets"),
        ("table", 0, ("Balance Sheets",), "(In thousands, except per share data)"),
        ("text", 0, ("Balance Sheets",), "(Unaudited)"),
        ("text", 0, ("Balance Sheets",), "Far from any table."),
    ]


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("$ in millions", True),
        ("(dollars in millions, except per share amounts)", True),
        ("(Unaudited)", True),
        ("Share data", False),
        ("Revenue in millions", False),
        ("Statements of Income (in thousands)", False),
        ("", False),
    ],
)
def test_what_says_nothing_but_units(text: str, units: bool) -> None:
    assert is_units(text) is units


def captions(document: Document) -> list[tuple[str, str]]:
    return [(element.kind, element.caption) for element in document.elements]


def test_a_caption_goes_to_what_it_names() -> None:
    boxes = (
        box("picture", top=100, height=50),
        box("caption", "Table 1. Output", top=155),
        grid(180),
        box("text", "Figure 2. Downtime", top=205),
        box("picture", top=230, height=50),
    )
    document = together(page(1, *boxes, assets=("a", "b")))
    assert captions(document) == [("image", ""), ("table", "Table 1. Output"), ("image", "Figure 2. Downtime")]
    table = document.elements[1]
    assert table.table is not None
    assert (table.table.caption, table.caption_bbox) == ("Table 1. Output", boxes[1].bbox)


def test_a_caption_far_away_or_beside_is_text() -> None:
    far = together(page(1, grid(100), box("caption", "Table 1. Output", top=400)))
    assert captions(far) == [("table", ""), ("text", "")]
    beside = together(page(1, grid(100), box("caption", "Table 1. Output", top=125, left=400)))
    assert captions(beside) == [("table", ""), ("text", "")]


def test_a_sentence_that_begins_with_a_label_is_a_reference_and_no_caption() -> None:
    document = together(
        page(1, box("text", "Table 1 compares the years."), box("caption", "Table 1. Output", top=60), grid(90))
    )
    assert captions(document) == [("text", ""), ("table", "Table 1. Output")]
    assert with_mentions(document.elements)[1].mentions == ("Table 1 compares the years.",)


def test_a_picture_without_text_on_three_pages_is_a_logo() -> None:
    pages = [page(n, box("picture"), box("text", f"Text {n}."), assets=("logo",)) for n in (1, 2, 3)]
    assert [element.kind for element in together(*pages).elements] == ["text"] * 3
    assert [element.kind for element in together(*pages[:2]).elements] == ["image", "text"] * 2


def test_text_in_a_picture_that_was_not_cut_out_stays() -> None:
    lost = page(1, box("text", "x"), losses=(Loss("figure on page 1", "why"),))
    unread = PageContent(LayoutPage(number=2, width=1, height=1, boxes=(box("picture", "Hydro 13,000"),)))
    document = together(lost, unread)
    assert texts(document) == ["x", "Hydro 13,000"]
    assert document.losses == (Loss("figure on page 1", "why"),)


def test_a_document_without_anything_is_refused_with_what_went_wrong() -> None:
    empty = page(1, losses=(Loss("page 1", "could not be read"),))
    with pytest.raises(ParseError, match=r"holds no text, table or picture.*page 1 could not be read"):
        together(empty)


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        ("Annual Report 2025", "Annual Report 2025"),
        ("Microsoft Word - x", "The largest heading"),
        ("draft7.docx", "The largest heading"),
        ("3f2a-99", "The largest heading"),
        ("Untitled", "The largest heading"),
        ("", "The largest heading"),
    ],
)
def test_a_title_in_the_metadata_is_taken_if_it_is_one(stated: str, title: str) -> None:
    headings = (box("section-header", "Small", size=9), box("title", "The largest", "heading", size=30))
    assert together(page(1, *headings), title=stated).title == title


@pytest.mark.parametrize(
    ("headings", "title"),
    [
        (
            [("UNITED STATES SECURITIES AND EXCHANGE COMMISSION", 14), ("FORM 10-K", 14), ("HARBOUR CO.", 13)],
            "HARBOUR CO.",
        ),
        ([("Table of Contents", 16)], "report-2025"),
        ([("1 Introduction", 12), ("Abstract", 12)], "report-2025"),
        ([("FORM 10-K", 16), ("Securities registered under the Act", 7)], "report-2025"),  # small print
        ([("Annual report", 20), ("Annual report of the harbour", 18)], "Annual report of the harbour"),
    ],
)
def test_a_heading_that_many_documents_have_is_no_title(headings: list[tuple[str, float]], title: str) -> None:
    boxes = [box("section-header", text, size=size) for text, size in headings]
    assert together(page(1, *boxes, box("text", "Some text."))).title == title


def test_without_a_heading_the_file_gives_the_title() -> None:
    assert together(page(1, box("text", "Only text."))).title == "report-2025"


# --- reading -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "read"),
    [("eﬃ\u00adcient  ﬁsh\n", "efficient fish"), ("a\x00b\x1f", "ab"), (" \t ", ""), ("größe — 中文", "größe — 中文")],
)
def test_text_is_cleaned(printed: str, read: str) -> None:
    assert clean(printed) == read


def test_when_the_analysis_fails_the_text_is_read_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The analysis is somebody else's: here it fails whenever page 2 is among the pages."""
    real = pdf_layout._analyse

    def failing(document: Any, numbers: Sequence[int]) -> list[Any]:
        if 2 in numbers:
            raise IndexError("list index out of range")
        return real(document, numbers)

    monkeypatch.setattr(pdf_layout, "_analyse", failing)
    first, second = read_layout(pdf("The weir stood still.", "The roofs gained a little."), [1, 2])
    assert (first.error, [line.text for one in first.boxes for line in one.lines]) == ("", ["The weir stood still."])
    assert "IndexError" in second.error
    assert [line.text for one in second.boxes for line in one.lines] == ["The roofs gained a little."]


def test_pages_are_read_by_number_and_a_turned_page_too(tmp_path: Path) -> None:
    with pymupdf.open(stream=pdf("first", "The turbines were turned.", "third"), filetype="pdf") as document:
        document[1].set_rotation(90)
        data = document.tobytes()
    (content,) = read_pages(data, [2], Assets(tmp_path / "assets"), settings_at(tmp_path))
    assert content.layout.number == 2
    assert "The turbines were turned." in " ".join(line.text for one in content.layout.boxes for line in one.lines)


def test_lines_that_run_upwards_are_kept_where_they_stand() -> None:
    with pymupdf.open(stream=pdf("The turbines are printed as usual."), filetype="pdf") as document:
        document[0].insert_textbox((520, 50, 550, 600), "A note at the margin", fontsize=12, rotate=90)
        (layout,) = read_layout(document.tobytes(), [1])
    said = {line.text: line.bbox for one in layout.boxes for line in one.lines}
    assert set(said) == {"The turbines are printed as usual.", "A note at the margin"}
    note = said["A note at the margin"]
    assert note is not None
    assert 515 < note[0] < note[2] < 555


# --- the sample report -------------------------------------------------------------------------------------------------


def with_caption(document: Document, start: str) -> Element:
    return next(element for element in with_mentions(document.elements) if element.caption.startswith(start))


def test_the_report_has_its_title_and_pages_and_lost_nothing(samples: Samples) -> None:
    report = samples.report
    assert (report.title, report.pages, report.losses) == ("Merrow Bay Energy Cooperative: Annual Report 2025", 6, ())
    assert not any("Annual Report 2025 |" in text for text in texts(report))
    assert any("was founded on 3 March 2009 by 62 households" in text for text in texts(report))


def test_tables_of_the_report_are_data(samples: Samples) -> None:
    table = with_caption(samples.report, "Table 2.").table
    assert table is not None
    assert table.column_names() == [
        "Line of business",
        "Revenue 2024",
        "Revenue 2025",
        "Operating costs 2024",
        "Operating costs 2025",
    ]
    assert ["Battery services", "118", "624", "96", "287"] in table.grid()
    assert all(cell.bbox for cell in table.cells)


def test_a_vector_chart_is_a_picture_with_its_words(samples: Samples) -> None:
    chart = with_caption(samples.report, "Figure 1.")
    assert (chart.kind, chart.page) == ("image", 3)
    assert {"7,300", "13,000"} <= set(chart.text.split())
    assert chart.picture is not None
    with pymupdf.open(stream=samples.assets.read(chart.picture.asset), filetype="png") as picture:
        assert picture[0].rect.width > 0
    assert chart.picture.width > 700  # pixels
    assert chart.mentions[0].startswith("Figure 1 shows how the plants complement each other.")


def test_a_picture_of_a_chart_is_read(samples: Samples) -> None:
    chart = with_caption(samples.report, "Figure 2.")
    assert "Gearbox 212" in chart.text.replace("\n", " ")
    assert chart.mentions == (
        "Figure 2 breaks the unplanned hours down by cause.",
        "As Figure 2 shows, one cause stands out.",
    )
    assert chart.bbox is not None
    for line in chart.lines:
        assert line.bbox is not None
        assert chart.bbox[0] - 1 <= line.bbox[0] < line.bbox[2] <= chart.bbox[2] + 1
        assert chart.bbox[1] - 1 <= line.bbox[1] < line.bbox[3] <= chart.bbox[3] + 1


def test_two_columns_are_read_one_after_the_other(samples: Samples) -> None:
    page = "\n".join(element.text for element in samples.report.elements if element.page == 6)
    places = [page.index(heading) for heading in ("5.1 Plans", "5.2 A second", "5.3 Risks", "5.4 Community", "5.5 Vis")]
    assert places == sorted(places)
