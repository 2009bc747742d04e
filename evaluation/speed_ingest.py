"""How fast files are taken in and passages embedded, against the usual way in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from config import Settings
from evaluation.baselines import Tutorial
from evaluation.corpus import Corpus
from evaluation.packs import Pack
from models.embed import SentenceTransformerEmbedder
from store.index import Index
from text.embedded import embedded_text

PASSAGES = 256  # that are embedded, at most


@dataclass(frozen=True)
class Rate:
    """What was done a second, in each round."""

    what: str
    ours: tuple[float, ...]
    usual: tuple[float, ...]


def rates(files: Sequence[Path], folder: Path, rounds: int) -> Iterator[Rate]:
    """Yield pages a second of ingestion against LangChain's tutorial pipeline (text alone) on ``files``, and passages a
    second of our embedder against ``SentenceTransformer.encode`` as it comes, on these files' chunks.

    Args:
        folder: an empty one.
        rounds: in which each is done, one after the other.
    """
    embedder = SentenceTransformerEmbedder()
    embedder.embed_documents(["loaded before anything is timed"])
    ours, usual, texts = [], [], [""]
    for number in range(rounds):
        settings = Settings(data_dir=folder / str(number) / "store")
        with Index(settings, embedder) as index:
            corpus = Corpus(Pack(name="files", folder=folder, documents=tuple(files)), index)
            took, pages = _timed(lambda: corpus.ingest().pages)  # noqa: B023  called at once
            ours.append(pages / took)
            usual.append(pages / _timed(lambda: len(Tutorial(corpus, settings).find("text", None)))[0])  # noqa: B023
            texts = [embedded_text(chunk) for chunk in index.catalog.all_chunks()][:PASSAGES]
    yield Rate("ingestion, pages/s", tuple(ours), tuple(usual))
    taken = [
        [
            len(texts) / _timed(lambda: len(embedder.embed_documents(texts)))[0],
            len(texts) / _timed(lambda: len(embedder.model.encode(texts, show_progress_bar=False)))[0],
        ]
        for _ in range(rounds)
    ]
    yield Rate("embedding, passages/s", tuple(one for one, _ in taken), tuple(one for _, one in taken))


def _timed(work: Callable[[], int]) -> tuple[float, int]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result
