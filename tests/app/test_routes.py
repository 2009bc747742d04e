"""The routes that serve pictures of pages and originals."""

from __future__ import annotations

import io
from collections.abc import Iterator
from math import ceil
from pathlib import Path

import pymupdf
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from app.assistant import Assistant
from app.pages import MARK
from app.routes import routes
from config import Settings
from records import Chunk
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


def _store(assistant: Assistant, path: Path, part: Chunk, kind: str, original: str = "") -> None:
    line = source(source=str(path), kind=kind, original=original)
    assistant.index.catalog.replace_source(line, [part], Fingerprint("", "", ""), {original} - {""}, {})


def _pdf() -> bytes:
    with pymupdf.open() as document:
        document.new_page(width=300, height=400).insert_text((50, 100), "Hello")
        document.new_page(width=300, height=400)
        return bytes(document.tobytes())


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
