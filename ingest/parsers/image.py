"""A picture file as a source of its own -> Document."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from PIL import Image

from config import Settings
from errors import ParseError
from ingest.parsers.base import AssetSink
from ingest.parsers.html.images import is_svg, read_pixels
from ingest.parsers.page_pictures import as_pdf, frames_of, is_page, upright_pages
from models.ocr import read_text
from records import Document, Element, Line, Loss, Picture, Raw
from vision.pictures import open_picture

SHOWN_PIXELS = 2000  # longest side of the copy that is read and shown


def pages_of_picture(raw: Raw, *, settings: Settings) -> bytes:
    """Return a PDF of the pages that a picture is of, b"" where it is a photograph, a chart or any other picture.

    Raises:
        ParseError: it cannot be decoded, or has more pixels or pages than are safe to unpack.
    """
    frames = frames_of(raw.data, raw.source, settings)
    if frames:
        return as_pdf(frames)
    image, _, lines, _ = _opened(raw.data, raw.source)
    return as_pdf(upright_pages(image, lines)) if is_page(lines, image.width, image.height) else b""


@lru_cache(1)  # asked whether it is a page, and then read
def _opened(data: bytes, source: str) -> tuple[Image.Image, bytes, tuple[Line, ...], tuple[Loss, ...]]:
    """The copy that is shown, its file, and the text in it."""
    if is_svg(data):
        try:
            data = read_pixels(data, max_bytes=len(data)).data
        except ParseError as error:
            raise ParseError(f"{source} is not a readable drawing: {error}") from error
    image = open_picture(data, source)
    image.thumbnail((SHOWN_PIXELS, SHOWN_PIXELS))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    try:
        return image, buffer.getvalue(), read_text(buffer.getvalue()), ()
    except (ValueError, RuntimeError) as error:
        return image, buffer.getvalue(), (), (Loss("text in the picture", str(error)),)


def parse_picture(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    """Return one image element with the text inside the picture; rectangles are in pixels of the stored copy.

    Raises:
        ParseError: it cannot be decoded, or has more pixels than are safe to unpack.
    """
    image, data, lines, losses = _opened(raw.data, raw.source)
    picture = Picture(asset=assets.put(data, ".png"), width=image.width, height=image.height)
    element = Element(
        kind="image", lines=lines, bbox=(0.0, 0.0, float(image.width), float(image.height)), picture=picture
    )
    name = PurePosixPath(unquote(urlsplit(raw.source).path) if "://" in raw.source else raw.source).stem
    return Document(
        source=raw.source,
        kind="image",
        title=name.replace("_", " ").replace("-", " ").strip() or raw.source,
        pages=1,
        elements=(element,),
        losses=losses,
    )
