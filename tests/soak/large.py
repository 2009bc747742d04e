"""One question on a store of 100,000 chunks: what all steps of retrieval cost, against a single dense query."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from asking import retrieve
from fakes import chunk, document, fingerprint, settings_at

from models.embed import SentenceTransformerEmbedder
from records import OPERATOR, Scope
from store.index import Index
from store.new_document import NewDocument

ROOT = Path(__file__).resolve().parents[2]
CHUNKS_A_SOURCE = 50
WORDS_A_CHUNK = 120
AT_ONCE = 20  # sources
TIMES = 5  # each question


class Scattered:
    """The real embedder for questions; chunks lie anywhere, for embedding 100,000 of them takes hours."""

    def __init__(self) -> None:
        self._real = SentenceTransformerEmbedder()
        self.name, self.fingerprint, self.tokenizer = "scattered", "scattered", self._real.tokenizer

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        found = np.random.default_rng(len(texts)).normal(size=(len(texts), len(self.embed_query("a"))))
        return (found / np.linalg.norm(found, axis=1, keepdims=True)).tolist()  # type: ignore[no-any-return]

    def embed_query(self, text: str) -> list[float]:
        return self._real.embed_query(text)


def large_store(folder: Path, *, chunks: int, seed: int) -> dict[str, Any]:
    """Fill a store with ``chunks`` chunks and ask the sample questions of it."""
    dice = random.Random(seed)
    samples = (ROOT / "data" / "samples" / "maintenance-handbook.md").read_text()
    words = sorted(set(re.findall(r"[A-Za-z]{3,}", samples)))
    rarity = [1 / rank for rank in range(1, len(words) + 1)]  # as words are used (Zipf)
    dice.shuffle(words)
    lines = (ROOT / "data" / "sample_questions.jsonl").read_text().splitlines()
    questions = [json.loads(line)["question"] for line in lines if line.strip()]
    settings = settings_at(folder / "data")
    with Index(settings, Scattered()) as index:  # type: ignore[arg-type]
        began = time.perf_counter()
        for first in range(0, chunks // CHUNKS_A_SOURCE, AT_ONCE):
            entries = []
            for number in range(first, min(first + AT_ONCE, chunks // CHUNKS_A_SOURCE)):
                name = f"/docs/{words[number % len(words)]}-{number}.md"
                own = [
                    chunk(
                        " ".join(dice.choices(words, rarity, k=WORDS_A_CHUNK)),
                        source=name,
                        id=f"{number}-{ordinal}",
                        ordinal=ordinal,
                        kind=dice.choice(("text", "text", "table")),
                    )
                    for ordinal in range(CHUNKS_A_SOURCE)
                ]
                entries.append(NewDocument(document(name), own, fingerprint()))
            index.put_all(entries, "2026-01-02T03:04:05+00:00")
        filled = time.perf_counter() - began
        scope = Scope(principal=OPERATOR)
        ways: dict[str, Callable[[str], Any]] = {
            "dense": lambda question: index.dense.search(question, settings.candidates, scope),
            "retrieve": lambda question: retrieve(index, question, scope, settings),
        }
        retrieve(index, questions[0], scope, settings)  # names are read, models are loaded
        took = {
            way: [_ms(ask, f"{one} {way} {turn}") for turn in range(TIMES) for one in questions]
            for way, ask in ways.items()
        }
        stored = index.parts.lexical.open().count()
    middle = {way: float(np.median(times)) for way, times in took.items()}
    return {
        "chunks": stored,
        "filled_s": round(filled),
        "questions": len(questions),
        "dense_ms": {"p50": round(middle["dense"], 1), "p95": round(float(np.percentile(took["dense"], 95)), 1)},
        "retrieve_ms": {
            "p50": round(middle["retrieve"], 1),
            "p95": round(float(np.percentile(took["retrieve"], 95)), 1),
        },
        "times_dense": round(middle["retrieve"] / middle["dense"], 2),
    }


def _ms(ask: Callable[[str], Any], question: str) -> float:
    began = time.perf_counter()
    ask(question)
    return (time.perf_counter() - began) * 1000
