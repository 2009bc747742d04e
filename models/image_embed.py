"""Embeddings of pictures and words in one space: CLIP (Radford et al. 2021, https://arxiv.org/abs/2103.00020), SigLIP (Zhai
et al. 2023, https://arxiv.org/abs/2303.15343), or whatever else encodes both.

An ``ImageEmbedder`` is all that the rest knows of such a model, so a provider's multimodal embeddings are a class with the
four members of that Protocol.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from PIL.Image import Image

from errors import ModelError
from models.quiet import quietly

BATCH = 16  # pictures encoded at once
SIGLIP_TOKENS = 64  # to which SigLIP was trained to fill up every text


class ImageEmbedder(Protocol):
    """What encodes pictures and words into vectors that compare. They are of unit length, so a dot product is a cosine."""

    @property
    def name(self) -> str:
        """Return the model's name, for people."""
        ...

    @property
    def fingerprint(self) -> str:
        """Return what vectors that may be compared have in common."""
        ...

    def embed_pictures(self, pictures: Sequence[Image]) -> list[list[float]]:
        """Return one vector a picture (RGB)."""
        ...

    def embed_texts(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector a text; a long one may be cut, CLIP reads 77 tokens."""
        ...


class SentenceTransformerImageEmbedder:
    """An ``ImageEmbedder`` that runs here: a folder or hub name that sentence-transformers loads as a model of text and
    pictures, such as clip-ViT-B-32 or google/siglip-base-patch16-224. It is loaded on first use."""

    def __init__(self, name: str) -> None:
        self.name = Path(name).name if Path(name).is_dir() else name
        self._path = name
        self._lock = Lock()
        self._loaded: Any = None

    @cached_property
    def fingerprint(self) -> str:
        """Return the name of the space the vectors live in: the model's name and configuration files, hashed."""
        folder = Path(self._path)
        described = [self._path]
        if folder.is_dir():
            described = [self.name, *(f"{one.name}:{one.stat().st_size}" for one in sorted(folder.glob("*.json")))]
        return hashlib.sha256("\n".join(described).encode()).hexdigest()[:12]

    def embed_pictures(self, pictures: Sequence[Image]) -> list[list[float]]:
        """Return one vector a picture (RGB).

        Raises:
            ModelError: the model cannot be loaded.
        """
        return self._encoded(list(pictures))

    def embed_texts(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector a text.

        Raises:
            ModelError: the model cannot be loaded.
        """
        return self._encoded(list(texts))

    def _encoded(self, inputs: list[Any]) -> list[list[float]]:
        if not inputs:
            return []
        vectors = self._model.encode(
            inputs, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        )
        return [[float(value) for value in vector] for vector in vectors]

    @property
    def _model(self) -> Any:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(self._path)
            return self._loaded


def _load(path: str) -> Any:
    way_out = "Set IMAGE_EMBED_MODEL to a CLIP or SigLIP folder or hub name, e.g. clip-ViT-B-32, or unset it."
    try:
        from sentence_transformers import SentenceTransformer

        with quietly():
            model = SentenceTransformer(path, local_files_only=Path(path).is_dir())
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(f"The image embedding model {path!r} cannot be loaded ({error}). {way_out}") from error
    first = model[0]
    if not {"text", "image"} <= set(getattr(first, "modalities", ())):
        raise ModelError(f"The model {path!r} does not encode both text and pictures. {way_out}")
    kind = str(getattr(getattr(first.model, "config", None), "model_type", ""))
    if kind.startswith("siglip"):
        first.processing_kwargs = {"text": {"padding": "max_length", "max_length": SIGLIP_TOKENS}}
    return model
