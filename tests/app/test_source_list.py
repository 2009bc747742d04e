"""The list of sources and the progress of new ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from app.ingestion import Batch
from app.samples import FOLDER, example_questions
from app.sources import SHOWN_SOURCES, list_html, progress_html
from ingest.pipeline import Outcome
from records import Loss
from tests.app.makers import source

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


def _soup(html: str) -> BeautifulSoup:
    soup = BeautifulSoup(html, "html.parser")
    assert not soup.find("script")
    assert not soup.find("img")
    return soup


def test_each_source_has_its_facts_and_a_way_to_remove_it() -> None:
    soup = _soup(list_html([source(losses=(Loss("page 4", "It is broken."),))]))
    facts = [small.get_text() for small in soup.find_all("small")]
    assert facts == ["report.pdf", "PDF · 6 pages · 1 passage · added 2026-01-02 03:04 UTC · Ask this document"]
    assert soup.select_one(".losses li").get_text() == "page 4: It is broken."
    assert soup.select_one(".remove a")["href"] == "#remove-%2Fdocs%2Freport.pdf"


def test_the_search_finds_by_title_and_name() -> None:
    sources = [source(source="/a/one.pdf", title="Wind"), source(source="/a/two.pdf", title="Water")]
    assert [b.get_text() for b in _soup(list_html(sources, "wAt TWO")).select(".source b")] == ["Water"]
    assert "0 sources of 2 match" in list_html(sources, "fire")


def test_of_many_sources_the_newest_are_shown() -> None:
    sources = [source(source=f"/a/{n}.pdf", when=f"2026-01-01T00:{n // 60:02}:{n % 60:02}") for n in range(300)]
    shown = _soup(list_html(sources)).select(".source small:first-of-type")
    assert len(shown) == SHOWN_SOURCES
    assert shown[0].get_text() == "299.pdf"


def test_hostile_names_are_shown_as_they_are() -> None:
    bad = source(source=f"/a/{HOSTILE}", title=HOSTILE, losses=(Loss(HOSTILE, HOSTILE),))
    assert _soup(list_html([bad])).select_one(".source b").get_text() == HOSTILE
    failed = Outcome(source=f"/a/{HOSTILE}", status="failed", error=HOSTILE)
    batch = Batch(sources=(failed.source,), outcomes={failed.source: failed}, error=HOSTILE)
    assert _soup(progress_html([batch])).select_one("li span").get_text() == f"✗ {HOSTILE}"


def test_progress_of_every_source() -> None:
    added = Outcome(
        source="/a/1.pdf", status="added", kind="pdf", pages=12, chunks={"text": 30, "table": 1}, seconds=4.2,
        losses=(Loss("page 3", "It is broken."),),
    )  # fmt: skip
    failed = Outcome(source="/a/2.pdf", status="failed", error="It is encrypted.")
    batch = Batch(
        sources=("/a/1.pdf", "/a/2.pdf", "/a/3.pdf", "/a/4.md"),
        pages={"/a/3.pdf": (5, 20)},
        outcomes={one.source: one for one in (added, failed)},
    )
    soup = _soup(progress_html([batch]))
    assert [span.get_text() for span in soup.select("li > span")] == [
        "✓ Added: 12 pages, 30 passages, 1 table part in 4 s",
        "✗ It is encrypted.",
        "5 of 20 pages read",
        "Reading…",
    ]
    assert (soup.progress["value"], soup.progress["max"]) == ("5", "20")
    assert "2 of 4 sources done" in soup.get_text()
    batch.finished.set()
    assert "Stopped before it was added" in progress_html([batch])


def test_sample_questions_come_only_with_the_samples() -> None:
    assert example_questions([source()]) == []
    present = [source(source=str(path)) for path in FOLDER.rglob("*") if path.is_file()]
    assert len(example_questions(present)) == 3
    without = [one for one in present if Path(one.source).suffix != ".pdf"]
    assert len(example_questions(without)) < 3


@pytest.mark.parametrize("name", ["/a/b.pdf", "https://a.example/b"])
def test_an_upload_and_a_link_are_named(name: str) -> None:
    assert ("b.pdf" if name.startswith("/") else name) in progress_html([Batch(sources=(name,))])
