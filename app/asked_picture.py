"""The picture that a question is about, as the chat shows it and an export names it."""

from __future__ import annotations

import base64
import io
from functools import lru_cache

from PIL import Image, UnidentifiedImageError

SIDE = 240  # pixels of the longer side in the chat, where the whole picture would make a long conversation crawl
UNSHOWN = "*with a picture*"
SAME = "*with a picture, the same as before*"


def picture_markdown(picture: bytes, before: bytes = b"") -> str:
    """Return a small copy of ``picture`` in Markdown; words alone for the one that the question ``before`` had, too, and for
    one that cannot be read."""
    return SAME if picture == before else _small_copy(picture)


def picture_name(picture: bytes) -> str:
    """Return what a picture is, in words: "PNG, 640 × 480 pixels"; "" where it cannot be read."""
    try:
        with Image.open(io.BytesIO(picture)) as image:
            return f"{image.format}, {image.width} × {image.height} pixels"
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return ""


@lru_cache(8)  # a chat is drawn anew several times a second; the pictures are those of the conversations that are open
def _small_copy(picture: bytes) -> str:
    try:
        with Image.open(io.BytesIO(picture)) as image:
            image.draft("RGB", (2 * SIDE, 2 * SIDE))
            whole = image.convert("RGBA")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return UNSHOWN
    whole.thumbnail((SIDE, SIDE))
    shown = Image.new("RGB", whole.size, "white")
    shown.paste(whole, mask=whole)
    buffer = io.BytesIO()
    shown.save(buffer, "JPEG", quality=80)
    data = base64.b64encode(buffer.getvalue()).decode()
    return f"![with a picture: {picture_name(picture)}](data:image/jpeg;base64,{data})"
