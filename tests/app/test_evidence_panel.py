"""The evidence panel."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path

import pymupdf
from bs4 import BeautifulSoup

from app import evidence
from app.archive import Archive
from app.chat import Exchange
from app.evidence import EMPTY, evidence_items, first_key, panel
from app.figures import marks_of
from app.links import text_fragment
from app.office_places import DrawnPages
from app.pages import MARK, NEAR
from app.trace import trace_json
from app.words import DISPUTED, IN_SOURCE, MARKED, MARKED_NEAR, NEAREST
from config import Settings
from records import Cell, Chunk, Computation, Hit, Source, Span, Statement, SubAnswer, Table
from store.assets import Assets
from store.office_pages import OfficePages
from store.originals import Originals
from store.source_ids import source_id
from tests.app.makers import chunk, citation, source, turn

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


def _archive(assets: Assets, *neighbours: Chunk) -> Archive:
    originals = Originals(assets)
    drawn = DrawnPages(originals, OfficePages(Settings(office_pages="no"), assets), assets)
    return Archive(assets, originals, drawn, lambda chunk: list(neighbours))


def _soup(
    conversation: tuple[Exchange, ...], key: str, archive: Assets | Archive, sources: dict[str, Source] | None = None
) -> BeautifulSoup:
    archive = archive if isinstance(archive, Archive) else _archive(archive)
    known = {"/docs/report.pdf": source()} if sources is None else sources
    return BeautifulSoup(panel(conversation, key, known, archive), "html.parser")


def _pdf(assets: Assets) -> Source:
    """A report of four pages, 200 points wide and 400 tall."""
    with pymupdf.open() as document:
        for _ in range(4):
            document.new_page(width=200, height=400)
        return source(original=assets.put(document.tobytes(), ".pdf"), pages=4)


def test_a_citation_shows_quote_check_page_and_link(tmp_path: Path) -> None:
    report = _pdf(Assets(tmp_path))
    soup = _soup((Exchange(turn(), "done"),), "cite-0-1", Assets(tmp_path), {report.source: report})
    assert soup.blockquote.get_text() == "Revenue was 12.5 million."
    assert soup.select_one(".check.good").get_text() == f"✓ {IN_SOURCE}"
    assert "Page 3 of 4" in soup.select_one(".where").get_text()
    image = soup.select_one(".page-image img")
    assert image["src"] == f"document/page?source={source_id('/docs/report.pdf')}&number=3"
    assert (image["width"], image["height"]) == ("200", "400")  # so that nothing moves when it comes
    # the rectangle 50..200 x 100..120, two points wider on each side, as shares of the page
    assert soup.select_one(".mark")["style"] == "left:24.000%;top:24.500%;width:77.000%;height:6.000%"
    assert soup.select_one("a.viewed")["href"] == "evidence/c1/page?rectangle=50.0,100.0,200.0,120.0"
    link = soup.select_one(".open a")
    assert link["href"] == f"original?source={source_id('/docs/report.pdf')}#page=3"
    assert set(link["rel"]) == {"noopener", "noreferrer"}


def test_what_the_check_did_not_confirm_is_said(tmp_path: Path) -> None:
    asked = turn(citations=(citation(1), citation(2, checked=False)))
    soup = _soup((Exchange(asked, "done"),), "cite-0-2", Assets(tmp_path))
    assert "Not confirmed" in soup.select_one(".check.bad").get_text()
    assert [item["href"] for item in soup.select("ol.citations a")] == ["#cite-0-1", "#cite-0-2"]
    assert soup.select_one("[aria-current]")["href"] == "#cite-0-2"


def test_a_passage_that_the_model_did_not_cite_says_so(tmp_path: Path) -> None:
    for added, count in ((True, 1), (False, 0)):
        asked = turn(statements=(Statement(text="Revenue was 12.5 million.", citations=(1,), added=added),))
        soup = _soup((Exchange(asked, "done"),), "cite-0-1", Assets(tmp_path))
        assert len(soup.find_all(string=lambda text: "it was found for the statement afterwards" in text)) == count


def test_a_place_that_reads_differently_a_second_time_says_so(tmp_path: Path) -> None:
    asked = turn(citations=(replace(citation(1, checked=False), disputed=True),))
    soup = _soup((Exchange(asked, "done"),), "cite-0-1", Assets(tmp_path))
    assert soup.select_one(".check.bad").get_text() == f"⚠ {DISPUTED}"
    assert soup.blockquote.get_text() == "Revenue was 12.5 million."


def test_of_a_computed_statement_the_computation_is_what_was_checked(tmp_path: Path) -> None:
    statement = Statement(text="2 rows", citations=(1,), computed=Computation(operation="count", cells=("a", "b")))
    for checked, wording in ((True, "computed again from the cited cells"), (False, "do not come to this result")):
        asked = turn(citations=(citation(1, checked=checked),), statements=(statement,))
        soup = _soup((Exchange(asked, "done"),), "cite-0-1", Assets(tmp_path))
        assert wording in soup.select_one(".check").get_text()


def test_when_nothing_was_found_the_nearest_passages_are_shown_as_such(tmp_path: Path) -> None:
    conversation = (Exchange(turn(citations=(), outcome="nothing"), "done"),)
    assert first_key(conversation) == "cite-0-1"
    soup = _soup(conversation, "cite-0-1", Assets(tmp_path))
    assert "Nearest passages" in soup.h2.get_text()
    assert soup.select_one(".check") is None


def test_the_nearest_passages_of_a_reply_have_no_check(tmp_path: Path) -> None:
    near = citation(2, checked=False)
    part = SubAnswer(question="q", citations=(near,), outcome="passages")
    for first, title in (((), "Nearest passages"), ((citation(1),), "Evidence")):
        outcome = "answered" if first else "passages"
        asked = turn(parts=(part,), citations=(*first, near), outcome=outcome)
        soup = _soup((Exchange(asked, "done"),), "cite-0-2", Assets(tmp_path))
        assert soup.h2.get_text() == title
        assert soup.select_one(".check.near").get_text() == NEAREST
        assert not soup.select(".check.good, .check.bad, .doubt")
        assert soup.select_one("blockquote.near").get_text() == "Revenue was 12.5 million."


def test_marks_of_nearest_passages_are_others_than_those_of_evidence_and_both_are_told(tmp_path: Path) -> None:
    report = _pdf(Assets(tmp_path))
    part = SubAnswer(question="q", citations=(citation(),), outcome="passages")
    for asked, near, legend in (
        (turn(), False, MARKED),
        (turn(parts=(part,), outcome="passages"), True, MARKED_NEAR),
        (turn(citations=(), outcome="nothing"), True, MARKED_NEAR),
    ):
        soup = _soup((Exchange(asked, "done"),), "cite-0-1", Assets(tmp_path), {report.source: report})
        assert bool(soup.select(".near .mark")) is near
        assert soup.select_one("figcaption.legend").get_text() == legend
        for link in soup.select("[data-view]"):  # what the viewer reads of it
            view = json.loads(link["data-view"])
            assert (view["near"], view["legend"]) == (near, legend)
        assert soup.select_one("a.viewed")["href"].endswith("&near=true") is near


def test_the_marks_stand_out_from_a_white_page() -> None:
    style = (Path(evidence.__file__).parent / "page.css").read_text()
    found = dict(
        re.findall(r"^(\.mark|\.near :is\(\.mark|\.found :is\(\.mark).*?border: 2px \w+ (#[0-9a-f]{6})", style, re.M)
    )
    assert len(set(found.values())) == 3  # cited, near, looked for
    for colour in found.values():  # against white, as WCAG 2.2 asks of what is no text (1.4.11)
        assert 1.05 / (_luminance(colour) + 0.05) >= 3
    assert found[".mark"] == "#" + bytes(MARK).hex() and found[".near :is(.mark"] == "#" + bytes(NEAR).hex()


def _luminance(colour: str) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    shares = [value / 255 for value in bytes.fromhex(colour[1:])]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_no_question_and_an_unknown_key_show_what_the_panel_is_for(tmp_path: Path) -> None:
    assert first_key(()) == ""
    assert panel((), "", {}, _archive(Assets(tmp_path))) == EMPTY
    assert panel((Exchange(turn(), "done"),), "cite-9-9", {}, _archive(Assets(tmp_path))) == EMPTY


def test_a_source_that_is_gone_leaves_its_words(tmp_path: Path) -> None:
    soup = _soup((Exchange(turn(), "done"),), "cite-0-1", Assets(tmp_path), {"other": source()})
    assert "has been removed" in soup.select_one(".gone").get_text()
    assert soup.blockquote.get_text() == "Revenue was 12.5 million."
    assert not soup.find("img")


def test_a_table_is_shown_as_one_with_the_cited_cells_marked(tmp_path: Path) -> None:
    assets = Assets(tmp_path)
    cells = tuple(
        Cell(row=i, col=j, text=t) for i, row in enumerate([["", "2025"], ["Wind", "12"]]) for j, t in enumerate(row)
    )
    name = assets.put_table(Table(n_rows=2, n_cols=2, header_rows=1, cells=cells))
    part = chunk(kind="table", table=name, first_row=1, last_row=2)
    asked = turn(citations=(citation(chunk=part, quote="Wind 12"),))
    soup = _soup((Exchange(asked, "done"),), "cite-0-1", assets)
    assert [cell.get_text() for cell in soup.select("td.cited")] == ["Wind", "12"]


def test_nothing_of_a_document_becomes_markup(tmp_path: Path) -> None:
    assets = Assets(tmp_path)
    name = assets.put_table(Table(n_rows=1, n_cols=1, cells=(Cell(row=0, col=0, text=HOSTILE),), caption=HOSTILE))
    url = 'https://a.example/"><script>alert(1)</script>'
    bad = chunk(id=HOSTILE, source=url, title=HOSTILE, section=(HOSTILE,), text=HOSTILE, table=name, author=HOSTILE)
    cited = citation(1, chunk=bad, quote=HOSTILE), citation(2, chunk=chunk(source=url, text=HOSTILE), quote=HOSTILE)
    asked = turn(question=HOSTILE, citations=cited)
    for key in ("cite-0-1", "cite-0-2"):
        soup = _soup((Exchange(asked, "done"),), key, assets, {url: source(source=url, title=HOSTILE)})
        assert not soup.find("script")
        assert all(img["src"].startswith("evidence/") for img in soup.find_all("img"))
        assert not [name for tag in soup.find_all(True) for name in tag.attrs if name.startswith("on")]


def test_exhibits_fall_back_on_the_rectangle_of_the_chunk() -> None:
    (one,) = evidence_items(turn(citations=(citation(bbox=None),)), 0)
    assert one.bbox == (50.0, 100.0, 200.0, 120.0)


def test_of_a_quote_its_lines_are_marked_and_of_a_table_its_cells(tmp_path: Path) -> None:
    archive = _archive(Assets(tmp_path))
    lines = (Span(0, 10, (0, 0, 50, 10)), Span(10, 20, (0, 10, 50, 20)), Span(20, 30, (0, 20, 50, 30)))
    text = chunk(text="aaaaaaaaaabbbbbbbbbbcccccccccc", spans=lines)
    assert marks_of(text, "bbbbbbbbbbcc", (0, 10, 50, 30), archive) == ((0, 10, 50, 20), (0, 20, 50, 30))
    assert marks_of(text, "other words", (1, 2, 3, 4), archive) == ((1, 2, 3, 4),)
    assert marks_of(text, "other words", None, archive) == ()
    # the first and the last of three rows: their union would mark the one between, too
    cells = tuple(
        Cell(row=i, col=j, text=f"{i}{j}", bbox=(10.0 * j, 10.0 * i, 10.0 * j + 9, 10.0 * i + 9))
        for i in range(3) for j in range(2)
    )  # fmt: skip
    name = archive.assets.put_table(Table(n_rows=3, n_cols=2, cells=cells))
    part = chunk(kind="table", table=name, first_row=0, last_row=3)
    marks = marks_of(part, "00 01\n20 21", (0, 0, 19, 29), archive)
    assert marks == tuple(cell.bbox for cell in cells if cell.row != 1)


def test_web_evidence_stands_in_its_surroundings_and_its_link_leads_to_the_words(tmp_path: Path) -> None:
    url = "https://a.example/guide"
    before, own, after = (
        chunk(id=f"c{n}", source=url, text=text, bbox=None, ordinal=n)
        for n, text in enumerate(
            ("It opened in May.", "Nobody came, and it rained. The well-known door was shut.", "Then all left.")
        )
    )
    quote = "The well-known door was shut."
    asked = turn(citations=(citation(chunk=own, quote=quote, bbox=None),))
    soup = _soup(
        (Exchange(asked, "done"),), "cite-0-1", _archive(Assets(tmp_path), before, own, after),
        {url: source(source=url, kind="web", original="")},
    )  # fmt: skip
    assert soup.select_one("mark.cited-words").get_text() == quote
    assert soup.blockquote.get_text() == f"It opened in May.\n{own.text}\nThen all left."
    assert soup.select_one(".open a")["href"] == f"{url}#:~:text=The%20well%2Dknown%20door%20was%20shut."


def test_of_a_long_quote_a_text_fragment_names_both_ends() -> None:
    words = [f"w{n}" for n in range(12)]
    assert text_fragment(" ".join(words)) == "#:~:text=w0%20w1%20w2%20w3%20w4,w7%20w8%20w9%20w10%20w11"
    assert text_fragment(" ") == ""


def test_steps_lead_to_the_citations_before_and_after(tmp_path: Path) -> None:
    asked = (Exchange(turn(citations=tuple(citation(n) for n in (1, 2, 3))), "done"),)
    for key, before, after in (("cite-0-1", None, "2"), ("cite-0-2", "1", "3"), ("cite-0-3", "2", None)):
        steps = {one["data-step"]: one["href"] for one in _soup(asked, key, Assets(tmp_path)).select("a.step")}
        expected = {"previous": before, "next": after}
        assert steps == {name: f"#cite-0-{n}" for name, n in expected.items() if n}


def test_the_trace_tells_ranks_and_scores_and_is_there_as_json(tmp_path: Path) -> None:
    hit = Hit(
        chunk=chunk(),
        score=0.5,
        ranks=(("dense", 3), ("glossary: income", 1)),
        scores=(("dense", 0.61), ("fused", 0.9)),
    )
    part = SubAnswer(question="What <b>was</b> it?", hits=(hit,), confidence=0.8, done=True)
    asked = turn(parts=(part,), timings_ms={"retrieve": 1234.0, "check": 40.0})
    soup = _soup((Exchange(asked, "done"),), "cite-0-1", Assets(tmp_path))
    trace = soup.select_one("details.trace")
    cells = [cell.get_text() for cell in trace.select("th, td")]
    assert cells == [
        "Rank", "Passage", "meaning", "headings: income", "fused", "ranker",
        "1", "Report, page 3", "3.", "1.", "0.900", "0.500",
    ]  # fmt: skip
    assert "What <b>was</b> it?" in trace.get_text() and not trace.select("b")
    assert "searching: 1.2 s" in trace.get_text() and "checking the citations: 40 ms" in trace.get_text()
    saved = json.loads(base64.b64decode(trace.select_one("a[download]")["href"].partition(",")[2]))
    assert saved == trace_json(asked)
    assert saved["parts"][0]["hits"][0]["ranks"] == {"dense": 3, "glossary: income": 1}
