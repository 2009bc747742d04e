"""The steps of retrieval that order fused hits anew. To add one, put it into ``RERANKERS``."""

from __future__ import annotations

from dataclasses import replace

from chains.retrieval.base import Query, RerankingStep
from chains.retrieval.coverage import coverage
from chains.retrieval.entity_hop import entity_hop
from records import Hit

ROUTE_WEIGHT = 1.0  # of a source that is surely meant, against the best place that fusion can give
RERANKED = 50  # hits that a reranking model reads


def route(query: Query, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Put hits of the sources that the question names first.

    Scores run from 0 to 1 + ``ROUTE_WEIGHT``: the share of the best fused score, and how surely the hit's source is meant.
    """
    best = max((hit.score for hit in hits), default=1.0)
    scored = [
        replace(hit, score=hit.score / best + ROUTE_WEIGHT * query.named.get(hit.chunk.source, 0.0)) for hit in hits
    ]
    return tuple(sorted(scored, key=lambda hit: -hit.score))


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
    "coverage": coverage,
    "route": route,
    "entity_hop": entity_hop,
    "model": model,
}
