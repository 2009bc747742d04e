"""Vectors of the last texts: one question searches several scopes, its parts are embedded ahead, and what is read for one
answer is read again for the next."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from threading import Lock

from models.embed.base import QUESTIONS

Vector = list[float]


class Remembered:
    """What ``embed`` gives for each text, in single precision; the last ``number`` are not asked for again. Safe for several
    threads."""

    def __init__(self, embed: Callable[[list[str]], list[Vector]], number: int = QUESTIONS) -> None:
        self._embed = embed
        self._number = number
        self._kept: dict[str, array[float]] = {}  # 4 bytes a value, where a list takes 32
        self._lock = Lock()

    def __call__(self, texts: Sequence[str]) -> list[Vector]:
        """Return one vector a text; those that are new are embedded in one batch."""
        with self._lock:
            found = {text: self._kept.pop(text) for text in dict.fromkeys(texts) if text in self._kept}
            self._keep(found)
        new = [text for text in dict.fromkeys(texts) if text not in found]
        if new:
            found |= zip(new, (array("f", vector) for vector in self._embed(new)), strict=True)
            with self._lock:
                self._keep(found)
        return [found[text].tolist() for text in texts]

    def _keep(self, vectors: dict[str, array[float]]) -> None:
        """Keep ``vectors`` as those used last."""
        for text, vector in vectors.items():
            self._kept.pop(text, None)
            self._kept[text] = vector
        while len(self._kept) > self._number:
            del self._kept[next(iter(self._kept))]
