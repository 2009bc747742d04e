"""Pictures of pages, and pictures that are none."""

from __future__ import annotations

import io
from pathlib import Path

import pymupdf
import pytest
from office_files import read
from PIL import Image, ImageDraw, ImageFont

from config import Settings
from errors import ParseError
from ingest.parsers.image import pages_of_picture
from ingest.parsers.page_pictures import as_pdf, frames_of, is_page, upright_pages
from ingest.parsers.registry import PARSERS, kind_of
from ingest.workers import load
from models.ocr import read_text
from records import Line, Raw

SENTENCE = "The north crane was repaired in May of that year."


def page(lines: int = 14) -> Image.Image:
    image = Image.new("RGB", (700, 900), "white")
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=24)
    for number in range(lines):
        pen.text((40, 40 + number * 56), f"{number + 1}. {SENTENCE}", "black", font=font)
    return image


def encoded(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def rows(texts: list[str], left: float = 40, width: float = 600) -> list[Line]:
    return [Line(text, (left, 40 + n * 60, left + width, 70 + n * 60)) for n, text in enumerate(texts)]


def test_running_lines_make_a_page_and_labels_of_a_chart_do_not() -> None:
    assert is_page(rows([SENTENCE] * 10), 700, 900)
    assert not is_page(rows([SENTENCE] * 4), 700, 900)  # a caption
    assert not is_page(rows(["Q1 2026", "40 tons"] * 7), 700, 900)  # 28 words
    assert not is_page(rows([SENTENCE] * 10), 7000, 9000)  # a note in the corner of a photograph
    form = [Line("Item number 12", (x, y, x + 150, y + 20)) for x in (40, 300, 500) for y in range(20, 880, 28)]
    assert is_page(form, 700, 900)  # 31 rows of 9 words
    assert not is_page(form[:60], 700, 900)  # 180 words: a chart may have as many labels


@pytest.mark.parametrize("turn", [90, 180])
def test_a_page_is_turned_upright(turn: int) -> None:
    upright = page(9)
    image = upright.rotate(turn, expand=True)
    (turned,) = upright_pages(image, read_text(encoded(image)))
    assert turned.tobytes() == upright.tobytes()


def test_a_spread_is_two_pages() -> None:
    image = Image.new("RGB", (1400, 900), "white")
    lines = [*rows([SENTENCE] * 10), *rows([SENTENCE] * 10, left=740)]
    for number, one in enumerate(lines):  # something to be drawn is not needed to be split
        assert one.bbox is not None, number
    halves = _split(image, lines)
    assert [half.size for half in halves] == [(700, 900), (700, 900)]
    assert len(_split(image, [*lines, Line("A title across", (500, 5, 900, 30))])) == 1


def _split(image: Image.Image, lines: list[Line]) -> list[Image.Image]:
    return upright_pages(image, lines)


def test_a_page_is_read_as_a_pdf_and_a_photograph_as_a_picture(tmp_path: Path) -> None:
    (tmp_path / "page.jpg").write_bytes(encoded(page(), "JPEG"))
    (tmp_path / "photo.gif").write_bytes(encoded(Image.new("RGB", (200, 100), "red"), "GIF"))
    settings = Settings(data_dir=tmp_path / "data")
    found = load(str(tmp_path / "page.jpg"), settings, "")
    assert (found.kind, found.original.endswith(".pdf")) == ("pdf", True)
    assert found.outline is not None
    assert found.outline.pages == 1
    photo = load(str(tmp_path / "photo.gif"), settings, "")
    assert photo.kind == "image"
    assert photo.document is not None
    assert [one.kind for one in photo.document.elements] == ["image"]


def test_a_tiff_of_many_pages_has_them_in_the_size_of_paper() -> None:
    first, second = Image.new("1", (1700, 2200), 1), Image.new("L", (850, 1100), 200)
    data = encoded(first, "TIFF", save_all=True, append_images=[second], dpi=(200, 200))
    assert kind_of(Raw(source="/x", data=data)) == "image"
    frames = frames_of(data, "/x.tif", Settings())
    assert [frame.mode for frame in frames] == ["1", "L"]
    with pymupdf.open(stream=as_pdf(frames)) as document:
        assert document.page_count == 2
        assert (round(document[0].rect.width), round(document[0].rect.height)) == (612, 792)
    assert as_pdf(frames) == as_pdf(frames)
    with pytest.raises(ParseError, match=r"x\.tif has 2 pages, the limit is 1"):
        frames_of(data, "x.tif", Settings(max_pages=1))
    assert frames_of(encoded(second, "TIFF"), "x.tif", Settings()) == []


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF"])
def test_pictures_of_other_formats_are_told_by_their_content(form: str) -> None:
    data = encoded(Image.new("RGB", (60, 50), "red"), form)
    raw = Raw(source="/x/unnamed", data=data)
    assert kind_of(raw) == "image"
    assert PARSERS["image"].as_pdf is not None


def test_a_drawing_is_drawn() -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="200" height="80"><rect width="200" height="80" fill="red"/></svg>'
    found = read(svg, "plan.svg")
    (element,) = found.elements
    assert element.picture is not None
    assert (found.kind, element.picture.width, element.picture.height) == ("image", 400, 160)


def test_heic_is_read_where_its_decoder_is_installed() -> None:
    heif = pytest.importorskip("pillow_heif", reason="pillow-heif is optional")
    heif.register_heif_opener()
    data = encoded(Image.new("RGB", (64, 64), "red"), "HEIF")
    assert kind_of(Raw(source="/x/photo", data=data)) == "image"
    assert pages_of_picture(Raw(source="/x/photo.heic", data=data), settings=Settings()) == b""
