"""The outlines of things whose boxes are known: Segment Anything (Kirillov et al. 2023, https://arxiv.org/abs/2304.02643)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from models.hub import hub_name, load_pair
from records import BBox

Mask = NDArray[np.bool_]  # (height, width) of the picture
EXAMPLE = "facebook/sam-vit-base"


class Segmenter(Protocol):
    """What tells which pixels in a box are the thing."""

    def masks(self, picture: Image, boxes: Sequence[BBox]) -> list[Mask]:
        """Return a mask of the picture's size for each of ``boxes`` (pixels)."""
        ...


class TransformersSegmenter:
    """A model of masks by boxes of transformers, ``hf:`` and a folder or hub name; it is loaded on first use.

    Raises:
        ModelError: the name cannot be one.
    """

    def __init__(self, name: str) -> None:
        self._name = hub_name(name, "SEGMENT_MODEL", EXAMPLE)

    def masks(self, picture: Image, boxes: Sequence[BBox]) -> list[Mask]:
        """Return a mask of the picture's size for each of ``boxes`` (pixels), the one that the model is surest of.

        Raises:
            ModelError: the model cannot be loaded.
        """
        import torch

        if not boxes:
            return []
        model, processor = _load(self._name)
        inputs = processor(picture, input_boxes=[[list(box) for box in boxes]], return_tensors="pt")
        with torch.inference_mode():
            outputs = model(**inputs)
        sizes = (inputs["original_sizes"], inputs["reshaped_input_sizes"])
        (masks,) = processor.image_processor.post_process_masks(outputs.pred_masks, *sizes)  # (boxes, 3, height, width)
        best = outputs.iou_scores[0].argmax(-1)
        return [np.asarray(own[int(which)], dtype=bool) for own, which in zip(masks, best, strict=True)]


@cache
def _load(name: str) -> tuple[Any, Any]:
    from transformers import AutoModelForMaskGeneration

    return load_pair(name, AutoModelForMaskGeneration.from_pretrained, "SEGMENT_MODEL", EXAMPLE)
