"""Embedding models by name: "provider:model" is LangChain's, anything else runs in this process."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeVar

from langchain_core.embeddings import Embeddings

from errors import ModelError
from models.embed.adapted import adapted
from models.embed.base import Embedder
from models.embed.local import SentenceTransformerEmbedder

T = TypeVar("T")
PROVIDER_TOKENS = 510  # of a chunk: providers read far longer texts, in which a passage is found less well
_PROVIDER = re.compile(r"([a-z][a-z0-9_]*):.+", re.DOTALL)


def embedder_for(name: str, dimensions: int = 0, languages: Collection[str] = ()) -> Embedder:
    """Return the embedding model ``name``: "provider:model" for LangChain's ``init_embeddings`` ("openai:...", "ollama:...",
    "bedrock:..."), a folder or hub name of a SentenceTransformer, "" for the packaged one.

    Args:
        name: of the model.
        dimensions: of the vectors, the first of a model that was trained to be cut; 0 is all.
        languages: that it was made for (ISO 639-1); by default as its card says, and all for a provider's.

    Raises:
        ModelError: a provider is unknown, or its package or key is missing.
    """
    if not _PROVIDER.fullmatch(name) or Path(name).exists():
        return SentenceTransformerEmbedder(name, dimensions=dimensions, languages=languages)
    embeddings = ProviderEmbeddings(name)
    return adapted(embeddings, name=name, max_tokens=PROVIDER_TOKENS, dimensions=dimensions, languages=languages)


class ProviderEmbeddings(Embeddings):
    """Embeddings of a provider, whose errors are told in the words of this project.

    Raises:
        ModelError: the provider is unknown, or its package or key is missing.
    """

    def __init__(self, name: str) -> None:
        from langchain.embeddings import init_embeddings

        self._name = name
        try:
            self._embeddings = init_embeddings(name)
        except ImportError as error:
            package = re.search(r"pip install ([\w.-]+)", str(error))
            command = f"pip install {package[1]} -c constraints.txt" if package else str(error)
            raise ModelError(
                f"The embedding model {name!r} needs a package that is not installed: {command}"
            ) from error
        except Exception as error:  # every provider raises its own kinds
            raise ModelError(
                f"The embedding model {name!r} cannot be used ({type(error).__name__}). Name one as provider:model with its "
                "key in the environment, e.g. EMBED_MODEL=openai:text-embedding-3-small and OPENAI_API_KEY."
            ) from error

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector a text."""
        return self._asked(lambda: self._embeddings.embed_documents(texts))

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question."""
        return self._asked(lambda: self._embeddings.embed_query(text))

    def _asked(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except Exception as error:  # its text may repeat a key, so the kind alone is told
            status = getattr(error, "status_code", None)
            kind = f"{type(error).__name__}{f', status {status}' if isinstance(status, int) else ''}"
            raise ModelError(
                f"The embedding model {self._name!r} did not answer ({kind}). Check its key, its address and the network."
            ) from error
