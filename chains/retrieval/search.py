"""Retrieval of one question. Each step is named, and can be left out by the setting ``steps``:

    dense       chunks near it in meaning
    lexical     chunks that share words with it (BM25)
    sections    tables below the headings that the glossary knows for the question's terms
    locator     the page, figure, table or section that the question names, in a document that it is asked of or names
    entity_hop  the nearest chunk of each source that the best hits speak of by name
    model       what a reranking model, where one is set, holds of the first 50
    learned     all that is known of a candidate, weighted as a model learned it
    pictures    figures that show what it asks for, by an image embedder; and its second look at the figures among the hits

The first four are ``RANKINGS``, fused by reciprocal rank; the others ``RERANKERS``, which note on the fused hits what they
know or order them, one after the other. ``pictures`` is both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import takewhile

from chains.retrieval.base import Query, Ranking, Resources
from chains.retrieval.fusion import reciprocal_rank_fusion
from chains.retrieval.picture_hits import pictures_with
from chains.retrieval.rankings import RANKINGS
from chains.retrieval.rerankers import LEARNED, RERANKERS
from config import Settings
from errors import SettingsError
from records import Hit, Scope

FUSED = "fused"  # among the scores of a hit: what fusion gave it


def retrieve(question: str, scope: Scope, resources: Resources) -> tuple[Hit, ...]:
    """Return the ``settings.top_k`` chunks that all steps together hold to be best, best first.

    Raises:
        SettingsError: a step is named, or a tag asked for, that there is not.
    """
    settings = resources.settings
    check_steps(settings)
    tagged = pictures_with(scope, resources)
    query = Query(question, scope if tagged is None else replace(scope, kinds=("image",)), resources)
    hits = _present(query, _reranked(query, _fused(query), RERANKERS))
    return tuple(hit for hit in hits if tagged is None or hit.chunk.picture in tagged)[: settings.top_k]


def _present(query: Query, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """The hits without those in versions of documents that are left out."""
    left_out = query.scope.left_out
    return tuple(hit for hit in hits if hit.chunk.source not in left_out) if left_out else hits


def candidates(query: Query) -> tuple[Hit, ...]:
    """Return the hits that the learned ranker orders: those of all rankings fused, after the steps before it."""
    return _reranked(query, _fused(query), takewhile(lambda name: name != LEARNED, RERANKERS))


def _fused(query: Query) -> tuple[Hit, ...]:
    settings = query.resources.settings
    found: dict[str, Ranking] = {}
    for name in settings.steps:
        if name in RANKINGS:
            found |= RANKINGS[name](query, found)
    return _relative(_present(query, fuse(found, settings.rrf_k)))


def _reranked(query: Query, hits: tuple[Hit, ...], steps: Iterable[str]) -> tuple[Hit, ...]:
    for name in steps:
        if name in query.resources.settings.steps:
            hits = RERANKERS[name](query, hits)
    return hits


def _relative(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """The hits with their scores as shares of the best, which reranking steps count from, and which are noted for whoever
    wants to see how a hit was found."""
    best = max((hit.score for hit in hits), default=1.0)
    shares = [hit.score / best for hit in hits]
    return tuple(
        Hit(chunk=hit.chunk, score=share, ranks=hit.ranks, scores=(*hit.scores, (FUSED, share)))
        for hit, share in zip(hits, shares, strict=True)
    )


def check_steps(settings: Settings) -> None:
    """Raise a SettingsError that names a step of ``settings`` which does not exist."""
    known = tuple(dict.fromkeys((*RANKINGS, *RERANKERS)))
    for step in settings.steps:
        if step not in known:
            raise SettingsError(f"{step!r} is no step of retrieval. Name some of: {', '.join(known)}.")


def fuse(rankings: Mapping[str, Ranking], k: int) -> tuple[Hit, ...]:
    """Return rankings of chunks as one, by reciprocal rank fusion on the chunks' ids."""
    chunks = {chunk.id: chunk for ranking in rankings.values() for chunk, _ in ranking.chunks}
    order = {name: [chunk.id for chunk, _ in ranking.chunks] for name, ranking in rankings.items()}
    ranks = {name: {id_: rank for rank, id_ in enumerate(ids, start=1)} for name, ids in order.items()}
    scores = {name: {chunk.id: score for chunk, score in ranking.chunks} for name, ranking in rankings.items()}
    weights = {name: ranking.weight for name, ranking in rankings.items()}
    return tuple(
        Hit(
            chunk=chunks[id_],
            score=score,
            ranks=tuple((name, positions[id_]) for name, positions in ranks.items() if id_ in positions),
            scores=tuple((name, given[id_]) for name, given in scores.items() if id_ in given),
        )
        for id_, score in reciprocal_rank_fusion(order, k, weights)
    )
