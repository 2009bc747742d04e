"""Models that read a page as a picture, one vector a patch, and a question, one vector a word: ColPali (Faysse et al. 2024,
https://arxiv.org/abs/2407.01449)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from errors import ModelError
from models.quiet import quietly

Vectors = NDArray[np.float32]  # (patches or words, dimensions), each of unit length


class PageModel(Protocol):
    """What encodes pages and questions for late interaction."""

    def encode_pages(self, pages: Sequence[Image]) -> list[Vectors]:
        """Return the vectors of each page (RGB)."""
        ...

    def encode_question(self, question: str) -> Vectors:
        """Return the vectors of a question."""
        ...


def maxsim(question: Vectors, page: Vectors) -> float:
    """Return the sum over the question's vectors of the largest dot product with one of the page's (Khattab and Zaharia
    2020, https://arxiv.org/abs/2004.12832)."""
    return float((question @ page.T).max(axis=1).sum())


class MultiVectorPageModel:
    """A ``PageModel`` that sentence-transformers loads as a MultiVectorEncoder: a folder or hub name. It is loaded on first
    use."""

    def __init__(self, name: str) -> None:
        self._name = name

    def encode_pages(self, pages: Sequence[Image]) -> list[Vectors]:
        """Return the vectors of each page (RGB).

        Raises:
            ModelError: the model cannot be loaded, or reads no pictures.
        """
        return self._encoded(_load(self._name).encode_document, list(pages))

    def encode_question(self, question: str) -> Vectors:
        """Return the vectors of a question.

        Raises:
            ModelError: the model cannot be loaded.
        """
        return self._encoded(_load(self._name).encode_query, [question])[0]

    def _encoded(self, encode: Any, inputs: list[Any]) -> list[Vectors]:
        try:
            found = encode(inputs, batch_size=1, show_progress_bar=False, convert_to_numpy=True)
        except (ValueError, KeyError, TypeError, RuntimeError) as error:
            raise ModelError(
                f"The page model {self._name!r} cannot read this ({type(error).__name__}: {error})."
            ) from error
        return [np.asarray(one, dtype=np.float32) for one in found]


@cache
def _load(name: str) -> Any:
    try:
        from sentence_transformers import MultiVectorEncoder

        with quietly():
            return MultiVectorEncoder(name, local_files_only=Path(name).is_dir())
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"The page model {name!r} cannot be loaded ({error}). Set PAGE_MODEL to a model of several vectors a page that "
            "sentence-transformers loads, or unset it."
        ) from error
