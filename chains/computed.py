"""The statement that a table's rows come to, with the cells it rests on as citations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chains.evidence import cells_box
from chains.score import Scored
from chains.tables.answer import compute_from
from chains.tables.result import Result
from chains.tables.sheet import Sheet
from chains.tables.values import tokens
from ingest.passages import union
from records import Chunk, Citation, Hit, Reader, Statement, Table
from store.index import Index

CONSIDERED = 5  # the table must hold one of the best so many pieces of evidence
MAX_CITATIONS = 6  # chunks of one long table; where its rows lie in more, the first stands for all


def state_computed(
    question: str, hits: Sequence[Hit], scored: Sequence[Scored], index: Index, reader: Reader
) -> tuple[Statement, tuple[Citation, ...], float] | None:
    """The statement, its citations numbered from 1, and how much of the question it explains, 0 to 1.

    Only the best table is asked; a cell as it stands is only said when no other evidence is better.
    """
    chunk = _best_table(hits, scored)
    if chunk is None:
        return None
    table = index.assets.read_table(chunk.table)
    words = frozenset(tokens(" ".join((chunk.title, *chunk.section, table.caption))))
    sheet = Sheet(table, words)
    result = compute_from(question, sheet)
    if result is None:
        return None
    if result.computed is None and scored and scored[0].evidence.chunk.table != chunk.table:
        return None
    citations = tuple(_cite(sheet, result, chunk, hits, index.chunks_of(chunk.source, reader)))
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


def _cite(
    sheet: Sheet, result: Result, best: Chunk, hits: Sequence[Hit], others: Sequence[Chunk]
) -> Iterator[Citation]:
    """The rows that the result rests on, those of each chunk of the table as one citation."""
    columns = list(dict.fromkeys((sheet.key, *result.columns)))
    parts = _rows_by_chunk(sheet, result.rows, best, hits, others)
    for number, (chunk, rows) in enumerate(parts, start=1):
        yield Citation(
            n=number,
            chunk=chunk,
            quote=_quote(sheet, rows, columns),
            bbox=_box(sheet.table, rows, columns) or chunk.bbox,
        )


def _rows_by_chunk(
    sheet: Sheet, rows: Sequence[int], best: Chunk, hits: Sequence[Hit], others: Sequence[Chunk]
) -> list[tuple[Chunk, list[int]]]:
    known = [best, *(hit.chunk for hit in hits), *others]
    chunks = {one.id: one for one in known if one.table == best.table and one.source == best.source}
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


def _box(table: Table, rows: Sequence[int], columns: Sequence[int]) -> tuple[float, float, float, float] | None:
    return union([cells_box(table, rows, columns), cells_box(table, range(table.header_rows), columns)])
