"""The list of sources and the progress of new ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from app.ingestion import Batch
from app.messages import in_users_words
from app.progress import is_partial, progress_html, progress_line, time_left
from app.samples import FOLDER, example_questions
from app.sources import SHOWN_SOURCES, list_html, removed_html
from errors import FetchError
from ingest.connectors.guard import Guard
from ingest.outcome import Outcome
from records import Access, Loss, Principal
from store.removed import RemovedSource
from store.source_ids import source_id
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
    assert facts == ["report.pdf", "PDF · 6 pages · 1 passage · added 2026-01-02 03:04 UTC"]
    assert soup.select_one(".losses li").get_text() == "page 4: It is broken."
    id_ = source_id("/docs/report.pdf")
    assert [link["href"] for link in soup.select(".actions a")] == [
        f"#{action}-{id_}" for action in ("ask", "preview", "again", "remove")
    ]


def test_no_path_of_the_server_is_told_but_to_who_may_read_all() -> None:
    own = source(source="/srv/uploads/9fe9/report.pdf", name="Budget", access=Access(("law",), "bob"))
    html = list_html([own], "", Principal(name="bob", groups=frozenset({"law"})))
    assert "/srv" not in html and "%2F" not in html and "9fe9" not in html
    soup = _soup(html)
    assert (soup.select_one(".source b").get_text(), soup.select_one("small").get_text()) == ("Budget", "report.pdf")
    assert "/srv/uploads/9fe9/report.pdf" in list_html([own])
    assert list_html([own], "9fe9").count("<li>") == 0


def test_what_others_added_can_be_looked_at_and_not_changed() -> None:
    soup = _soup(list_html([source()], "", Principal(name="eve")))
    assert [link.get_text() for link in soup.select(".actions a")] == ["Ask this document", "Preview"]


def test_what_was_removed_can_come_back_for_a_while() -> None:
    removed = RemovedSource(source(access=Access((), "bob")), 1_767_323_045.0)  # 2026-01-02 03:04:05 UTC
    soup = _soup(removed_html([removed], 24, Principal(name="bob")))
    assert soup.a["href"] == f"#undo-{source_id('/docs/report.pdf')}"
    assert soup.small.get_text() == "gone for good after 2026-01-03 03:04 UTC"
    assert removed_html([removed], 24, Principal(name="eve")) == removed_html([], 24) == ""


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
        began=0.0,
        outcomes={one.source: one for one in (added, failed)},
    )
    soup = _soup(progress_html([batch]))
    assert [span.get_text() for span in soup.select("li > span")] == [
        "⚠ Added in part: 12 pages, 30 passages, 1 table part in 4 s",
        "✗ It is encrypted.",
        "5 of 20 pages read",
        "Reading…",
    ]
    assert (soup.progress["value"], soup.progress["max"]) == ("5", "20")
    assert "2 of 4 sources done" in soup.get_text()
    batch.finished.set()
    assert "Stopped before it was added" in progress_html([batch])
    assert "Waiting for its turn" in progress_html([Batch(sources=("/a/5.md",))])


def _added(*losses: Loss) -> Outcome:
    return Outcome(source="/a/1.pdf", status="added", kind="pdf", pages=17, chunks={"text": 9}, losses=losses)


def test_a_document_of_which_much_gave_nothing_has_no_green_tick() -> None:
    much = Loss("12 of 17 pages", "gave nothing, since they are blank or cannot be read: 2-13.")
    html = progress_html([Batch(sources=("/a/1.pdf",), outcomes={"/a/1.pdf": _added(much)})])
    assert "✓" not in html
    soup = _soup(html)
    assert "⚠ Added in part: 17 pages, 9 passages in 0 s; 71% of its pages gave nothing" in soup.get_text()
    assert soup.select_one("details.losses summary").get_text() == "⚠ 12 of 17 pages gave nothing"
    assert "2-13" in soup.select_one("details.losses li").get_text()
    few = Loss("1 of 17 pages", "gave nothing, since they are blank or cannot be read: 17.")
    assert [is_partial(_added(*losses)) for losses in ((), (few,), (much,), (Loss("page 3", "It is broken."),))] == [
        False,
        False,
        True,
        True,
    ]


def test_the_time_left_is_what_the_pages_left_take() -> None:
    batch = Batch(sources=("a.pdf",), pages={"a.pdf": (5, 20)}, reading={"a.pdf": 100.0})
    assert time_left(batch, "a.pdf", 150.0) == ", about 3 minutes left"  # 50 s for 5 pages, so 150 s for 15
    assert time_left(batch, "a.pdf", 110.0) == ", less than a minute left"
    batch.pages["a.pdf"] = (0, 20)
    assert time_left(batch, "a.pdf", 150.0) == ""


def test_one_line_says_what_goes_on() -> None:
    assert progress_line([]) == ""
    batch = Batch(sources=("/a/1.pdf", "/a/2.pdf"), pages={"/a/1.pdf": (5, 20)}, began=0.0)
    assert "Adding 1.pdf: 5 of 20 pages read · 1 more" in progress_line([batch])
    batch.outcomes = {one: Outcome(source=one, status="added") for one in batch.sources}
    batch.finished.set()
    assert "✓ 1.pdf and 1 more can be asked about now" in progress_line([batch])
    failed = Outcome(source="/srv/uploads/9fe9/b.pdf", status="failed", error="/srv/uploads/9fe9/b.pdf is empty.")
    over = Batch(sources=(failed.source,), outcomes={failed.source: failed})
    over.finished.set()
    assert "✗ b.pdf: b.pdf is empty." in progress_line([over])


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("/srv/uploads/9fe9/a b.pdf is broken: it does not open.", "a b.pdf is broken: it does not open."),
        ("it lies beside /srv/data/assets/ab/abcd.pdf here", "it lies beside abcd.pdf here"),
        ("https://a.example/x/y answered 404.", "https://a.example/x/y answered 404."),
        ("The weir is 3/4 open and/or shut.", "The weir is 3/4 open and/or shut."),
    ],
)
def test_reasons_are_in_the_words_of_who_added(reason: str, said: str) -> None:
    assert in_users_words(reason, "/srv/uploads/9fe9/a b.pdf") == said


def test_what_whoever_runs_the_program_can_do_is_not_told_to_others() -> None:
    guard = Guard(resolve=lambda *_: ["10.0.0.7"])
    with pytest.raises(FetchError) as raised:
        guard.addresses("wiki.local", 80)
    assert "--allow-host wiki.local:80" in str(raised.value)
    said = in_users_words(str(raised.value), "http://wiki.local/")
    assert "allow-host" not in said and "ALLOW_HOSTS" not in said
    assert said.endswith("Whoever runs this page can allow it.")


def test_sample_questions_come_only_with_the_samples() -> None:
    assert example_questions([source()]) == []
    present = [source(source=str(path)) for path in FOLDER.rglob("*") if path.is_file()]
    assert len(example_questions(present)) == 3
    without = [one for one in present if Path(one.source).suffix != ".pdf"]
    assert len(example_questions(without)) < 3


@pytest.mark.parametrize("name", ["/a/b.pdf", "https://a.example/b"])
def test_an_upload_and_a_link_are_named(name: str) -> None:
    assert ("b.pdf" if name.startswith("/") else name) in progress_html([Batch(sources=(name,))])
