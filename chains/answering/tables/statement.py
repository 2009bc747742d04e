"""The statement that a table's rows come to, with the cells it rests on as citations."""

from __future__ import annotations

from collections.abc import Sequence

from chains.answering.extractive.score import Scored
from chains.answering.tables.answer import compute_from
from chains.answering.tables.cite import cite
from chains.answering.tables.sheet import Sheet
from records import Chunk, Citation, Hit, Principal, Statement
from store.index import Index
from text.glossary import load_glossary

CONSIDERED = 5  # the table must hold one of the best so many pieces of evidence


def state_computed(
    question: str, hits: Sequence[Hit], scored: Sequence[Scored], index: Index, principal: Principal
) -> tuple[Statement, tuple[Citation, ...], float] | None:
    """The statement, its citations numbered from 1, and how much of the question it explains, 0 to 1.

    Only the best table is asked; a cell as it stands is only said when no other evidence is better.
    """
    chunk = _best_table(hits, scored)
    if chunk is None:
        return None
    table = index.assets.read_table(chunk.table)
    glossary = load_glossary(index.settings.glossary)
    about = frozenset(glossary.tokens(" ".join((chunk.title, *chunk.section, table.caption))))
    sheet = Sheet(table, about, glossary)
    result = compute_from(question, sheet, index.embedder)
    if result is None:
        return None
    if result.computed is None and scored and scored[0].evidence.chunk.table != chunk.table:
        return None
    others = [*(hit.chunk for hit in hits), *index.chunks_of(chunk.source, principal)]
    citations = tuple(cite(sheet, result.rows, result.columns, chunk, others))
    statement = Statement(
        text=result.text,
        citations=tuple(one.n for one in citations),
        computed=result.computed,
        answer=result.answer,
    )
    return statement, citations, result.sure


def _best_table(hits: Sequence[Hit], scored: Sequence[Scored]) -> Chunk | None:
    """The table of the best evidence; without any, that of the first hit when this is a table."""
    for one in scored[:CONSIDERED]:
        if one.evidence.table is not None:
            return one.evidence.chunk
    return hits[0].chunk if hits and hits[0].chunk.table and not scored else None
