"""Slides as evidence: before they are drawn, after that, and for those alone who may read them. A stand-in draws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pymupdf
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.archive import archive_of
from app.assistant import Assistant
from app.evidence import passage_html
from app.figures import view_of
from app.routes import routes
from config import Settings
from records import GUEST, OPERATOR, Access, Chunk, Source
from store.catalog import Fingerprint
from store.index import Index
from store.office_pages import OfficePages
from tests.app.makers import chunk, source

WORDS = "The ferry carries 60 cars"


def draw(data: bytes, kind: str, settings: Settings, stop: Event) -> bytes:
    with pymupdf.open() as document:
        for line in data.decode().splitlines():
            document.new_page(width=300, height=200).insert_text((50, 100), line, fontsize=12)
        return bytes(document.tobytes())


@dataclass(frozen=True)
class Talk:
    assistant: Assistant
    client: TestClient
    source: Source
    chunk: Chunk


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    with Index(Settings(data_dir=tmp_path / "data", office_pages="yes")) as index:
        index.office_pages = OfficePages(index.settings, index.assets, draw)
        with Assistant(index) as assistant:
            original = index.assets.put(f"Ferry service\n{WORDS}".encode(), ".pptx")
            known = source(source="/x/talk.pptx", kind="pptx", pages=2, original=original)
            passage = replace(chunk(source="/x/talk.pptx"), text=WORDS, page=2, unit="slide", bbox=None, section=())
            index.catalog.replace_source(known, [passage], Fingerprint("", "", ""), {original}, {})
            app = FastAPI()
            app.include_router(routes(assistant))
            yield Talk(assistant, TestClient(app), known, passage)
        index.office_pages.close()


def test_a_slide_is_drawn_when_it_is_looked_at_and_marked_from_then_on(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.office_pages.can_draw", lambda mode: mode == "yes")
    archive = archive_of(talk.assistant.index, OPERATOR)
    assert view_of(talk.chunk, talk.source, WORDS, None, archive) is None  # nobody waits for it
    before = passage_html(talk.chunk, 1, talk.source, archive)
    assert 'src="evidence/c1/page?quote=The%20ferry' in before
    assert talk.client.get("/document/page", params={"source": "/x/talk.pptx", "number": 2}).status_code == 404
    drawn = talk.client.get("/evidence/c1/page", params={"quote": WORDS})
    assert drawn.status_code == 200
    assert drawn.content.startswith(b"\x89PNG")
    view = view_of(talk.chunk, talk.source, WORDS, None, archive)
    assert view is not None
    assert (view.kind, view.page, view.pages, view.size) == ("page", 2, 2, (300.0, 200.0))
    (mark,) = view.marks
    assert mark[0] == pytest.approx(50, abs=1)
    assert mark[1] < 100 < mark[3] + 1
    assert "with a passage that came near marked" in passage_html(talk.chunk, 1, talk.source, archive)
    assert talk.client.get("/document/page", params={"source": "/x/talk.pptx", "number": 2}).status_code == 200
    found = talk.client.get("/document/find", params={"source": "/x/talk.pptx", "words": "carries"}).json()["matches"]
    assert [one["page"] for one in found] == [2]


def test_without_a_program_that_draws_everything_is_as_it_was(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.office_pages.can_draw", lambda mode: False)
    archive = archive_of(talk.assistant.index, OPERATOR)
    shown = passage_html(talk.chunk, 1, talk.source, archive)
    assert WORDS in shown
    assert "<img" not in shown
    assert talk.client.get("/evidence/c1/page", params={"quote": WORDS}).status_code == 404


def test_what_one_may_not_read_is_not_drawn_either(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    index = talk.assistant.index
    monkeypatch.setattr(talk.assistant, "identity", SimpleNamespace(principal=lambda request: GUEST))
    assert index.office_pages.wait(talk.source.original, 10)
    assert talk.client.get("/evidence/c1/page", params={"quote": WORDS}).status_code == 200
    index.catalog.set_access("/x/talk.pptx", Access(("board",)))  # of which a guest is none
    assert talk.client.get("/evidence/c1/page", params={"quote": WORDS}).status_code == 404
    for path in ("page", "size", "find"):
        answer = talk.client.get(f"/document/{path}", params={"source": "/x/talk.pptx", "number": 2, "words": "x"})
        assert answer.status_code == 404, path
