"""How files of other kinds than PDF are named, placed and handed out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.archive import archive_of
from app.assistant import Assistant
from app.evidence import passage_html
from app.routes import routes
from app.sources import list_html
from app.words import location
from config import Settings
from ingest.parsers.registry import PARSERS
from records import OPERATOR
from store.catalog import Fingerprint
from store.index import Index
from tests.app.makers import chunk, source
from text.cell_address import cell_box


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    with Index(Settings(data_dir=tmp_path / "data")) as index, Assistant(index) as one:
        yield one


@pytest.mark.parametrize(
    ("kind", "name", "media_type", "shown"),
    [
        ("docx", "plan.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "attachment"),
        ("mail", "crane.eml", "text/plain; charset=utf-8", "inline"),
        ("csv", "costs.csv", "text/plain; charset=utf-8", "inline"),
        ("xml", "data.xml", "text/plain; charset=utf-8", "inline"),
        ("pdf", "scan.tif", "application/pdf", "inline"),
    ],
)
def test_an_original_goes_out_as_what_a_browser_cannot_run(
    assistant: Assistant, tmp_path: Path, kind: str, name: str, media_type: str, shown: str
) -> None:
    original = assistant.index.assets.put(b"<script>alert(1)</script>", PARSERS[kind].suffixes[0])
    path = str(tmp_path / name)
    line = source(source=path, kind=kind, original=original)
    assistant.index.catalog.replace_source(line, [chunk(source=path)], Fingerprint("", "", ""), {original}, {})
    app = FastAPI()
    app.include_router(routes(assistant))
    answer = TestClient(app).get("/original", params={"source": path})
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-disposition"].startswith(shown)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert name in answer.headers["content-disposition"]


def test_places_in_sheets_and_slides_are_named(assistant: Assistant) -> None:
    cell = replace(
        chunk(source="/x/plan.xlsx"),
        kind="table",
        title="Plan",
        section=("Budget",),
        unit="sheet",
        bbox=cell_box(13, 2),
    )
    slide = replace(chunk(source="/x/talk.pptx"), title="Talk", page=4, unit="slide", bbox=None)
    assert location(cell) == "Plan, Budget!C14, table"
    assert location(slide) == "Talk, slide 4"
    known = source(source="/x/talk.pptx", kind="pptx", pages=9)
    assert "Slide 4 of 9" in passage_html(slide, 1, known, archive_of(assistant.index, OPERATOR))
    workbook = source(source="/x/plan.xlsx", kind="xlsx", pages=2)
    assert "Budget!C14" in passage_html(cell, 1, workbook, archive_of(assistant.index, OPERATOR))
    listed = list_html([known, workbook])
    assert "PowerPoint · 9 slides" in listed
    assert "Excel · 2 sheets" in listed
