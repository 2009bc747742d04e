"""The second hop: sources that the best hits speak of by name.

"How old did the mother of King Lothar Weir become?" finds the page on Lothar Weir, which names his mother; her page says
how old she was, but shares nothing else with the question. Multi-hop retrieval without a language model, as graph-based
retrievers link passages by the entities they share (Gutiérrez et al. 2024, HippoRAG, https://arxiv.org/abs/2405.14831).
A table names many; those in the rows that the question speaks of count most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chains.retrieval.rows import rows_asked
from chains.retrieval.source_names import source_names
from records import Chunk, Hit, Scope
from store.index import Index

FIRST_HITS = 5  # whose text is read for names
HOP_WEIGHT = 1.4  # of a source that a sure hit speaks of, against the best place that fusion can give
BEHIND = 0.999  # of the score of the hit that speaks of it, that a source has at most
OTHER_ROWS = 0.5  # of its score that a table passes on to what it names outside the rows that the question speaks of
SOURCES = 50  # that are looked at, those of the surest hits first


def hop_to_named_sources(index: Index, asked: str, hits: Sequence[Hit], sure: float, scope: Scope) -> tuple[Hit, ...]:
    """``hits`` with the best chunk of each source that the first of them name, in a new order: no source comes up
    further than right behind the hit that names it.

    Args:
        index: where the sources are.
        asked: the question; sources that it names itself are found without this.
        hits: best first.
        sure: the score of a hit than which none is surer. A hit passes on the square of its share of that.
        scope: where the question may look.
    """
    naming = _naming(index, asked, hits[:FIRST_HITS], scope)
    if not naming:
        return tuple(hits)
    best = _best_chunks(index, asked, hits, replace(scope, sources=tuple(naming)))
    known = {hit.chunk.id: hit for hit in hits}
    for rank, (source, score) in enumerate(naming.items(), start=1):
        if source in best:
            hit = known.get(best[source].id, Hit(chunk=best[source], score=0.0))
            passed = min(hit.score + HOP_WEIGHT * (score / sure) ** 2, BEHIND * score)
            new = replace(hit, score=max(hit.score, passed), ranks=(*hit.ranks, ("bridge", rank)))
            known[hit.chunk.id] = new
    return tuple(sorted(known.values(), key=lambda hit: -hit.score))


def _naming(index: Index, asked: str, hits: Sequence[Hit], scope: Scope) -> dict[str, float]:
    """The sources that ``hits`` speak of, at most ``SOURCES``, with the score that the surest passes on; surest first."""
    names = source_names(index.documents, scope.principal)
    naming: dict[str, float] = {}
    for hit in hits:
        for text, share in _parts(asked, hit.chunk):
            for source in names.mentioned(text):
                if names.title(source) != hit.chunk.title and (scope.sources is None or source in scope.sources):
                    naming[source] = max(naming.get(source, 0.0), share * hit.score)
    return dict(sorted(naming.items(), key=lambda item: -item[1])[:SOURCES])


def _parts(asked: str, chunk: Chunk) -> list[tuple[str, float]]:
    """The texts of ``chunk`` with the share of its score that they pass on."""
    rows = rows_asked(asked, chunk) if chunk.kind == "table" else []
    if not rows:
        return [(chunk.text, 1.0)]
    return [(chunk.text, OTHER_ROWS), *((row, OTHER_ROWS + (1 - OTHER_ROWS) * match) for row, match in rows)]


def _best_chunks(index: Index, asked: str, hits: Sequence[Hit], scope: Scope) -> dict[str, Chunk]:
    """Of each source in ``scope`` the chunk that is nearest to the question."""
    best: dict[str, Chunk] = {}
    wanted = set(scope.sources or ())
    found = [hit.chunk for hit in hits] + [chunk for chunk, _ in index.dense.search(asked, 2 * SOURCES, scope)]
    for chunk in found:
        if chunk.source in wanted:
            best.setdefault(chunk.source, chunk)
    return best
