"""Nearness in meaning of the words of one question."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Protocol

import numpy as np


class Embeds(Protocol):
    """What makes vectors of texts: any LangChain embeddings."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector a text."""
        ...


class Similarity:
    """Cosine of the vectors of two among ``texts``, all embedded at once when the first two are asked for; 0 without an
    embedder."""

    def __init__(self, embedder: Embeds | None, texts: Iterable[str]) -> None:
        self._embedder = embedder
        self._texts = sorted({text for text in texts if text})

    @cached_property
    def _vectors(self) -> dict[str, np.ndarray]:
        found = self._embedder.embed_documents(self._texts) if self._embedder else []
        lengths = [float(np.linalg.norm(one)) or 1.0 for one in found]
        return {text: np.asarray(one) / size for text, one, size in zip(self._texts, found, lengths, strict=False)}

    def __call__(self, one: str, other: str) -> float:
        """Return the cosine, from -1 to 1."""
        if one not in self._vectors or other not in self._vectors:
            return 0.0
        return float(self._vectors[one] @ self._vectors[other])
