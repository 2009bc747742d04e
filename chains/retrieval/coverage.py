"""How much of a question one passage holds, or one row of a table: what is asked stands together.

BM25 adds up words wherever they stand, so that a long table which has each of them in another row looks as good as the
one with a row that has all.
"""

from __future__ import annotations

from dataclasses import replace

from chains.retrieval.base import Query
from chains.retrieval.rows import rows_of
from chains.retrieval.terms import WeightedTerms, weigh
from records import Chunk, Hit, Kind
from text.tokens import held

COVERED = 60  # of the best hits that are looked at
# what a chunk that holds the whole question gains, as a share of its score
GAIN: dict[Kind, float] = {"table": 0.4, "text": 0.2, "image": 0.2}


def coverage(query: Query, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Raise the scores of the first hits by the share of the question's words, weighted by rarity, that they hold with their
    title and section."""
    asked = weigh(query.text, query.resources.lexical, query.scope.principal)
    first = [
        replace(hit, score=hit.score * (1 + GAIN[hit.chunk.kind] * share(asked, hit.chunk))) for hit in hits[:COVERED]
    ]
    return tuple(sorted([*first, *hits[COVERED:]], key=lambda hit: -hit.score))


def share(asked: WeightedTerms, chunk: Chunk) -> float:
    """Return the share of the question that ``chunk`` holds, from 0 to 1; of a table, that its best row does with the
    header."""
    head, parts = rows_of(chunk) if chunk.kind == "table" else ("", [chunk.text])
    above = held(asked.weights, f"{chunk.context}\n{head}")
    return max(sum(asked.weights[word] for word in above | held(asked.weights, part)) for part in parts) / asked.total
