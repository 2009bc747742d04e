"""OCR: the text in pixels. RapidOCR carries its models in the package."""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import Any

from errors import ModelError
from models.rejoin import rejoined, vocabulary
from records import Line

MIN_CONFIDENCE = 0.5
SURE = 0.8  # of a line, that tells which way up a page is
TURN_PIXELS = 1500  # longest side of the copy that tells it
_reading = Lock()  # the engine keeps a picture at hand in itself


@cache
def _engine() -> Any:
    try:
        from rapidocr import RapidOCR
    except ImportError as error:
        raise ModelError("Reading text in pictures needs RapidOCR: pip install rapidocr onnxruntime") from error
    engine = RapidOCR()
    logger = logging.getLogger("RapidOCR")  # it sets a chatty handler of its own
    logger.handlers.clear()
    logger.setLevel(logging.ERROR)
    return engine


def load_engine() -> None:
    """Load what the first reading would wait for, some seconds.

    Raises:
        ModelError: it is not installed.
    """
    with _reading:
        _engine()
    vocabulary()


def read_text(picture: bytes) -> tuple[Line, ...]:
    """Return the lines of text in an encoded picture, top to bottom then left to right; rectangles are in its pixels."""
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(picture)) as image:
        pixels = np.asarray(image.convert("RGB"))[:, :, ::-1]  # the engine expects blue first
    with _reading:
        result = _engine()(pixels)
    if result.boxes is None or result.txts is None or result.scores is None:
        return ()
    lines = []
    for box, text, score in zip(result.boxes, result.txts, result.scores, strict=True):
        if score < MIN_CONFIDENCE or not text.strip():
            continue
        xs, ys = [float(point[0]) for point in box], [float(point[1]) for point in box]
        lines.append(Line(rejoined(" ".join(text.split()), vocabulary()), (min(xs), min(ys), max(xs), max(ys))))
    return tuple(_reading_order(lines))


def turned_by(image: Any, lines: Sequence[Line]) -> int:
    """Return by how many degrees, counter-clockwise, a picture of a page has to be turned for its lines to stand upright:
    0, 90, 180 or 270.

    The engine reads lines that stand on their heads by turning each. It is kept from that here: the way round in which it
    still reads most is the right one.

    Args:
        image: the picture, of PIL.
        lines: what ``read_text`` found in it.
    """
    boxes = [line.bbox for line in lines if line.bbox and len(line.text) > 3]
    upright = sum(1 for x0, y0, x1, y1 in boxes if y1 - y0 > 1.5 * (x1 - x0))
    small = image.convert("RGB")
    small.thumbnail((TURN_PIXELS, TURN_PIXELS))
    ways = (90, 270) if upright > len(boxes) / 2 else (0, 180)
    return max(ways, key=lambda degrees: _legible(small.rotate(degrees, expand=True)))


def _legible(image: Any) -> float:
    """How many letters are read in a picture whose lines are taken as they stand, each counted as surely as it is read."""
    import numpy as np

    with _reading:
        result = _engine()(np.asarray(image)[:, :, ::-1], use_cls=False)
    if result.txts is None or result.scores is None:
        return 0.0
    read = zip(result.txts, result.scores, strict=True)
    return float(sum(len(text) * score for text, score in read if score >= SURE))


def _reading_order(lines: list[Line]) -> list[Line]:
    """Rows of boxes whose middles are level, each from left to right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: _middle(line)):
        height = _box(line)[3] - _box(line)[1]
        if rows and abs(_middle(line) - _middle(rows[-1][0])) < height / 2:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: _box(line)[0])]


def _box(line: Line) -> tuple[float, float, float, float]:
    assert line.bbox is not None
    return line.bbox


def _middle(line: Line) -> float:
    return (_box(line)[1] + _box(line)[3]) / 2
