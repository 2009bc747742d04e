"""The steps of retrieval that find candidates. To add one, put it into ``RANKINGS``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chains.retrieval.base import GLOSSARY, PLACE, Query, Ranking, RankingStep
from chains.retrieval.locating import chunks_at
from chains.retrieval.picture_hits import PICTURES, picture_weight
from chains.retrieval.sections import is_section, sections_for
from models.embed import serves
from records import Chunk
from store.page_search import PAGES
from store.picture_search import once
from text.english.locator import locator_in

NEAREST_PAGES = 5  # whose chunks are candidates, of those nearest to the question by what they show


def dense(query: Query, found: Mapping[str, Ranking]) -> Mapping[str, Ranking]:
    """Rank chunks by nearness in meaning, as far as the embedder was made for their language and the question's: in others
    its nearness is that of names and of words of no meaning to it."""
    embedder = query.resources.embedder
    if not serves(embedder, query.language):
        return {}
    search, limit = query.resources.dense, query.resources.settings.candidates
    merged = _merged([search.search(query.text, limit, scope) for scope in query.scopes])
    return {"dense": Ranking([item for item in merged.chunks if serves(embedder, item[0].language)])}


def lexical(query: Query, found: Mapping[str, Ranking]) -> Mapping[str, Ranking]:
    """Rank chunks by shared words (BM25)."""
    search, limit = query.resources.lexical, query.resources.settings.candidates
    language = query.language
    return {"lexical": _merged([search.search(query.text, limit, one, language=language) for one in query.scopes])}


def sections(query: Query, found: Mapping[str, Ranking]) -> Mapping[str, Ranking]:
    """Rank tables below the headings that the glossary knows for the question's terms, and those of the sections themselves
    once more."""
    if query.scope.kinds is not None and "table" not in query.scope.kinds:
        return {}
    tables = replace(query.scopes[-1], kinds=("table",))
    wanted = sections_for(query.text, query.resources.glossary)
    rankings: dict[str, Ranking] = {}
    for section in wanted:
        limit = query.resources.settings.candidates
        below = query.resources.lexical.search(section.heading, limit, tables, field="context")
        itself = _as_ranked(found, [chunk for chunk, _ in below if is_section(section, chunk)])
        rankings[f"{GLOSSARY}{section.heading}"] = Ranking(below, 1 / len(wanted))
        rankings[f"{GLOSSARY}on {section.heading}"] = Ranking(itself, 1 / len(wanted))
    return rankings


def locator(query: Query, found: Mapping[str, Ranking]) -> Mapping[str, Ranking]:
    """Rank the chunks on the page, or below the figure, table or section that the question names."""
    named = chunks_at(locator_in(query.text), query.resources.documents, query.scopes[-1])
    limit = query.resources.settings.candidates
    return {f"{PLACE}{name}": Ranking(_as_ranked(found, chunks)[:limit]) for name, chunks in named.items()}


def pictures(query: Query, found: Mapping[str, Ranking]) -> Mapping[str, Ranking]:
    """Rank figures, and the chunks of whole pages, by what they show; nothing where no image embedder is set. What it counts
    for depends on whether the question speaks of a picture."""
    search, limit = query.resources.pictures, query.resources.settings.candidates
    rankings: dict[str, Ranking] = {}
    if search is not None and (query.scope.kinds is None or "image" in query.scope.kinds):
        ranking = search.search(query.text, limit, replace(query.scope, kinds=("image",)))
        rankings[PICTURES] = Ranking(once(ranking), picture_weight(query.text))
    if query.resources.pages is not None:
        nearest = query.resources.pages.search(query.text, NEAREST_PAGES, query.scope)
        chunks = [one for first, _ in nearest for one in _as_ranked(found, _on_page_of(first, query))]
        rankings[PAGES] = Ranking(chunks[:limit], picture_weight(query.text))
    return rankings


def _on_page_of(first: Chunk, query: Query) -> list[Chunk]:
    """The chunks on the page of ``first`` that are of the kinds asked for."""
    kinds = query.scope.kinds
    chunks = query.resources.documents.chunks_of(first.source, query.scope.principal)
    return [one for one in chunks if one.page == first.page and (kinds is None or one.kind in kinds)]


RANKINGS: dict[str, RankingStep] = {
    "dense": dense,
    "lexical": lexical,
    "sections": sections,
    "locator": locator,
    PICTURES: pictures,
}


def _as_ranked(found: Mapping[str, Ranking], chunks: Sequence[Chunk]) -> list[tuple[Chunk, float]]:
    """``chunks`` as a ranking: those that others rank first come first, the rest as they stand."""
    order = [chunk.id for ranking in found.values() for chunk, _ in ranking.chunks]
    best = {id_: rank for rank, id_ in reversed(list(enumerate(order)))}
    return [(chunk, 0.0) for chunk in sorted(chunks, key=lambda chunk: best.get(chunk.id, len(order)))]


def _merged(rankings: Sequence[Sequence[tuple[Chunk, float]]]) -> Ranking:
    """Rankings whose scores compare as one."""
    scores = {chunk.id: (chunk, score) for ranking in rankings for chunk, score in ranking}
    return Ranking(sorted(scores.values(), key=lambda item: (-item[1], item[0].id)))
