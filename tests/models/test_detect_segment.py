"""Detection and masks by the real path, with random tiny models; and what is drawn of them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny_models import tiny_clip, tiny_detector, tiny_segmenter

from errors import ModelError
from models.detect import TransformersDetector, _distinct, _iou, _thing
from models.segment import TransformersSegmenter
from records import FoundObject
from vision.drawing import COLOURS, draw_objects

PICTURE = Image.new("RGB", (64, 48), "white")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    tiny_detector(folder / "detector")
    tiny_segmenter(folder / "segmenter")
    return folder


def found(label: str, score: float, *bbox: float) -> FoundObject:
    return FoundObject(label=label, score=score, bbox=bbox)  # type: ignore[arg-type]


def test_a_detector_names_what_was_asked_and_stays_in_the_picture(models: Path) -> None:
    detector = TransformersDetector(f"hf:{models / 'detector'}", threshold=0.0)
    objects = detector.find(PICTURE, ["valve", "pump"])
    assert 1 <= len(objects) <= 5  # the model has five queries
    assert {one.label for one in objects} <= {"valve", "pump"}
    assert [one.score for one in objects] == sorted((one.score for one in objects), reverse=True)
    for one in objects:
        left, top, right, bottom = one.bbox
        assert 0 <= left < right <= 64
        assert 0 <= top < bottom <= 48
    assert TransformersDetector(f"hf:{models / 'detector'}", threshold=1.0).find(PICTURE, ["valve"]) == []
    assert detector.find(PICTURE, []) == []


def test_a_segmenter_gives_a_mask_a_box(models: Path) -> None:
    segmenter = TransformersSegmenter(f"hf:{models / 'segmenter'}")
    masks = segmenter.masks(PICTURE, [(1, 2, 30, 40), (10, 10, 50, 40)])
    assert [(mask.shape, mask.dtype) for mask in masks] == [((48, 64), np.dtype(bool))] * 2
    assert segmenter.masks(PICTURE, []) == []


def test_names_that_cannot_be_used_say_what_to_set(models: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="DETECT_MODEL=hf:"):
        TransformersDetector("grounding-dino")
    with pytest.raises(ModelError, match="SEGMENT_MODEL=hf:"):
        TransformersSegmenter("hf:")
    with pytest.raises(ModelError, match=r"(?s)cannot be loaded .* Set DETECT_MODEL"):
        TransformersDetector(f"hf:{tmp_path}").find(PICTURE, ["valve"])
    clip = tiny_clip(tmp_path / "clip")  # a model of another kind
    with pytest.raises(ModelError, match=r"(?s)cannot be loaded .* Set DETECT_MODEL"):
        TransformersDetector(f"hf:{clip}").find(PICTURE, ["valve"])


def test_boxes_of_one_thing_that_lie_on_each_other_are_one() -> None:
    first, same = found("valve", 0.9, 0, 0, 10, 10), found("valve", 0.8, 0, 0, 10, 8)
    other, apart = found("pump", 0.7, 0, 0, 10, 10), found("valve", 0.6, 5, 0, 15, 10)
    assert _iou(first, same) == 0.8  # 80 of 100
    assert _iou(first, apart) == 50 / 150
    assert _distinct([first, same, other, apart]) == [first, other, apart]


def test_torn_words_of_a_detector_are_the_thing_that_was_asked() -> None:
    assert [_thing(said, ["red valve", "oil pump"]) for said in ("valve", "pump valve oil", "")] == [
        "red valve",
        "oil pump",
        "red valve",
    ]


def test_what_was_found_is_drawn() -> None:
    mask = np.zeros((48, 64), dtype=bool)
    mask[30:40, 30:40] = True
    png = draw_objects(PICTURE, [found("valve", 0.9, 20, 24, 60, 44), found("pump", 0.5, 2, 24, 16, 44)], [mask])
    image = Image.open(io.BytesIO(png))
    assert (image.size, image.mode) == ((64, 48), "RGB")
    assert image.getpixel((20, 40)) == COLOURS[0]  # its left edge
    assert image.getpixel((2, 40)) == COLOURS[1]
    filled = image.getpixel((35, 35))
    # white covered by the first colour with alpha 96: 255 + (213 - 255) * 96 / 255, and so on
    assert filled == pytest.approx((239, 194, 159), abs=1)
    assert image.getpixel((50, 35)) == (255, 255, 255)  # in the box, and not of the thing
