"""SentenceTransformer models that run in this process."""

from __future__ import annotations

import json
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from threading import Barrier, Lock
from typing import Any

from langchain_core.embeddings import Embeddings

from errors import ModelError
from models.embed.base import hashed
from models.embed.files import languages_of, model_path
from models.embed.remembered import Remembered
from models.embed.tokenizer import Tokenizer
from models.quiet import quietly


class SentenceTransformerEmbedder(Embeddings):
    """An ``Embedder`` that runs here; the model is loaded on first use, once, by whichever thread comes first.

    Questions and documents are embedded with the prompts that the model brings for them.

    Args:
        name: a folder, or a name on the hub; "" is the packaged all-MiniLM-L6-v2.
        languages: that it was made for (ISO 639-1); by default as its model card says.
        dimensions: of the vectors, the first of a model that was trained to be cut (Matryoshka representation learning,
            Kusupati et al. 2022, https://arxiv.org/abs/2205.13147); 0 is all.
        batch_size: texts embedded together, of about the same length. On a CPU each batch has one thread, and there are as
            many at once as torch has threads: threads that share a batch wait for each other, and turn in circles meanwhile.
    """

    def __init__(
        self, name: str = "", *, languages: Collection[str] = (), dimensions: int = 0, batch_size: int = 8
    ) -> None:
        self.name = name or "all-MiniLM-L6-v2"
        self.tokenizer = Tokenizer(name)
        self._languages = languages
        self._path = model_path(name)
        self._dimensions = dimensions
        self._batch_size = batch_size
        self._lock = Lock()
        self._loaded: Any = None
        self._remembered = Remembered(partial(self._encoded, "encode_query"))

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

                    with quietly():
                        self._loaded = SentenceTransformer(
                            self._path,
                            local_files_only=Path(self._path).is_dir(),
                            truncate_dim=self._dimensions or None,
                        )
                except (OSError, ValueError, RuntimeError, ImportError) as error:
                    raise ModelError(
                        f"The embedding model {self._path!r} cannot be loaded ({error}). Set EMBED_MODEL to a "
                        "SentenceTransformer folder or hub name, or unset it for the packaged one."
                    ) from error
                whole = self._loaded.get_embedding_dimension()  # after the cut, which does not lengthen it
                if self._dimensions and whole is not None and whole < self._dimensions:
                    self._loaded = None
                    raise ModelError(
                        f"EMBED_DIMENSIONS={self._dimensions} is more than {self.name} has, {whole}. Unset it for all."
                    )
            return self._loaded

    @cached_property
    def languages(self) -> frozenset[str]:
        """Return the languages that it was made for (ISO 639-1); none is all, or that it does not say."""
        return frozenset(self._languages) or languages_of(self._path)

    @cached_property
    def fingerprint(self) -> str:
        """Return the name of the space the vectors live in: its name, limit, configuration files, prompts and dimensions,
        hashed."""
        folder = Path(self._path)
        described = [self.name, str(self.tokenizer.limit)]
        if folder.is_dir():
            described += [f"{path.name}:{path.stat().st_size}" for path in sorted(folder.glob("*.json"))]
        if prompts := self.tokenizer.prompts:
            described.append(json.dumps(prompts, sort_keys=True))
        if self._dimensions:
            described.append(f"dimensions:{self._dimensions}")
        return hashed(described)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector a text; texts that are the same are embedded once."""
        if self.model.device.type != "cpu" or len(texts) <= self._batch_size:
            return self._encoded("encode_document", texts) if texts else []
        distinct = sorted(
            set(texts), key=len, reverse=True
        )  # texts of a length together, for they are padded to the longest
        batches = [distinct[at : at + self._batch_size] for at in range(0, len(distinct), self._batch_size)]
        vectors = self._threads.map(partial(self._encoded, "encode_document"), batches)
        made = dict(zip(distinct, chain.from_iterable(vectors), strict=True))
        return [made[text] for text in texts]

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        """As many threads as torch has, each of which computes alone. The first batch settles how the tokenizer pads, which
        is not to change while others use it."""
        import torch

        self._encoded("encode_document", [" "])
        number = torch.get_num_threads()

        def alone() -> None:
            torch.get_num_threads()  # makes torch's own choice for this thread first, or it would come later
            torch.set_num_threads(1)

        threads = ThreadPoolExecutor(number, "embed", initializer=alone)
        everyone = Barrier(number)
        list(threads.map(lambda _: everyone.wait(), range(number)))  # all are there, and
        torch.set_num_threads(number)  # those that come later, for other models, have what they had
        return threads

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question; the last ones are remembered, for one question searches several scopes."""
        return self._remembered([text])[0]

    def embed_queries(self, texts: list[str]) -> list[list[float]]:
        """Return one vector a question, all embedded in one batch; they are remembered, too."""
        return self._remembered(texts)

    def _encoded(self, method: str, texts: list[str]) -> list[list[float]]:
        vectors = getattr(self.model, method)(
            texts,
            batch_size=self._batch_size,
            normalize_embeddings=True,  # after the cut
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return [[float(value) for value in vector] for vector in vectors]
