"""Pages of stored PDFs and stored pictures, drawn and read."""

from __future__ import annotations

import io
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from errors import StoreError
from store.assets import Assets
from store.originals import MAX_PIXELS, Originals

LINE = "The weir was built in 1931."
BOX = (50.0, 88.0, 250.0, 104.0)


def page_of(text: str = LINE, *, rotation: int = 0, width: float = 300, height: float = 200) -> bytes:
    with pymupdf.open() as document:
        page = document.new_page(width=width, height=height)
        page.insert_text((50, 100), text, fontsize=12)
        page.insert_text((50, 160), "Another line, of 62 households.", fontsize=12)
        page.set_rotation(rotation)
        return bytes(document.tobytes())


def scan_of(text: str = LINE) -> bytes:
    """The same page as pixels."""
    with pymupdf.open(stream=page_of(text), filetype="pdf") as drawn, pymupdf.open() as document:
        page = document.new_page(width=300, height=200)
        page.insert_image(page.rect, pixmap=drawn[0].get_pixmap(dpi=150))
        return bytes(document.tobytes())


def picture_of() -> bytes:
    """The page as a picture, two pixels a point."""
    with pymupdf.open(stream=page_of(), filetype="pdf") as document:
        return bytes(document[0].get_pixmap(dpi=144).tobytes("png"))


@pytest.fixture
def assets(tmp_path: Path) -> Assets:
    return Assets(tmp_path)


def test_the_words_of_a_rectangle_and_no_others(assets: Assets) -> None:
    original = assets.put(page_of(), ".pdf")
    assert Originals(assets).words(original, 1, BOX).split() == LINE.split()


def test_a_turned_page_is_read_as_it_is_seen(assets: Assets) -> None:
    original = assets.put(page_of(rotation=90), ".pdf")
    # a quarter turn to the right brings (x, y) to (height - y, x)
    seen = (200 - BOX[3], BOX[0], 200 - BOX[1], BOX[2])
    assert Originals(assets).words(original, 1, seen).split() == LINE.split()


def test_pixels_are_read_by_ocr_once(assets: Assets, monkeypatch: pytest.MonkeyPatch) -> None:
    originals = Originals(assets)
    original = assets.put(scan_of(), ".pdf")
    assert originals.words(original, 1, BOX).strip() == ""
    first = originals.words_in_pixels(original, 1, BOX)
    assert first.split() == LINE.split()
    monkeypatch.setattr("store.originals.read_text", lambda _: pytest.fail("read again"))
    assert originals.words_in_pixels(original, 1, BOX) == first


def test_a_rectangle_of_a_picture(assets: Assets) -> None:
    picture = assets.put(picture_of(), ".png")
    box = tuple(2 * value for value in BOX)
    assert Originals(assets).words_in_pixels(picture, None, (box[0], box[1], box[2], box[3])).split() == LINE.split()


def test_a_poster_is_drawn_at_a_lower_resolution(assets: Assets) -> None:
    original = assets.put(page_of(width=5000, height=5000), ".pdf")
    with Image.open(io.BytesIO(Originals(assets).drawn(original, 1, 300))) as drawn:
        assert drawn.width * drawn.height <= MAX_PIXELS
        assert drawn.info["dpi"][0] < 300


@pytest.mark.parametrize("page", [0, 2])
def test_a_page_that_is_not_there(assets: Assets, page: int) -> None:
    original = assets.put(page_of(), ".pdf")
    with pytest.raises(StoreError, match=f"There is no page {page}: the document has 1"):
        Originals(assets).words(original, page, BOX)


def test_an_original_that_is_gone_or_none(assets: Assets) -> None:
    original = assets.put(page_of(), ".pdf")
    assets.path(original).unlink()
    with pytest.raises(StoreError, match="Take its source in again"):
        Originals(assets).words(original, 1, BOX)
    with pytest.raises(StoreError, match="cannot be read again"):
        Originals(assets).words_in_pixels(assets.put(picture_of(), ".png"), None, (900.0, 900.0, 950.0, 950.0))
    with pytest.raises(StoreError, match="cannot be drawn"):
        Originals(assets).words_in_pixels(assets.put(page_of(), ".pdf"), 1, (900.0, 900.0, 950.0, 950.0))
    with pytest.raises(StoreError, match="cannot be read"):
        Originals(assets).words_in_pixels(assets.put(b"no picture", ".png"), None, BOX)
