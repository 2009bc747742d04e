"""Rows and columns of a table as citations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from chains.answering.evidence import cells_box
from chains.answering.tables.sheet import Sheet
from records import BBox, Chunk, Citation, Table
from text.geometry import union

MAX_CITATIONS = 6  # chunks of one long table; where its rows lie in more, the first stands for all


def cite(
    sheet: Sheet, rows: Sequence[int], columns: Iterable[int], best: Chunk, others: Iterable[Chunk]
) -> Iterator[Citation]:
    """The rows in these columns and the one that names them, those of each chunk of the table as one citation, numbered
    from 1. ``best`` is a chunk of the table; more of it are taken from ``others``."""
    shown = list(dict.fromkeys((sheet.key, *columns)))
    for number, (chunk, held) in enumerate(_rows_by_chunk(rows, best, others), start=1):
        yield Citation(
            n=number,
            chunk=chunk,
            quote=_quote(sheet, held, shown),
            bbox=_box(sheet.table, held, shown) or chunk.bbox,
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


def _box(table: Table, rows: Sequence[int], columns: Sequence[int]) -> BBox | None:
    return union([cells_box(table, rows, columns), cells_box(table, range(table.header_rows), columns)])
