"""The ablation: the steps of retrieval one on top of the other, so that one that does not pay is seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from chains.pipeline import resources_of
from chains.query.decompose import decompose_by_rule
from chains.retrieval.base import Ranking, Resources
from chains.retrieval.search import fuse, retrieve
from config import RETRIEVAL_STEPS, Settings
from evaluation.corpus import Corpus
from evaluation.no_context import NoContext
from evaluation.systems import Reply, answer_settings, locations_of
from records import Chunk, Scope

# chunks from the best down, ``top_k`` of them
Search = Callable[[Resources, NoContext, str, Scope], list[Chunk]]


def without_context(resources: Resources, no_context: NoContext, question: str, scope: Scope) -> list[Chunk]:
    """Search densely and lexically, as far as ``settings`` name them, in texts without title and section."""
    searches = {"dense": no_context.dense, "lexical": no_context.lexical}
    settings = resources.settings
    rankings = {name: Ranking(searches[name](question, settings.candidates, scope)) for name in settings.steps}
    return [hit.chunk for hit in fuse(rankings, settings.rrf_k)][: settings.top_k]


def single(resources: Resources, no_context: NoContext, question: str, scope: Scope) -> list[Chunk]:
    """Retrieve for one question as the product does, with the steps that ``settings`` name."""
    return [hit.chunk for hit in retrieve(question, scope, resources)]


def decomposed(resources: Resources, no_context: NoContext, question: str, scope: Scope) -> list[Chunk]:
    """Retrieve for the question and for each sub-question, and fuse the rankings."""
    parts = decompose_by_rule(question, resources.settings.max_subquestions)
    asked = list(dict.fromkeys([question, *parts]))
    found = {one: retrieve(one, scope, resources) for one in asked}
    rankings = {one: Ranking([(hit.chunk, hit.score) for hit in hits]) for one, hits in found.items()}
    return [hit.chunk for hit in fuse(rankings, resources.settings.rrf_k)]


# how to search, and the settings in which it differs
VARIANTS: dict[str, tuple[Search, dict[str, Any]]] = {
    "lexical, text alone": (without_context, {"steps": ("lexical",)}),
    "dense, text alone": (without_context, {"steps": ("dense",)}),
    "hybrid (RRF), text alone": (without_context, {"steps": ("dense", "lexical")}),
    "lexical": (single, {"steps": ("lexical",)}),
    "dense": (single, {"steps": ("dense",)}),
    "hybrid (RRF)": (single, {"steps": ("dense", "lexical")}),
    **{
        f"+ {step}": (single, {"steps": RETRIEVAL_STEPS[: position + 1]})
        for position, step in enumerate(RETRIEVAL_STEPS[:-2])  # with the last two they are all
        if position > 1
    },
    "all steps": (single, {"steps": RETRIEVAL_STEPS}),
    "all steps, RRF with k = 60": (single, {"steps": RETRIEVAL_STEPS, "rrf_k": 60}),
    "all steps + decomposition": (decomposed, {"steps": RETRIEVAL_STEPS}),
}


class Variant:
    """One row of the ablation as a system."""

    def __init__(self, name: str, corpus: Corpus, settings: Settings, no_context: NoContext) -> None:
        self.name = name
        self._search, different = VARIANTS[name]
        self._corpus = corpus
        self._no_context = no_context
        self._settings = replace(settings, **different)

    @cached_property
    def _deep_resources(self) -> Resources:
        """What is searched with, for more chunks than are shown."""
        return resources_of(self._corpus.index, replace(self._settings, top_k=2 * self._settings.candidates))

    def settings(self) -> dict[str, Any]:
        """Return the settings that decide a ranking; the steps of what settings alone do not make go by another name,
        so that nobody chooses them."""
        found = answer_settings(self._settings)
        if self._search is not single:
            found["steps beyond settings"] = found.pop("steps")
        return found

    def ask(self, question: str, documents: Sequence[str] | None) -> Reply:
        """Search; answer nothing."""
        began = time.perf_counter()
        chunks = self._search(self._deep_resources, self._no_context, question, self._corpus.scope(documents))
        spent = round((time.perf_counter() - began) * 1000, 1)
        return Reply(locations=locations_of(chunks, self._corpus), timings_ms={"total": spent})
