"""The entity hop: sources that the best hits speak of by name.

"How old did the mother of King Lothar Weir become?" finds the page on Lothar Weir, which names his mother; her page says
how old she was, but shares nothing else with the question. Multi-hop retrieval without a language model, as graph-based
retrievers link passages by the entities they share (Gutiérrez et al. 2024, HippoRAG, https://arxiv.org/abs/2405.14831).
A table names many; those in the rows that the question speaks of count most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chains.retrieval.base import Query
from chains.retrieval.rows import rows_asked
from records import Chunk, Hit

FIRST_HITS = 5  # whose text is read for names
SOURCES = 50  # that are looked at, those that the surest hits name first


@dataclass(frozen=True)
class Naming:
    """A source that a first hit names: that hit's score, how surely the question names its source, and how much the row
    that names it shares with the question (1 where no row is concerned); each from 0 to 1."""

    score: float
    named: float
    row: float


def entity_hop(query: Query, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Add the chunk that is nearest to the question of each source which the first hits name, and note on all hits of such
    a source how it is named (``hop``, ``hop_named``, ``hop_row``; ``hop_nearest`` on the nearest). What is added comes
    last; the learned ranker knows what it is worth."""
    naming = _naming(query, hits)
    if not naming:
        return hits
    nearest = _nearest(query, tuple(naming))
    ranks = {source: rank for rank, source in enumerate(naming, start=1)}
    known = {hit.chunk.id for hit in hits}
    added = tuple(Hit(chunk=chunk, score=0.0) for chunk, _ in nearest.values() if chunk.id not in known)
    return tuple(
        _noted(hit, naming[hit.chunk.source], ranks[hit.chunk.source], nearest.get(hit.chunk.source))
        if hit.chunk.source in naming
        else hit
        for hit in (*hits, *added)
    )


def _noted(hit: Hit, naming: Naming, rank: int, nearest: tuple[Chunk, float] | None) -> Hit:
    is_nearest = nearest is not None and nearest[0].id == hit.chunk.id
    scores = dict(hit.scores)
    if is_nearest and nearest is not None:
        scores["dense"] = nearest[1]
    scores |= {"hop": naming.score, "hop_named": naming.named, "hop_row": naming.row, "hop_nearest": float(is_nearest)}
    return replace(hit, ranks=(*hit.ranks, ("entity_hop", rank)), scores=tuple(scores.items()))


def _naming(query: Query, hits: Sequence[Hit]) -> dict[str, Naming]:
    """The sources that the first hits speak of, at most ``SOURCES``, each as the surest of them names it; surest first."""
    names, allowed = query.source_names, query.scope.sources
    naming: dict[str, Naming] = {}
    first = sorted(hits, key=lambda hit: -(hit.score + query.named.get(hit.chunk.source, 0.0)))[:FIRST_HITS]
    for hit in first:
        for text, share in _parts(query.text, hit.chunk):
            for source in names.mentioned(text):
                if names.title(source) != hit.chunk.title and (allowed is None or source in allowed):
                    found = Naming(hit.score, query.named.get(hit.chunk.source, 0.0), share)
                    if source not in naming or _sure(found) > _sure(naming[source]):
                        naming[source] = found
    return dict(sorted(naming.items(), key=lambda item: -_sure(item[1]))[:SOURCES])


def _sure(naming: Naming) -> float:
    return (naming.score + naming.named) * (1 + naming.row)


def _parts(asked: str, chunk: Chunk) -> list[tuple[str, float]]:
    """The texts of ``chunk`` with how much each shares with the question, against the row that shares most."""
    rows = rows_asked(asked, chunk) if chunk.kind == "table" else []
    return [(chunk.text, 0.0), *rows] if rows else [(chunk.text, 1.0)]


def _nearest(query: Query, sources: tuple[str, ...]) -> dict[str, tuple[Chunk, float]]:
    """Of each of ``sources`` the chunk that is nearest to the question, with its cosine."""
    nearest: dict[str, tuple[Chunk, float]] = {}
    scope = replace(query.scope, sources=sources)
    for chunk, cosine in query.resources.dense.search(query.text, 2 * SOURCES, scope):
        nearest.setdefault(chunk.source, (chunk, cosine))
    return nearest
