"""Things found in a picture by their names: zero-shot detection, such as Grounding DINO (Liu et al. 2023,
https://arxiv.org/abs/2303.05499) or OWL-ViT (Minderer et al. 2022, https://arxiv.org/abs/2205.06230)."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol

from PIL.Image import Image

from models.hub import hub_name, load_pair
from records import FoundObject

THRESHOLD = 0.3  # score below which nothing is called found
OVERLAP = 0.7  # intersection over union from which two boxes of one thing are the same
MOST = 30  # things shown
EXAMPLE = "IDEA-Research/grounding-dino-tiny"


class Detector(Protocol):
    """What finds named things in a picture."""

    @property
    def name(self) -> str:
        """Return the model's name, for people."""
        ...

    def find(self, picture: Image, things: Sequence[str]) -> list[FoundObject]:
        """Return what was found of ``things``, surest first; boxes are in pixels of ``picture``."""
        ...


class TransformersDetector:
    """A zero-shot detector of transformers, ``hf:`` and a folder or hub name; it is loaded on first use.

    Raises:
        ModelError: the name cannot be one.
    """

    def __init__(self, name: str, threshold: float = THRESHOLD) -> None:
        self.name = hub_name(name, "DETECT_MODEL", EXAMPLE)
        self._threshold = threshold

    def find(self, picture: Image, things: Sequence[str]) -> list[FoundObject]:
        """Return what was found of ``things``, surest first; boxes are in pixels of ``picture``.

        Raises:
            ModelError: the model cannot be loaded.
        """
        import torch

        if not things:
            return []
        model, processor = _load(self.name)
        asked = [list(things)]
        inputs = processor(images=picture, text=asked, return_tensors="pt")
        with torch.inference_mode():
            outputs = model(**inputs)
        takes = inspect.signature(processor.post_process_grounded_object_detection).parameters
        more: dict[str, Any] = {}
        if "input_ids" in takes:
            more = {"input_ids": inputs["input_ids"], "text_threshold": min(self._threshold, 0.25)}
        (found,) = processor.post_process_grounded_object_detection(
            outputs,
            threshold=self._threshold,
            target_sizes=[(picture.height, picture.width)],
            text_labels=asked,
            **more,
        )
        objects = [
            FoundObject(label=_thing(str(said), things), score=float(score), bbox=_within(box.tolist(), picture))
            # where nothing is found, transformers has a name all the same
            for said, score, box in zip(found["text_labels"], found["scores"], found["boxes"], strict=False)
        ]
        return _distinct(sorted(objects, key=lambda one: -one.score))[:MOST]


@cache
def _load(name: str) -> tuple[Any, Any]:
    from transformers import AutoModelForZeroShotObjectDetection

    return load_pair(name, AutoModelForZeroShotObjectDetection.from_pretrained, "DETECT_MODEL", EXAMPLE)


def _thing(said: str, things: Sequence[str]) -> str:
    """The one of ``things`` that a detector's words, which may be torn out of several, share most with."""
    words = set(said.lower().split())
    return max(things, key=lambda thing: len(words & set(thing.lower().split())))


def _within(box: Sequence[float], picture: Image) -> tuple[float, float, float, float]:
    left, top, right, bottom = (float(value) for value in box)
    return (
        min(max(left, 0.0), picture.width),
        min(max(top, 0.0), picture.height),
        min(max(right, 0.0), picture.width),
        min(max(bottom, 0.0), picture.height),
    )


def _distinct(objects: Sequence[FoundObject]) -> list[FoundObject]:
    """``objects`` without those that lie where a surer one of the same name does."""
    kept: list[FoundObject] = []
    for one in objects:
        if all(one.label != other.label or _iou(one, other) < OVERLAP for other in kept):
            kept.append(one)
    return kept


def _iou(one: FoundObject, other: FoundObject) -> float:
    """Intersection over union of two boxes, 0 to 1."""
    (a0, b0, a1, b1), (c0, d0, c1, d1) = one.bbox, other.bbox
    shared = max(0.0, min(a1, c1) - max(a0, c0)) * max(0.0, min(b1, d1) - max(b0, d0))
    both = (a1 - a0) * (b1 - b0) + (c1 - c0) * (d1 - d0) - shared
    return shared / both if both > 0 else 0.0
