"""Any LangChain embeddings as an ``Embedder``."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence

from langchain_core.embeddings import Embeddings

from models.embed.base import Embedder, hashed, unit
from models.embed.remembered import Remembered
from models.embed.tokenizer import DEFAULT_LIMIT, SPECIAL_TOKENS

BYTES_A_TOKEN = 3  # of a tokenizer nobody knows; English has 4 to 5, so that the estimate is on the safe side


class AdaptedEmbedder(Embeddings):
    """An ``Embedder`` made of any LangChain embeddings; see ``adapted``."""

    def __init__(
        self,
        embeddings: Embeddings,
        name: str,
        max_tokens: int,
        count_tokens: Callable[[str], int],
        dimensions: int = 0,
        languages: Collection[str] = (),
    ) -> None:
        self.name = name
        self.languages = frozenset(languages)
        self.tokenizer = _Counted(max_tokens, count_tokens)
        self.fingerprint = hashed([name, *([f"dimensions:{dimensions}"] if dimensions else [])])
        self._embeddings = embeddings
        self._dimensions = dimensions or None
        self._remembered = Remembered(lambda texts: [self._cut(embeddings.embed_query(text)) for text in texts])

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector of unit length a text."""
        return [self._cut(vector) for vector in self._embeddings.embed_documents(texts)] if texts else []

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question, of unit length; the last ones are remembered."""
        return self._remembered([text])[0]

    def _cut(self, vector: Sequence[float]) -> list[float]:
        return unit(vector[: self._dimensions])


class _Counted:
    """A token counter made of a number and a function."""

    def __init__(self, limit: int, count: Callable[[str], int]) -> None:
        self.limit = limit
        self.count = count


def adapted(
    embeddings: Embeddings,
    *,
    name: str = "",
    max_tokens: int = DEFAULT_LIMIT - SPECIAL_TOKENS,
    count_tokens: Callable[[str], int] | None = None,
    dimensions: int = 0,
    languages: Collection[str] = (),
) -> Embedder:
    """Return ``embeddings`` with what an index needs besides.

    Args:
        embeddings: any of LangChain's, called on this machine or elsewhere.
        name: tells its vectors from those of other models, so give another one whenever the model changes; "" is the class
            and the model it names.
        max_tokens: read at once; chunks are cut to it.
        count_tokens: the model's own count; by default estimated from the bytes of a text, rather too high.
        dimensions: of the vectors that are kept, the first ones; 0 is all.
        languages: that it was made for (ISO 639-1); none is all.
    """
    return AdaptedEmbedder(
        embeddings,
        name or _name_of(embeddings),
        max_tokens,
        count_tokens or _estimated_tokens,
        dimensions,
        languages,
    )


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
