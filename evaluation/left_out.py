"""The product's retrieval with a ranker that never saw the pack: what its learning is worth on documents of others."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from chains.pipeline import resources_of
from chains.retrieval.base import Resources
from chains.retrieval.ranker.learned import OWN_WEIGHTS
from chains.retrieval.search import retrieve
from config import Settings
from errors import PackError
from evaluation.corpus import Corpus
from evaluation.systems import Reply, answer_settings, locations_of
from models.linear import LinearModel


def save_left_out(model: LinearModel, folder: Path) -> None:
    """Keep a ranker that was fitted without the pack whose ``folder`` it is."""
    path = _folder(folder) / OWN_WEIGHTS
    path.parent.mkdir(parents=True, exist_ok=True)
    model.save(path)


def _folder(pack: Path) -> Path:
    return pack / "left_out"


class LeftOut:
    """Retrieval as the product has it, ranked by what other packs taught; it answers nothing.

    Raises:
        PackError: nothing was fitted without this pack.
    """

    name = "pack left out"

    def __init__(self, corpus: Corpus, settings: Settings, folder: Path) -> None:
        """``folder``: the pack's, in which ``save_left_out`` has written."""
        weights = _folder(folder) / OWN_WEIGHTS
        if not weights.is_file():
            raise PackError(
                f"No ranker was fitted without {corpus.pack.name}. Run python -m evaluation --fit with it and other packs, "
                "and the same --data-dir, first."
            )
        self._corpus = corpus
        self._settings = settings
        self._weights = weights

    @cached_property
    def _resources(self) -> Resources:
        """What is searched with: the weights in the pack's folder go before those of the program."""
        settings = replace(self._settings, data_dir=self._weights.parent, top_k=2 * self._settings.candidates)
        return resources_of(self._corpus.index, settings)

    def settings(self) -> dict[str, Any]:
        """Return the settings that decide a ranking."""
        return {**answer_settings(self._settings), "ranker": self._weights.read_text("utf-8")}

    def ask(self, question: str, documents: Sequence[str] | None) -> Reply:
        """Search; answer nothing."""
        began = time.perf_counter()
        hits = retrieve(question, self._corpus.scope(documents), self._resources)
        spent = round((time.perf_counter() - began) * 1000, 1)
        return Reply(locations=locations_of([hit.chunk for hit in hits], self._corpus), timings_ms={"total": spent})
