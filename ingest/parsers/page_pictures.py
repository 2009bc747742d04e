"""Pictures that are pages: photographs and scans of them, and TIFFs of many. They become PDFs of these pictures, and are
read, shown and cited as scanned PDFs are.

Whether a picture is a page its text decides: running lines, or so many lines that they fill it. A chart has words, too, but
few and far apart.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageOps, ImageSequence

from config import Settings
from errors import ParseError
from models.ocr import turned_by
from records import Line

LONG_SIDE = 842.0  # points: of a page whose file does not say its resolution, as A4 has
MIN_LINES = 8
MIN_WORDS = 50
RUNNING_WORDS = 4  # words of a line that is running text
RUNNING_SHARE = 0.5  # of all words that stand in such lines
FILLED_LINES = 25  # of a page of short lines: a form or a table
FILLED_WORDS = 250  # a chart with a label to each of its bars has half as many
FILLED_SHARE = 0.3  # of its height that has text beside it
TALL_SHARE = 0.4  # of the height, that the lines of a page reach over at least
SPREAD_SHAPE = 1.2  # width by height from which a picture may be two pages
GUTTER = 0.02  # of the width, to both sides of the middle, where no line of a spread may be


def is_page(lines: Sequence[Line], width: int, height: int) -> bool:
    """Tell whether the text in a picture of this size makes it a picture of a page."""
    counts = [len(line.text.split()) for line in lines]
    boxes = [line.bbox for line in lines if line.bbox]
    if len(lines) < MIN_LINES or sum(counts) < MIN_WORDS or not boxes:
        return False
    down = max(box[3] for box in boxes) - min(box[1] for box in boxes)
    across = max(box[2] for box in boxes) - min(box[0] for box in boxes)
    if max(down / height, across / width) < TALL_SHARE:
        return False
    if sum(count for count in counts if count >= RUNNING_WORDS) >= RUNNING_SHARE * sum(counts):
        return True
    filled: set[int] = set()
    for box in boxes:
        filled.update(range(int(box[1]), int(box[3]) + 1))
    return len(lines) >= FILLED_LINES and sum(counts) >= FILLED_WORDS and len(filled) >= FILLED_SHARE * height


def upright_pages(image: Image.Image, lines: Sequence[Line]) -> list[Image.Image]:
    """Return the page or, of a spread, the two pages in a picture, turned so that their lines run from left to right."""
    turn = turned_by(image, lines)
    if turn:
        return [image.rotate(turn, expand=True)]
    middle = image.width / 2
    boxes = [line.bbox for line in lines if line.bbox]
    free = GUTTER * image.width
    left = [box for box in boxes if box[2] < middle - free]
    right = [box for box in boxes if box[0] > middle + free]
    is_spread = image.width >= SPREAD_SHAPE * image.height and len(left) + len(right) == len(boxes)
    if is_spread and min(len(left), len(right)) >= MIN_LINES:
        return [
            image.crop((0, 0, int(middle), image.height)),
            image.crop((int(middle), 0, image.width, image.height)),
        ]
    return [image]


def frames_of(data: bytes, source: str, settings: Settings) -> list[Image.Image]:
    """Return the pages of a TIFF as they are; [] of a picture that has but one, or is no TIFF.

    Raises:
        ParseError: it has more pages or pixels than are safe to unpack, or is damaged.
    """
    if not data.startswith((b"II*\0", b"MM\0*")):
        return []
    try:
        with Image.open(io.BytesIO(data)) as opened:
            number = getattr(opened, "n_frames", 1)
            if number > settings.max_pages:
                raise ParseError(f"{source} has {number:,} pages, the limit is {settings.max_pages:,}. Split it.")
            if number < 2:
                return []
            return [_frame(frame) for frame in ImageSequence.Iterator(opened)]
    except Image.DecompressionBombError as error:
        raise ParseError(f"{source} has more pixels than can safely be opened ({error}). Scale it down.") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise ParseError(f"{source} is not a readable picture ({error}). Open it and save it again.") from error


def _frame(frame: Image.Image) -> Image.Image:
    dpi = frame.info.get("dpi")
    turned = ImageOps.exif_transpose(frame)
    # a fax page stays black and white: PNG makes it small
    kept = turned if turned.mode in ("1", "L", "RGB") else turned.convert("RGB")
    copy = kept.copy()
    copy.info = {"dpi": dpi} if dpi else {}
    return copy


def as_pdf(images: Sequence[Image.Image]) -> bytes:
    """Return a PDF with a page for each picture; the same pictures give the same bytes."""
    import pymupdf

    with pymupdf.open() as document:
        for image in images:
            width, height = _size(image)
            page: Any = document.new_page(width=width, height=height)
            buffer = io.BytesIO()
            image.save(buffer, "PNG")
            page.insert_image(page.rect, stream=buffer.getvalue())
        return bytes(document.tobytes(no_new_id=True, deflate=True))


def _size(image: Image.Image) -> tuple[float, float]:
    """Points that a picture measures as a page: by its resolution where that is one of a scanner, else as large as A4."""
    stated = image.info.get("dpi") or (0, 0)
    across, down = float(stated[0]), float(stated[1])
    if min(across, down) >= 90 and max(across, down) <= 1200:
        return image.width / across * 72, image.height / down * 72
    scale = LONG_SIDE / max(image.size)
    return image.width * scale, image.height * scale
