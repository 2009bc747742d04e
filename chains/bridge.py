"""The second hop: sources that the best hits speak of by name.

"When did Lothair II's mother die?" finds the page on Lothair II, which names his mother; her page says when she died,
but shares nothing else with the question. Multi-hop retrieval without a language model, as graph-based retrievers link
passages by the entities they share (Gutiérrez et al. 2024, HippoRAG, https://arxiv.org/abs/2405.14831).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from records import Chunk, Hit, Scope
from store.index import Index

FIRST_HITS = 5  # whose text is read for names
BRIDGE_WEIGHT = 1.1  # of a source that a sure hit speaks of, against the best place that fusion can give
SOURCES = 50  # that are looked at, those of the surest hits first


def bridged(index: Index, asked: str, hits: Sequence[Hit], sure: float, scope: Scope) -> tuple[Hit, ...]:
    """``hits`` with the best chunk of each source that the first of them name, in a new order.

    Args:
        index: where the sources are.
        asked: the question; sources that it names itself are found without this.
        hits: best first.
        sure: the score of a hit than which none is surer. A hit passes on the square of its share of that.
        scope: where the question may look.
    """
    worth = _worth(index, hits[:FIRST_HITS], sure, scope)
    if not worth:
        return tuple(hits)
    sources = sorted(worth, key=lambda source: (-worth[source], source))[:SOURCES]
    best = _best_chunks(index, asked, hits, replace(scope, sources=tuple(sources)))
    known = {hit.chunk.id: hit for hit in hits}
    for rank, source in enumerate(sources, start=1):
        if source in best:
            hit = known.get(best[source].id, Hit(chunk=best[source], score=0.0))
            score = hit.score + BRIDGE_WEIGHT * worth[source]
            known[hit.chunk.id] = replace(hit, score=score, ranks=(*hit.ranks, ("bridge", rank)))
    return tuple(sorted(known.values(), key=lambda hit: -hit.score))


def _worth(index: Index, hits: Sequence[Hit], sure: float, scope: Scope) -> Mapping[str, float]:
    """The sources that ``hits`` speak of, with the best that one of these passes on, 0 to 1."""
    names = index.names
    worth: dict[str, float] = {}
    for hit in hits:
        for source in names.mentioned(hit.chunk.text):
            if names.title(source) != hit.chunk.title and (scope.sources is None or source in scope.sources):
                worth[source] = max(worth.get(source, 0.0), (hit.score / sure) ** 2)
    return worth


def _best_chunks(index: Index, asked: str, hits: Sequence[Hit], scope: Scope) -> dict[str, Chunk]:
    """Of each source in ``scope`` the chunk that is nearest to the question."""
    best: dict[str, Chunk] = {}
    wanted = set(scope.sources or ())
    found = [hit.chunk for hit in hits] + [chunk for chunk, _ in index.dense(asked, 2 * SOURCES, scope)]
    for chunk in found:
        if chunk.source in wanted:
            best.setdefault(chunk.source, chunk)
    return best
