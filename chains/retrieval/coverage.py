"""How much of a question one passage holds, or one row of a table: what is asked stands together.

BM25 adds up words wherever they stand, so that a long table which has each of them in another row looks as good as the
one with a row that has all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chains.answering.extractive.score import Question, analyse
from chains.retrieval.rows import rows_of
from records import Chunk, Hit, Kind, Principal
from store.index import Index
from text.tokens import held

COVERED = 60  # of the best hits that are looked at
# what a chunk that holds the whole question gains, as a share of its score
GAIN: dict[Kind, float] = {"table": 0.4, "text": 0.2, "image": 0.2}


def by_coverage(question: str, hits: Sequence[Hit], index: Index, principal: Principal) -> tuple[Hit, ...]:
    """``hits`` in a new order: the first of them gain by the share of the question's words, weighted by rarity, that they
    hold with their title and section."""
    asked = analyse(question, index, principal)
    first = [
        replace(hit, score=hit.score * (1 + GAIN[hit.chunk.kind] * share(asked, hit.chunk))) for hit in hits[:COVERED]
    ]
    return tuple(sorted([*first, *hits[COVERED:]], key=lambda hit: -hit.score))


def share(asked: Question, chunk: Chunk) -> float:
    """The share of the question that ``chunk`` holds, from 0 to 1; of a table, that its best row does with the header."""
    head, parts = rows_of(chunk) if chunk.kind == "table" else ("", [chunk.text])
    above = held(asked.weights, f"{chunk.context}\n{head}")
    return max(sum(asked.weights[word] for word in above | held(asked.weights, part)) for part in parts) / asked.total
