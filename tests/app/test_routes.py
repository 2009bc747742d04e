"""The routes that serve pictures of pages and originals."""

from __future__ import annotations

import io
from collections.abc import Iterator
from math import ceil
from pathlib import Path

import gradio as gr
import pymupdf
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from app.assistant import Assistant
from app.page import build
from app.pages import MARK, NEAR
from app.routes import routes
from config import Settings
from records import Chunk, Span
from store.catalog import Fingerprint
from store.index import Index
from tests.app.makers import chunk, source


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    with Index(Settings(data_dir=tmp_path / "data")) as index, Assistant(index) as one:
        yield one


@pytest.fixture
def client(assistant: Assistant) -> TestClient:
    app = FastAPI()
    app.include_router(routes(assistant))
    return TestClient(app)


def _store(assistant: Assistant, path: Path, part: Chunk, kind: str, original: str = "", *more: Chunk) -> None:
    line = source(source=str(path), kind=kind, original=original)
    assistant.index.catalog.replace_source(line, [part, *more], Fingerprint("", "", ""), {original} - {""}, {})


def _pdf() -> bytes:
    with pymupdf.open() as document:
        document.new_page(width=300, height=400).insert_text((50, 100), "Hello")
        document.new_page(width=300, height=400)
        return bytes(document.tobytes())


def test_the_states_of_the_last_sessions_are_kept(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.page.SESSIONS", 2)
    page = build(assistant)
    sessions = gr.routes.App.create_app(page).state_holder
    for name in ("one", "two", "three"):
        sessions[name]
    assert list(sessions.session_data) == ["two", "three"]


def test_the_page_has_the_rectangle_on_it(assistant: Assistant, client: TestClient, tmp_path: Path) -> None:
    original = assistant.index.assets.put(_pdf(), ".pdf")
    _store(assistant, tmp_path / "a.pdf", chunk(source=str(tmp_path / "a.pdf"), page=1), "pdf", original)
    plain, marked = client.get("/evidence/c1/page"), client.get("/evidence/c1/page?rectangle=50,90,80,105")
    assert plain.headers["content-type"] == marked.headers["content-type"] == "image/png"
    with Image.open(io.BytesIO(plain.content)) as before, Image.open(io.BytesIO(marked.content)) as after:
        scale = 150 / 72
        assert before.size == after.size == (ceil(300 * scale), ceil(400 * scale))
        assert MARK not in {color for _, color in before.convert("RGB").getcolors(1 << 24)}
        # the outline runs three points outside the rectangle
        assert after.getpixel((round(65 * scale), round(87 * scale) + 1)) == MARK
        assert after.getpixel((round(200 * scale), round(300 * scale))) == (255, 255, 255)
        near = client.get("/evidence/c1/page?rectangle=50,90,80,105&near=true")
        with Image.open(io.BytesIO(near.content)) as other:  # another colour at the same place
            assert other.getpixel((round(65 * scale), round(87 * scale) + 1)) == NEAR
    assert len(list((assistant.index.folder / "pages").iterdir())) == 1


def test_a_poster_is_drawn_small_enough(assistant: Assistant) -> None:
    with pymupdf.open() as document:
        document.new_page(width=10_000, height=10_000)
        original = assistant.index.assets.put(document.tobytes(), ".pdf")
    with Image.open(io.BytesIO(assistant.pages.page(original, 1, (0, 0, 9000, 9000)))) as image:
        assert 4_000_000 < image.width * image.height <= 6_000_000
        assert image.getpixel((round(image.width * 0.9003), image.height // 2)) == MARK


@pytest.mark.parametrize("rectangle", ["1,2,3", "a,b,c,d", "nan,0,1,1", "inf,0,1,1", "1e9,0,1,1"])
def test_what_is_no_rectangle_is_refused(
    assistant: Assistant, client: TestClient, tmp_path: Path, rectangle: str
) -> None:
    original = assistant.index.assets.put(_pdf(), ".pdf")
    _store(assistant, tmp_path / "a.pdf", chunk(source=str(tmp_path / "a.pdf"), page=1), "pdf", original)
    assert client.get(f"/evidence/c1/page?rectangle={rectangle}").status_code == 422


def test_only_what_the_catalog_names_is_served(assistant: Assistant, client: TestClient, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    known = tmp_path / "known.txt"
    known.write_text("known")
    _store(assistant, known, chunk(source=str(known)), "text")
    assert client.get("/original", params={"source": str(known)}).text == "known"
    for other in (secret, known.parent / "x" / ".." / "secret.txt", "", "catalog.sqlite"):
        answer = client.get("/original", params={"source": str(other)})
        assert answer.status_code == 404
        assert "secret" not in answer.text
    for path in ("/evidence/zzz/page", "/evidence/zzz/picture", "/evidence/c1/picture", "/evidence/c1/page"):
        assert client.get(path).status_code == 404
    known.unlink()
    assert "no longer where" in client.get("/original", params={"source": str(known)}).json()["detail"]


def test_a_web_page_is_served_sealed(assistant: Assistant, client: TestClient, tmp_path: Path) -> None:
    page = tmp_path / '"a\n<b>.html'
    page.write_text("<script>alert(1)</script>")
    _store(assistant, page, chunk(source=str(page)), "web")
    answer = client.get("/original", params={"source": str(page)})
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == "inline; filename*=UTF-8''%22a%0A%3Cb%3E.html"


def test_a_missing_original_is_a_clear_answer(assistant: Assistant, client: TestClient, tmp_path: Path) -> None:
    _store(assistant, tmp_path / "a.pdf", chunk(source=str(tmp_path / "a.pdf")), "pdf", "b" * 40 + ".pdf")
    answer = client.get("/evidence/c1/page")
    assert answer.status_code == 404
    assert "Take its source in again" in answer.json()["detail"]


def test_pages_of_a_removed_source_are_deleted(assistant: Assistant) -> None:
    first, second = (assistant.index.assets.put(_pdf() + end, ".pdf") for end in (b"", b"\n%"))
    for original in (first, second):
        assistant.pages.page(original, 1)
    assistant.pages.keep_only([second])
    (left,) = (assistant.index.folder / "pages").iterdir()
    assert left.name.startswith(second.removesuffix(".pdf"))


def test_words_are_found_in_a_document_with_their_rectangles(
    assistant: Assistant, client: TestClient, tmp_path: Path
) -> None:
    original = assistant.index.assets.put(_pdf(), ".pdf")
    name = str(tmp_path / "a.pdf")
    # "Hello" is printed at x 50, y 100; the other page's words have a line's rectangle alone, as those of a scan
    printed = chunk(id="c1", source=name, page=1, text="Hello", spans=(Span(0, 5, (40, 80, 200, 110)),), ordinal=0)
    scanned = chunk(id="c2", source=name, page=2, text="say hello twice", spans=(Span(0, 15, (1, 2, 3, 4)),), ordinal=1)
    _store(assistant, tmp_path / "a.pdf", printed, "pdf", original, scanned)
    found = client.get("/document/find", params={"source": name, "words": " hELLo "}).json()["matches"]
    assert [match["page"] for match in found] == [1, 2]
    ((x0, y0, x1, y1),) = found[0]["marks"]
    assert 49 < x0 < 51 and x1 < 90 and 85 < y0 < y1 < 105
    assert found[1] == {"page": 2, "marks": [[1, 2, 3, 4]], "before": "say", "text": "hello", "after": "twice"}
    apart = client.get("/document/find", params={"source": name, "words": "twice say"}).json()["matches"]
    assert sorted(match["text"] for match in apart) == ["say", "twice"]
    for words in ("", "absent", "say absent"):
        assert client.get("/document/find", params={"source": name, "words": words}).json() == {"matches": []}
    assert client.get("/document/find", params={"source": name, "words": "x" * 201}).status_code == 422
    assert client.get("/document/find", params={"source": "other", "words": "x"}).status_code == 404


def test_any_page_of_a_document_is_drawn_and_asked_for_once(
    assistant: Assistant, client: TestClient, tmp_path: Path
) -> None:
    original = assistant.index.assets.put(_pdf(), ".pdf")
    name = str(tmp_path / "a.pdf")
    _store(assistant, tmp_path / "a.pdf", chunk(source=name, page=1), "pdf", original)
    first = client.get("/document/page", params={"source": name, "number": 2})
    sharp = client.get("/document/page", params={"source": name, "number": 2, "sharp": True})
    with Image.open(io.BytesIO(first.content)) as one, Image.open(io.BytesIO(sharp.content)) as two:
        assert (two.width, two.height) == (one.width * 2, ceil(400 * 300 / 72))
    again = client.get(
        "/document/page", params={"source": name, "number": 2}, headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/document/size", params={"source": name, "number": 2}).json() == {"size": [300, 400]}
    for route in ("page", "size"):
        assert client.get(f"/document/{route}", params={"source": name, "number": 3}).status_code == 404
        assert client.get(f"/document/{route}", params={"source": "other", "number": 1}).status_code == 404
