"""The steps of retrieval that order fused hits anew. To add one, put it into ``RERANKERS``."""

from __future__ import annotations

from dataclasses import replace

from chains.retrieval.base import Query, RerankingStep
from chains.retrieval.entity_hop import entity_hop
from chains.retrieval.picture_hits import PICTURES, look_again
from chains.retrieval.ranker.learned import learned
from records import Hit

LEARNED = "learned"
RERANKED = 50  # hits that a reranking model reads


def model(query: Query, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Put first what the reranking model holds to answer the question; as they are where none is set."""
    reranker = query.resources.reranker
    if reranker is None or not hits:
        return hits
    first, rest = hits[:RERANKED], hits[RERANKED:]
    scores = reranker.score(query.text, [hit.chunk.searched_text for hit in first])
    order = sorted(zip(scores, first, strict=True), key=lambda item: -item[0])
    # ranks by the model, scores in the range of those before, so that later steps and the rest compare with them
    spread = [hit.score for hit in first]
    return (*(replace(hit, score=score) for (_, hit), score in zip(order, spread, strict=True)), *rest)


RERANKERS: dict[str, RerankingStep] = {
    "entity_hop": entity_hop,
    LEARNED: learned,
    "model": model,
    PICTURES: look_again,
}
