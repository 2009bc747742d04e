"""Pictures for tests: drawn by chance from a seed, so that two of them have nothing in common."""

from __future__ import annotations

import io
import random

from PIL import Image, ImageDraw


def drawn(seed: int, width: int = 640, height: int = 480) -> Image.Image:
    """Coloured rectangles and discs."""
    draw = random.Random(seed)
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    for number in range(60):
        x, y, size = draw.randrange(width), draw.randrange(height), draw.randrange(15, 90)
        colour = tuple(draw.randrange(256) for _ in range(3))
        shape = pen.rectangle if number % 2 else pen.ellipse
        shape((x, y, x + size, y + draw.randrange(15, 90)), fill=colour)
    return image


def encoded(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    """The bytes of a file."""
    buffer = io.BytesIO()
    image.save(buffer, form, **options)  # type: ignore[arg-type]
    return buffer.getvalue()
