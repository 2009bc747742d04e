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
from records import Chunk, Hit

FIRST_HITS = 5  # whose text is read for names
SUREST = (
    2.0  # the score of a hit than which none is surer: the best place of the fusion, in a source that is surely meant
)
HOP_WEIGHT = 1.4  # of a source that a sure hit speaks of, against the best place that fusion can give
BEHIND = 0.999  # of the score of the hit that speaks of it, that a source has at most
OTHER_ROWS = 0.5  # of its score that a table passes on to what it names outside the rows that the question speaks of
SOURCES = 50  # that are looked at, those of the surest hits first


def entity_hop(query: Query, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Add the best chunk of each source that the first hits name: it comes up no further than right behind the hit that
    names it, which passes on the square of its share of ``SUREST``."""
    naming = _naming(query, hits[:FIRST_HITS])
    if not naming:
        return hits
    best = _best_chunks(query, hits, tuple(naming))
    known = {hit.chunk.id: hit for hit in hits}
    for rank, (source, score) in enumerate(naming.items(), start=1):
        if source in best:
            hit = known.get(best[source].id, Hit(chunk=best[source], score=0.0))
            passed = min(hit.score + HOP_WEIGHT * (score / SUREST) ** 2, BEHIND * score)
            new = replace(hit, score=max(hit.score, passed), ranks=(*hit.ranks, ("entity_hop", rank)))
            known[hit.chunk.id] = new
    return tuple(sorted(known.values(), key=lambda hit: -hit.score))


def _naming(query: Query, hits: Sequence[Hit]) -> dict[str, float]:
    """The sources that ``hits`` speak of, at most ``SOURCES``, with the score that the surest passes on; surest first."""
    names, allowed = query.source_names, query.scope.sources
    naming: dict[str, float] = {}
    for hit in hits:
        for text, share in _parts(query.text, hit.chunk):
            for source in names.mentioned(text):
                if names.title(source) != hit.chunk.title and (allowed is None or source in allowed):
                    naming[source] = max(naming.get(source, 0.0), share * hit.score)
    return dict(sorted(naming.items(), key=lambda item: -item[1])[:SOURCES])


def _parts(asked: str, chunk: Chunk) -> list[tuple[str, float]]:
    """The texts of ``chunk`` with the share of its score that they pass on."""
    rows = rows_asked(asked, chunk) if chunk.kind == "table" else []
    if not rows:
        return [(chunk.text, 1.0)]
    return [(chunk.text, OTHER_ROWS), *((row, OTHER_ROWS + (1 - OTHER_ROWS) * match) for row, match in rows)]


def _best_chunks(query: Query, hits: Sequence[Hit], sources: tuple[str, ...]) -> dict[str, Chunk]:
    """Of each of ``sources`` the chunk that is nearest to the question."""
    best: dict[str, Chunk] = {}
    scope = replace(query.scope, sources=sources)
    found = [hit.chunk for hit in hits]
    found += [chunk for chunk, _ in query.resources.dense.search(query.text, 2 * SOURCES, scope)]
    for chunk in found:
        if chunk.source in sources:
            best.setdefault(chunk.source, chunk)
    return best
