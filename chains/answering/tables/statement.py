"""The statement that a table's rows come to, with the cells it rests on as citations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chains.answering.evidence import cells_box, rows_box
from chains.answering.extractive.score import Scored
from chains.answering.tables.answer import compute_from
from chains.retrieval.base import Resources
from records import Chunk, Citation, Hit, Principal, Statement
from text.sheet import Sheet
from text.stated_units import unit_of

MAX_CITATIONS = 6  # chunks of one long table; where its rows lie in more, the first stands for all
CONSIDERED = 5  # the table must hold one of the best so many pieces of evidence


@dataclass(frozen=True)
class Stated:
    """A statement with its citations, numbered from 1."""

    statement: Statement
    citations: tuple[Citation, ...]
    sure: float  # share of the question that it explains, 0 to 1
    certain: bool  # it was computed, or is the cell that the question names by row and column, or by a code


def state_computed(
    question: str, hits: Sequence[Hit], scored: Sequence[Scored], resources: Resources, principal: Principal
) -> Stated | None:
    """The statement that the best table comes to; None when that is not sure.

    Only the best table is asked; a cell as it stands is only said when no other evidence is better.
    """
    chunk = _best_table(hits, scored)
    if chunk is None:
        return None
    table = resources.assets.read_table(chunk.table)
    about = frozenset(resources.glossary.tokens(" ".join((chunk.title, *chunk.section, table.caption))))
    sheet = Sheet(table, about, resources.glossary)
    result = compute_from(question, sheet, resources.embedder)
    if result is None:
        return None
    if result.computed is None and scored and scored[0].evidence.chunk.table != chunk.table:
        return None
    others = [*(hit.chunk for hit in hits), *resources.documents.chunks_of(chunk.source, principal)]
    citations = tuple(cite(sheet, result.rows, result.columns, chunk, others))
    unit = unit_of(table, chunk, result.answer) if result.computed is None else ""
    statement = Statement(
        text=f"{result.text}{unit}",
        citations=tuple(one.n for one in citations),
        computed=result.computed,
        answer=result.answer,
    )
    return Stated(statement, citations, result.sure, certain=result.computed is not None or result.named)


def _best_table(hits: Sequence[Hit], scored: Sequence[Scored]) -> Chunk | None:
    """The table of the best evidence; without any, that of the first hit when this is a table."""
    for one in scored[:CONSIDERED]:
        if one.evidence.table is not None:
            return one.evidence.chunk
    return hits[0].chunk if hits and hits[0].chunk.table and not scored else None


def cite(
    sheet: Sheet, rows: Sequence[int], columns: Iterable[int], best: Chunk, others: Iterable[Chunk]
) -> Iterator[Citation]:
    """The rows in these columns and the one that names them, those of each chunk of the table as one citation, numbered
    from 1. ``best`` is a chunk of the table; more of it are taken from ``others``."""
    asked = list(columns)
    shown = list(dict.fromkeys((sheet.key, *asked)))
    # of a spreadsheet the very cells, which have addresses of their own: Budget!C14
    exact = [col for col in asked if col != sheet.key] if best.unit == "sheet" else []
    for number, (chunk, held) in enumerate(_rows_by_chunk(rows, best, others), start=1):
        yield Citation(
            n=number,
            chunk=chunk,
            quote=_quote(sheet, held, shown),
            bbox=(cells_box(sheet.table, held, exact) if exact else rows_box(sheet.table, held, shown, shown))
            or chunk.bbox,
        )


def _rows_by_chunk(rows: Sequence[int], best: Chunk, others: Iterable[Chunk]) -> list[tuple[Chunk, list[int]]]:
    chunks = {one.id: one for one in (best, *others) if one.table == best.table and one.source == best.source}
    left, parts = list(dict.fromkeys(rows)), []
    for chunk in chunks.values():
        held = [row for row in left if chunk.first_row <= row < chunk.last_row]
        if held:
            parts.append((chunk, held))
            left = [row for row in left if row not in held]
    if left or len(parts) > MAX_CITATIONS:
        return [(best, list(rows))]
    return sorted(parts, key=lambda part: part[1][0])


def _quote(sheet: Sheet, rows: Sequence[int], columns: Sequence[int]) -> str:
    """The columns' names in the first line, then a line a row."""
    head = " ".join(dict.fromkeys(sheet.names[col] for col in columns if sheet.names[col]))
    grid = sheet.grid
    lines = [" ".join(cell for col in columns if (cell := grid[row][col])) for row in rows]
    return "\n".join(line for line in (head, *lines) if line)
