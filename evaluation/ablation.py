"""The steps of retrieval one on top of the other, so that one that does not pay is seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from chains.decompose import decompose_by_rule
from chains.retrieve import fuse_hits, retrieve
from config import Settings
from evaluation.corpus import Corpus
from evaluation.systems import Reply, answer_settings, places_of
from records import Chunk, Scope
from store.index import Index

Search = Callable[[Index, str, Scope, Settings], list[Chunk]]  # chunks from the best down, ``top_k`` of them


def lexical(index: Index, question: str, scope: Scope, settings: Settings) -> list[Chunk]:
    """BM25 over chunks alone."""
    return [chunk for chunk, _ in index.lexical(question, settings.top_k, scope)]


def dense(index: Index, question: str, scope: Scope, settings: Settings) -> list[Chunk]:
    """Vectors alone."""
    return [chunk for chunk, _ in index.dense(question, settings.top_k, scope)]


def hybrid(index: Index, question: str, scope: Scope, settings: Settings) -> list[Chunk]:
    """Both, fused by reciprocal rank: the product's retrieval of one question."""
    return [hit.chunk for hit in retrieve(index, question, scope, settings)]


def decomposed(index: Index, question: str, scope: Scope, settings: Settings) -> list[Chunk]:
    """Hybrid retrieval of the question and of each sub-question, fused."""
    parts = decompose_by_rule(question, settings.max_subquestions)
    asked = list(dict.fromkeys([question, *parts]))
    rankings = {one: [(hit.chunk, hit.score) for hit in retrieve(index, one, scope, settings)] for one in asked}
    return [hit.chunk for hit in fuse_hits(rankings, settings)]  # type: ignore[arg-type]


VARIANTS: dict[str, Search] = {
    "lexical": lexical,
    "dense": dense,
    "hybrid (RRF)": hybrid,
    "hybrid + decomposition": decomposed,
}


class Variant:
    """One row of the ablation as a system."""

    def __init__(self, name: str, corpus: Corpus, settings: Settings) -> None:
        self.name = name
        self._search = VARIANTS[name]
        self._corpus = corpus
        self._settings = settings
        self._deep = replace(settings, top_k=2 * settings.candidates)

    def settings(self) -> dict[str, Any]:
        """The settings that decide a ranking."""
        return answer_settings(self._settings)

    def ask(self, question: str, documents: Sequence[str] | None) -> Reply:
        """Searches; answers nothing."""
        began = time.perf_counter()
        chunks = self._search(self._corpus.index, question, self._corpus.scope(documents), self._deep)
        spent = round((time.perf_counter() - began) * 1000, 1)
        return Reply(places=places_of(chunks, self._corpus), timings_ms={"total": spent})
