"""Vectors of the last questions: one question searches several scopes, and the parts of one are embedded ahead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock

from models.embed.base import QUESTIONS

Vector = list[float]


class Remembered:
    """What ``embed`` gives for each text; the last ``QUESTIONS`` are not asked for again. Safe for several threads."""

    def __init__(self, embed: Callable[[list[str]], list[Vector]]) -> None:
        self._embed = embed
        self._kept: dict[str, Vector] = {}
        self._lock = Lock()

    def __call__(self, texts: Sequence[str]) -> list[Vector]:
        """Return one vector a text; those that are new are embedded in one batch."""
        with self._lock:
            found = {text: self._kept.pop(text) for text in dict.fromkeys(texts) if text in self._kept}
            self._keep(found)
        new = [text for text in dict.fromkeys(texts) if text not in found]
        if new:
            found |= zip(new, self._embed(new), strict=True)
            with self._lock:
                self._keep(found)
        return [list(found[text]) for text in texts]

    def _keep(self, vectors: dict[str, Vector]) -> None:
        """Keep ``vectors`` as those used last."""
        for text, vector in vectors.items():
            self._kept.pop(text, None)
            self._kept[text] = vector
        while len(self._kept) > QUESTIONS:
            del self._kept[next(iter(self._kept))]
