"""What an embedding space and a chunker need of an embedding model."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import Protocol

QUESTIONS = 64  # whose vectors an embedder remembers


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


def serves(embedder: Embedder, language: str) -> bool:
    """Tell whether ``embedder`` was made for ``language`` (ISO 639-1): it says so (``languages``), or says nothing, or no
    language is known."""
    languages: frozenset[str] = getattr(embedder, "languages", frozenset())
    return not languages or not language or language in languages


def embed_ahead(embedder: Embedder, questions: Sequence[str]) -> None:
    """Embed ``questions`` in one batch, where ``embedder`` can (``embed_queries``), so that it knows each that is asked for
    next."""
    together = getattr(embedder, "embed_queries", None)
    if together is not None and len(questions) > 1:
        together(list(questions))


def unit(vector: Sequence[float]) -> list[float]:
    """Return ``vector`` at length 1; zeros as they are."""
    length = math.sqrt(sum(value * value for value in vector)) or 1.0
    return [float(value) / length for value in vector]


def hashed(described: Sequence[str]) -> str:
    """Return a fingerprint of what describes an embedder."""
    return hashlib.sha256("\n".join(described).encode()).hexdigest()[:12]
