"""Retrieval of one question. Each step is named, and can be left out by the setting ``steps``:

    dense      chunks near it in meaning
    lexical    chunks that share words with it (BM25)
    glossary   tables under the headings that the question's business terms stand for, and first those statements themselves
    place      the page, figure, table or section that the question names, in a document that it is asked of or names
    years      tables and charts of other years than the question's come later
    coverage   what holds much of the question in one passage, or one row of a table, comes earlier
    route      sources that the question names come first
    bridge     sources that the best hits speak of come up with them

The rankings are fused by reciprocal rank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from chains.query.locator import chunks_at_locator
from chains.retrieval.coverage import by_coverage
from chains.retrieval.entity_hop import hop_to_named_sources
from chains.retrieval.fusion import reciprocal_rank_fusion
from chains.retrieval.sections import of_whole_company, stands_on, statements
from chains.retrieval.source_names import source_names
from chains.retrieval.years import of_years_asked
from config import Settings
from records import Chunk, Hit, Scope
from store.index import Index

ROUTE_WEIGHT = 1.0  # of a source that is surely meant, against the best place that fusion can give
ROUTED = 5  # sources that are searched by themselves, too
ROUTED_SHARE = 0.5  # of the best match, that another source needs for that

Ranking = Sequence[tuple[Chunk, float]]


def retrieve(index: Index, question: str, scope: Scope, settings: Settings) -> tuple[Hit, ...]:
    """The ``settings.top_k`` chunks that all steps together hold to be best, best first."""
    steps = settings.steps
    named = named_sources(index, question, scope) if "route" in steps else {}
    scopes = [scope, *_scopes_of(named, scope)]
    rankings: dict[str, Ranking] = {}
    if "dense" in steps:
        rankings["dense"] = _merged([index.dense.search(question, settings.candidates, one) for one in scopes])
    if "lexical" in steps:
        rankings["lexical"] = _merged([index.lexical.search(question, settings.candidates, one) for one in scopes])
    weights: dict[str, float] = {}
    if "glossary" in steps and (scope.kinds is None or "table" in scope.kinds):
        tables = replace(scopes[-1], kinds=("table",))
        headings = statements(question)
        asked = dict(rankings)
        for heading in headings:
            below = rankings[heading] = index.lexical.search(heading, settings.candidates, tables, field="context")
            weights[heading] = weights[f"on {heading}"] = 1 / len(headings)
            if of_whole_company(question):
                rankings[f"on {heading}"] = _by(asked, [chunk for chunk, _ in below if stands_on(heading, chunk)])
    if "place" in steps:
        for name, chunks in chunks_at_locator(index, question, scopes[-1].sources, scope.principal).items():
            rankings[name] = _by(rankings, chunks)[: settings.candidates]
    hits = fuse_hits(rankings, settings, weights)
    if "years" in steps:
        hits = of_years_asked(question, hits)
    if "coverage" in steps:
        hits = by_coverage(question, hits, index, scope.principal)
    hits = routed(hits, named)
    if "bridge" in steps:
        hits = hop_to_named_sources(index, question, hits, 1 + ROUTE_WEIGHT, scope)
    return hits[: settings.top_k]


def named_sources(index: Index, question: str, scope: Scope) -> dict[str, float]:
    """The sources within ``scope`` that the question names, with how surely, from 0 to 1; {} where there is only one to look
    at."""
    if scope.sources is not None and len(scope.sources) < 2:
        return {}
    found = source_names(index.documents, scope.principal).match(
        question, lambda stem, sources: index.lexical.share(stem, sources, scope.principal)
    )
    return {source: sure for source, sure in found.items() if scope.sources is None or source in scope.sources}


def _scopes_of(named: Mapping[str, float], scope: Scope) -> list[Scope]:
    """A scope of the sources that are most surely meant, so that enough of their chunks are candidates."""
    if not named:
        return []
    best = sorted(named, key=lambda source: (-named[source], source))[:ROUTED]
    least = ROUTED_SHARE * named[best[0]]
    return [replace(scope, sources=tuple(source for source in best if named[source] >= least))]


def _by(rankings: Mapping[str, Ranking], chunks: Sequence[Chunk]) -> Ranking:
    """``chunks`` as a ranking: those that others rank first come first, the rest as they stand."""
    order = [chunk.id for ranking in rankings.values() for chunk, _ in ranking]
    best = {id_: rank for rank, id_ in reversed(list(enumerate(order)))}
    return [(chunk, 0.0) for chunk in sorted(chunks, key=lambda chunk: best.get(chunk.id, len(order)))]


def _merged(rankings: Sequence[Ranking]) -> Ranking:
    """Rankings whose scores compare as one."""
    scores = {chunk.id: (chunk, score) for ranking in rankings for chunk, score in ranking}
    return sorted(scores.values(), key=lambda item: (-item[1], item[0].id))


def routed(hits: Sequence[Hit], named: Mapping[str, float]) -> tuple[Hit, ...]:
    """``hits`` with scores from 0 to 1 + ``ROUTE_WEIGHT``: the share of the best fused score, and how surely the hit's
    source is meant."""
    if not hits:
        return ()
    best = max(hit.score for hit in hits)
    scored = [replace(hit, score=hit.score / best + ROUTE_WEIGHT * named.get(hit.chunk.source, 0.0)) for hit in hits]
    return tuple(sorted(scored, key=lambda hit: -hit.score))


def fuse_hits(
    rankings: Mapping[str, Ranking], settings: Settings, weights: Mapping[str, float] | None = None
) -> tuple[Hit, ...]:
    """Rankings of chunks as one, by reciprocal rank fusion on the chunks' ids."""
    chunks = {chunk.id: chunk for ranking in rankings.values() for chunk, _ in ranking}
    order = {name: [chunk.id for chunk, _ in ranking] for name, ranking in rankings.items()}
    ranks = {name: {id_: rank for rank, id_ in enumerate(ids, start=1)} for name, ids in order.items()}
    return tuple(
        Hit(
            chunk=chunks[id_],
            score=score,
            ranks=tuple((name, places[id_]) for name, places in ranks.items() if id_ in places),
        )
        for id_, score in reciprocal_rank_fusion(order, settings.rrf_k, weights)
    )


class Retriever(BaseRetriever):
    """The retrieval of this project as a LangChain retriever, for chains of other people's making."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: Index
    settings: Settings
    scope: Scope = Scope()

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [_document(hit) for hit in retrieve(self.index, query, self.scope, self.settings)]


def _document(hit: Hit) -> Document:
    chunk = hit.chunk
    place = {
        name: value for name, value in asdict(chunk).items() if name in ("source", "title", "page", "kind", "bbox")
    }
    return Document(page_content=chunk.text, id=chunk.id, metadata={**place, "score": hit.score, **dict(hit.ranks)})
