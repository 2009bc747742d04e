"""A picture file as a source of its own -> Document."""

from __future__ import annotations

import io
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from config import Settings
from ingest.parsers.base import AssetSink
from models.ocr import read_text
from records import Document, Element, Line, Loss, Picture, Raw
from vision.pictures import open_picture

SHOWN_PIXELS = 2000  # longest side of the copy that is read and shown


def parse_picture(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    """Return one image element with the text inside the picture; rectangles are in pixels of the stored copy.

    Raises:
        ParseError: it cannot be decoded, or has more pixels than are safe to unpack.
    """
    image = open_picture(raw.data, raw.source)
    image.thumbnail((SHOWN_PIXELS, SHOWN_PIXELS))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    data = buffer.getvalue()
    lines: tuple[Line, ...] = ()
    losses: tuple[Loss, ...] = ()
    try:
        lines = read_text(data)
    except (ValueError, RuntimeError) as error:
        losses = (Loss("text in the picture", str(error)),)
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
