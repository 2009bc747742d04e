"""Pages and picture files as small images that stand in a page by themselves."""

from __future__ import annotations

import base64
import io
from pathlib import Path

WIDTH = 420  # pixels
QUALITY = 60  # of JPEG


def picture_of(path: Path, page: int) -> str:
    """Return a ``data:`` URI of a PDF's page (from 1) or of a picture file; "" for anything that has no pixels of its
    own."""
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        return _page(path, page)
    if suffix in (".png", ".jpg", ".jpeg", ".webp"):
        return _file(path)
    return ""


def _page(path: Path, page: int) -> str:
    import pymupdf

    with pymupdf.open(path) as document:
        if not 1 <= page <= document.page_count:
            return ""
        sheet = document[page - 1]
        scale = WIDTH / max(sheet.rect.width, 1)
        data = sheet.get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=False).tobytes("jpeg", jpg_quality=QUALITY)
    return _uri(data)


def _file(path: Path) -> str:
    from PIL import Image

    with Image.open(path) as opened:
        image = opened.convert("RGB")
    image.thumbnail((WIDTH, WIDTH * 2))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY)
    return _uri(buffer.getvalue())


def _uri(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
