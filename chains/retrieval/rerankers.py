"""The steps of retrieval that order fused hits anew. To add one, put it into ``RERANKERS``."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace

from chains.retrieval.base import Query, RerankingStep
from chains.retrieval.entity_hop import entity_hop
from chains.retrieval.notices import note
from chains.retrieval.picture_hits import PICTURES, look_again
from chains.retrieval.ranker.features import MODEL
from chains.retrieval.ranker.learned import learned
from errors import ModelError
from models.rerank import Reranker
from records import Hit

log = logging.getLogger(__name__)

LEARNED = "learned"
RERANKED = 50  # hits that a reranking model reads


def model(query: Query, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Note on the first hits what the reranking model holds of them; as they are where none is set. What that is worth is the
    learned ranker's to say; without it the model's order is the one. What the model has not read in the time it has keeps
    its place behind, and a notice says so."""
    reranker = query.resources.reranker
    if reranker is None or not hits:
        return hits
    scores = _scored_in_time(reranker, query.text, hits[:RERANKED], query.resources.settings.rerank_seconds)
    read = [replace(hit, scores=(*hit.scores, (MODEL, score))) for hit, score in zip(hits, scores, strict=False)]
    if LEARNED not in query.resources.settings.steps:
        read = [hit for _, hit in sorted(zip(scores, read, strict=True), key=lambda item: -item[0])]
        # ranks by the model, scores in the range of those before, so that the rest compare with them
        read = [replace(hit, score=before.score) for hit, before in zip(read, hits, strict=False)]
    return (*read, *hits[len(read) :])


def _scored_in_time(reranker: Reranker, question: str, hits: Sequence[Hit], seconds: float) -> list[float]:
    """The scores of the first of ``hits``, as many as the model reads in ``seconds``; the first batch is not counted, for it
    may have to load the model."""
    passages = [hit.chunk.searched_text for hit in hits]
    scores: list[float] = []
    ends = None
    for at in range(0, len(passages), reranker.at_once):
        if ends is not None and time.monotonic() >= ends:
            note(
                f"The reranking model read {len(scores)} of {len(passages)} passages in its time "
                f"(RERANK_SECONDS={seconds}); the others stand behind in their order."
            )
            break
        try:
            scores += reranker.score(question, passages[at : at + reranker.at_once])
        except ModelError as error:
            log.warning("%s", error)
            note(f"{error} Passages keep the order that they have without it.")
            break
        ends = ends or time.monotonic() + seconds
    return scores


RERANKERS: dict[str, RerankingStep] = {
    "entity_hop": entity_hop,
    MODEL: model,
    LEARNED: learned,
    PICTURES: look_again,
}
