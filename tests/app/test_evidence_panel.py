"""The evidence panel."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bs4 import BeautifulSoup

from app.chat import Exchange
from app.evidence import EMPTY, evidence_items, first_key, panel
from records import Cell, Computation, Statement, SubAnswer, Table
from store.assets import Assets
from store.source_ids import source_id
from tests.app.makers import chunk, citation, source, turn

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


def _soup(conversation: tuple[Exchange, ...], key: str, assets: Assets, **sources: object) -> BeautifulSoup:
    return BeautifulSoup(panel(conversation, key, sources or {"/docs/report.pdf": source()}, assets), "html.parser")


def test_a_citation_shows_quote_check_page_and_link(tmp_path: Path) -> None:
    soup = _soup((Exchange(turn(), "done"),), "cite-0-1", Assets(tmp_path))
    assert soup.blockquote.get_text() == "Revenue was 12.5 million."
    assert "Checked" in soup.select_one(".check.good").get_text()
    assert "Page 3 of 6" in soup.select_one(".where").get_text()
    assert soup.select_one(".page-image img")["src"] == "evidence/c1/page?rectangle=50.0,100.0,200.0,120.0"
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
    assert "read a second time" in soup.select_one(".check.bad").get_text()
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
    assert "Nearest passages" in soup.h3.get_text()
    assert soup.select_one(".check") is None


def test_the_nearest_passages_of_a_reply_have_no_check(tmp_path: Path) -> None:
    near = citation(2, checked=False)
    part = SubAnswer(question="q", citations=(near,), outcome="passages")
    for first, title in (((), "Nearest passages"), ((citation(1),), "Evidence")):
        outcome = "answered" if first else "passages"
        asked = turn(parts=(part,), citations=(*first, near), outcome=outcome)
        soup = _soup((Exchange(asked, "done"),), "cite-0-2", Assets(tmp_path))
        assert soup.h3.get_text() == title
        assert soup.select_one(".check.near").get_text().startswith("A nearest passage.")
        assert not soup.select(".check.good, .check.bad, .doubt")
        assert soup.select_one("blockquote.near").get_text() == "Revenue was 12.5 million."


def test_no_question_and_an_unknown_key_show_what_the_panel_is_for(tmp_path: Path) -> None:
    assert first_key(()) == ""
    assert panel((), "", {}, Assets(tmp_path)) == EMPTY
    assert panel((Exchange(turn(), "done"),), "cite-9-9", {}, Assets(tmp_path)) == EMPTY


def test_a_source_that_is_gone_leaves_its_words(tmp_path: Path) -> None:
    soup = _soup((Exchange(turn(), "done"),), "cite-0-1", Assets(tmp_path), other=source())
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
        soup = _soup((Exchange(asked, "done"),), key, assets, **{url: source(source=url, title=HOSTILE)})
        assert not soup.find("script")
        assert all(img["src"].startswith("evidence/") for img in soup.find_all("img"))
        assert not [name for tag in soup.find_all(True) for name in tag.attrs if name.startswith("on")]


def test_exhibits_fall_back_on_the_rectangle_of_the_chunk() -> None:
    (one,) = evidence_items(turn(citations=(citation(bbox=None),)), 0)
    assert one.bbox == (50.0, 100.0, 200.0, 120.0)
