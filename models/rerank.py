"""Reranking models: cross-encoders that read a question and a passage together, here or behind an HTTP address."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from errors import ModelError
from models.quiet import quietly

BATCH = 8  # passages that a model here reads at once: a time limit is kept to within a batch
PROVIDER_BATCH = 100  # passages in one request: providers bill requests
# Where providers have their reranking; the name of a model begins with theirs.
PROVIDERS = {
    "cohere": "https://api.cohere.com/v2/rerank",
    "jina": "https://api.jina.ai/v1/rerank",
    "voyage": "https://api.voyageai.com/v1/rerank",
}


class Reranker(Protocol):
    """What tells how well passages answer a question."""

    @property
    def at_once(self) -> int:
        """Return how many passages to ask for in one call."""
        ...

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        """Return one number a passage, higher for what answers better.

        Raises:
            ModelError: the model cannot be loaded, or does not answer.
        """
        ...


def reranker_for(name: str, url: str = "", key: str = "", seconds: float = 10) -> Reranker | None:
    """Return the reranking model ``name``: "cohere:...", "jina:..." or "voyage:..." of these providers, what ``url`` serves
    where it is given, else a cross-encoder's folder or hub name; None without any.

    Args:
        name: of the model; "" with a ``url`` that serves one only.
        url: of the reranking itself, as a rule ending in /rerank.
        key: for the provider.
        seconds: to wait for its answer.
    """
    provider, _, model = name.partition(":")
    if provider in PROVIDERS and model:
        return HttpReranker(url or PROVIDERS[provider], model, key, seconds)
    if url:
        return HttpReranker(url, name, key, seconds)
    return CrossEncoderReranker(name) if name else None


class CrossEncoderReranker:
    """A cross-encoder of sentence-transformers: a folder, or a name on the hub."""

    at_once = BATCH

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

        with quietly():
            model = CrossEncoder(name, local_files_only=Path(name).is_dir())
    except (OSError, ValueError, RuntimeError) as error:
        raise _unusable(name, f"cannot be loaded ({' '.join(str(error).split())})") from error
    if model.num_labels != 1:
        raise _unusable(name, f"gives {model.num_labels} numbers a passage, and one is needed")
    return model


def _unusable(name: str, why: str) -> ModelError:
    return ModelError(
        f"The reranking model {name!r} {why}. Set RERANK_MODEL to a cross-encoder's folder or hub name, or unset it."
    )


class HttpReranker:
    """A reranking model behind HTTP, as Cohere, Jina and Voyage speak it, and vLLM, llama.cpp, Infinity and Hugging Face's
    text-embeddings-inference on machines of one's own."""

    at_once = PROVIDER_BATCH

    def __init__(self, url: str, model: str = "", key: str = "", seconds: float = 10) -> None:
        self._url = url
        self._model = model
        self._key = key
        self._seconds = seconds

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        """Return one number a passage, higher for what answers better.

        Raises:
            ModelError: it does not answer in time, refuses, or answers something else.
        """
        import httpx

        texts = list(passages)
        # text-embeddings-inference serves one model and calls the passages texts
        said = {"model": self._model, "documents": texts} if self._model else {"texts": texts}
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        try:
            answer = httpx.post(
                self._url, json={"query": question, **said}, headers=headers, timeout=self._seconds
            ).raise_for_status()
            return _scores(answer.json(), len(texts))
        except httpx.HTTPStatusError as error:  # what it says may repeat the key
            raise self._failed(f"status {error.response.status_code}") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._failed(type(error).__name__) from error
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise self._failed("its reply has no score for each passage") from error

    def _failed(self, why: str) -> ModelError:
        name = f"The reranking model {self._model!r}" if self._model else "The reranking model"
        return ModelError(
            f"{name} at {self._url} did not answer ({why}). Check RERANK_URL, RERANK_MODEL and RERANK_API_KEY."
        )


def _scores(answer: Any, count: int) -> list[float]:
    """The scores of a reply, in the order of the passages."""
    listed = answer if isinstance(answer, list) else answer["results"] if "results" in answer else answer["data"]
    scores = {
        one["index"]: float(one["relevance_score"] if "relevance_score" in one else one["score"]) for one in listed
    }
    return [scores[index] for index in range(count)]
