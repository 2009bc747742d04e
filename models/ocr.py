"""OCR: the text in pixels. RapidOCR carries its models in the package."""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

from errors import ModelError
from models.rejoin import rejoined, vocabulary
from records import Line
from vision.paper import on_paper

MIN_CONFIDENCE = 0.5
SAMPLED = 8  # lines, the longest of a picture, that tell how it is turned and how well it can be read
TALL = 1.5  # times its width that the box of a line is high which runs up or down
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
    pixels = _pixels(picture)
    with _reading:
        result = _engine()(pixels, use_det=True, use_cls=True, use_rec=True)  # the engine keeps what it was told last
    if result.boxes is None or result.txts is None or result.scores is None:
        return ()
    lines = []
    for box, text, score in zip(result.boxes, result.txts, result.scores, strict=True):
        if score < MIN_CONFIDENCE or not text.strip():
            continue
        xs, ys = [float(point[0]) for point in box], [float(point[1]) for point in box]
        lines.append(Line(rejoined(" ".join(text.split()), vocabulary()), (min(xs), min(ys), max(xs), max(ys))))
    return tuple(_reading_order(lines))


@dataclass(frozen=True)
class Sample:
    """What a few lines tell of a picture of text."""

    turn: int = 0  # degrees clockwise by which it has to be turned to be read
    sure: float = 1.0  # mean confidence of what was read in them, 0 to 1


def sample(picture: bytes) -> Sample:
    """Look at the longest lines in an encoded picture: how it is turned, and how well it can be read."""
    import numpy as np

    pixels = _pixels(picture)
    with _reading:
        found = _engine()(pixels, use_det=True, use_cls=False, use_rec=False)
        if found.boxes is None or not len(found.boxes):
            return Sample()
        boxes = [(*box.min(axis=0), *box.max(axis=0)) for box in np.asarray(found.boxes)]
        boxes.sort(key=lambda box: -max(box[2] - box[0], box[3] - box[1]))
        boxes = boxes[:SAMPLED]
        sideways = 2 * sum(box[3] - box[1] > TALL * (box[2] - box[0]) for box in boxes) > len(boxes)
        crops = [pixels[max(0, int(y0)) : int(y1) + 1, max(0, int(x0)) : int(x1) + 1] for x0, y0, x1, y1 in boxes]
        crops = [np.ascontiguousarray(np.rot90(crop, -1) if sideways else crop) for crop in crops]
        over, sure = 0.0, 0.0
        for crop in crops:
            label, certainty = _engine()(crop, use_det=False, use_cls=True, use_rec=False).cls_res[0]
            over += certainty if "180" in label else -certainty
            read = _engine()(crop, use_det=False, use_cls=True, use_rec=True)
            sure += float(read.scores[0]) if read.scores else 0.0
    turn = (90 if sideways else 0) + (180 if over > 0 else 0)
    return Sample(turn % 360, sure / len(crops))


def _pixels(picture: bytes) -> Any:
    """Return an encoded picture as an array of rows, blue first, as the engine expects it."""
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(picture)) as image:
        return np.ascontiguousarray(np.asarray(on_paper(image))[:, :, ::-1])


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
        result = _engine()(np.asarray(image)[:, :, ::-1], use_det=True, use_cls=False, use_rec=True)
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
