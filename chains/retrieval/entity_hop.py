"""The entity hop: sources that the best hits speak of by name.

"How old did the mother of King Lothar Weir become?" finds the page on Lothar Weir, which names his mother; her page says
how old she was, but shares nothing else with the question. Multi-hop retrieval without a language model, as graph-based
retrievers link passages by the entities they share (Gutiérrez et al. 2024, HippoRAG, https://arxiv.org/abs/2405.14831).
A table names many; those in the rows that the question speaks of count most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chains.retrieval.base import Query
from chains.retrieval.rows import rows_asked
from models.embed import serves
from records import Chunk, Hit

DENSE, HOP = "dense", "entity_hop"
FIRST_HITS = 5  # whose text is read for names
SOURCES = 50  # that are looked at, those that the surest hits name first


def entity_hop(query: Query, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Note on the nearest chunk of each source that the first hits name how surely it is named, from 0 to 1; those that no
    ranking had are added at the end. What that is worth is the learned ranker's to say."""
    naming = _naming(query, hits)
    if not naming:
        return hits
    nearest = _nearest(query, tuple(naming))
    found = {chunk.id: Hit(chunk=chunk, score=0.0, scores=((DENSE, cosine),)) for chunk, cosine in nearest.values()}
    known = found | {hit.chunk.id: hit for hit in hits}
    for rank, (source, sure) in enumerate(naming.items(), start=1):
        if source in nearest:
            hit = known[nearest[source][0].id]
            known[hit.chunk.id] = replace(hit, ranks=(*hit.ranks, (HOP, rank)), scores=(*hit.scores, (HOP, sure)))
    first = [known.pop(hit.chunk.id) for hit in hits]
    return (*first, *known.values())


def _naming(query: Query, hits: Sequence[Hit]) -> dict[str, float]:
    """The sources that the first hits speak of, at most ``SOURCES``, with how surely; surest first.

    A hit is as sure as its fused score and the question's naming of its source, squared, since two doubts multiply.
    """
    names, allowed = query.source_names, query.scope.sources
    naming: dict[str, float] = {}

    def sure(hit: Hit) -> float:
        return (hit.score + query.named.get(hit.chunk.source, 0.0)) / 2

    for hit in sorted(hits, key=lambda hit: -sure(hit))[:FIRST_HITS]:
        for text, share in _parts(query.text, hit.chunk):
            for source in names.mentioned(text):
                if names.title(source) != hit.chunk.title and (allowed is None or source in allowed):
                    naming[source] = max(naming.get(source, 0.0), share * sure(hit) ** 2)
    return dict(sorted(naming.items(), key=lambda item: -item[1])[:SOURCES])


def _parts(asked: str, chunk: Chunk) -> list[tuple[str, float]]:
    """The texts of ``chunk`` with how much each shares with the question, against the row that shares most."""
    rows = rows_asked(asked, chunk) if chunk.kind == "table" else []
    return [(chunk.text, 0.0), *rows] if rows else [(chunk.text, 1.0)]


def _nearest(query: Query, sources: tuple[str, ...]) -> dict[str, tuple[Chunk, float]]:
    """Of each of ``sources`` the chunk that is nearest to the question, with its cosine; none where the embedder was
    not made for the language of the question."""
    nearest: dict[str, tuple[Chunk, float]] = {}
    if not serves(query.resources.embedder, query.language):
        return nearest
    scope = replace(query.scope, sources=sources)
    for chunk, cosine in query.resources.dense.search(query.text, 2 * SOURCES, scope):
        nearest.setdefault(chunk.source, (chunk, cosine))
    return nearest
