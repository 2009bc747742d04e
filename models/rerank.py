"""Reranking models: cross-encoders that read a question and a passage together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from errors import ModelError


class Reranker(Protocol):
    """What tells how well passages answer a question."""

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        """Return one number a passage, higher for what answers better."""
        ...


class CrossEncoderReranker:
    """A cross-encoder of sentence-transformers: a folder, or a name on the hub."""

    def __init__(self, name: str) -> None:
        self._name = name

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        """Return one number a passage, higher for what answers better.

        Raises:
            ModelError: the model cannot be loaded.
        """
        scores = _load(self._name).predict([(question, passage) for passage in passages], show_progress_bar=False)
        return [float(score) for score in scores]


@cache
def _load(name: str) -> Any:
    try:
        from sentence_transformers import CrossEncoder

        return CrossEncoder(name, local_files_only=Path(name).is_dir())
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"The reranking model {name!r} cannot be loaded ({error}). Set RERANK_MODEL to a cross-encoder's folder or hub "
            "name, or unset it."
        ) from error
