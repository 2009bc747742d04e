"""A picture file as a source of its own."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw, ImageFont
from web_page import MemoryAssets

from config import Settings
from errors import ParseError
from ingest.parsers.image import SHOWN_PIXELS, parse_picture
from records import Document, Raw


def encoded(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def sign(width: int = 600, height: int = 200) -> Image.Image:
    image = Image.new("RGB", (width, height), "white")
    font = ImageFont.load_default(size=36)
    ImageDraw.Draw(image).text((40, 20), "Gearbox 212 hours", "black", font=font)
    ImageDraw.Draw(image).text((40, 120), "Icing 61", "black", font=font)
    return image


def parse(data: bytes, source: str = "/x/wind_farm-plan.png", assets: MemoryAssets | None = None) -> Document:
    return parse_picture(Raw(source=source, data=data), assets=assets or MemoryAssets(), settings=Settings())


@pytest.mark.parametrize(("form", "options"), [("PNG", {}), ("JPEG", {"quality": 90}), ("WEBP", {"lossless": True})])
def test_the_text_in_a_picture_is_read_with_its_place(form: str, options: dict[str, object]) -> None:
    document = parse(encoded(sign(), form, **options))
    (element,) = document.elements
    assert [line.text for line in element.lines] == ["Gearbox 212 hours", "Icing 61"]
    upper, lower = (line.bbox for line in element.lines)
    assert upper and lower
    assert upper[3] < lower[1]
    assert abs(upper[0] - 40) < 15
    assert (document.kind, document.pages, document.title) == ("image", 1, "wind farm plan")
    assert element.bbox == (0, 0, 600, 200)


def test_a_large_picture_is_scaled_and_so_are_its_rectangles() -> None:
    assets = MemoryAssets()
    (element,) = parse(encoded(sign(600, 200).resize((6000, 2000))), assets=assets).elements
    assert element.picture is not None
    assert (element.picture.width, element.picture.height) == (SHOWN_PIXELS, 667)
    with Image.open(io.BytesIO(assets.kept[element.picture.asset])) as kept:
        assert kept.size == (SHOWN_PIXELS, 667)
    assert element.lines[0].text == "Gearbox 212 hours"


def test_a_photograph_is_turned_as_its_camera_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right by 90 degrees
    (element,) = parse(encoded(Image.new("RGB", (40, 20), "red"), "JPEG", exif=exif)).elements
    assert element.picture is not None
    assert (element.picture.width, element.picture.height) == (20, 40)


def test_a_picture_without_text_is_an_element_without_lines() -> None:
    (element,) = parse(encoded(Image.new("RGBA", (80, 80), (255, 0, 0, 128)))).elements
    assert element.lines == ()


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n", b"GIF89a", b"", encoded(sign())[:900]], ids=["head", "gif", "empty", "cut"]
)
def test_a_damaged_picture_is_named(data: bytes) -> None:
    with pytest.raises(ParseError, match=r"wind_farm-plan\.png is not a readable picture"):
        parse(data)


def test_a_picture_that_would_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(ParseError, match="more pixels than can safely be opened"):
        parse(encoded(Image.new("RGB", (100, 100))))
