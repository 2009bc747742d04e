"""What a reader can quote: sentences of texts and figures, rows of tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from records import BBox, Chunk, Hit, Table
from store.assets import Assets
from text.geometry import around, union
from text.tokens import sentences, word_count

_POINTS_BACK = re.compile(r"^(?:it|this|that|these|those|they|he|she|such|its|their|his|her)\b", re.IGNORECASE)
_VALUE = re.compile(r"\d")
CONTEXT_WORDS = 60  # of a passage that is shown because no sentence of it surely answers
MIN_WORDS = 3  # a sentence of fewer words answers nothing by itself


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A quotable piece of a chunk. ``rank`` is that of its chunk among the hits, from 1."""

    chunk: Chunk
    rank: int
    quote: str  # the words as they stand in the source
    bbox: BBox | None
    about: str = ""  # what names it from outside: table caption, the row above it
    start: int = 0  # of the quote in the chunk's text
    end: int = 0
    head: int = 0  # characters at the beginning of the chunk's text that are the head of a mail
    row: int = -1  # of the whole table
    table: Table | None = None


def collect(hits: Sequence[Hit], assets: Assets) -> list[Evidence]:
    """Return all quotable pieces of ``hits``; a row that two chunks of one table hold is taken once."""
    found: list[Evidence] = []
    rows_seen: set[tuple[str, str, int]] = set()
    tables: dict[str, Table] = {}
    for rank, hit in enumerate(hits, start=1):
        chunk = hit.chunk
        if chunk.kind == "table" and chunk.table:
            table = tables.setdefault(chunk.table, assets.read_table(chunk.table))
            for piece in _rows(chunk, rank, table):
                key = (chunk.source, chunk.table, piece.row)
                if key not in rows_seen:
                    rows_seen.add(key)
                    found.append(piece)
        else:
            found += _sentences(chunk, rank)
    return found


def _sentences(chunk: Chunk, rank: int) -> Iterator[Evidence]:
    bounds = list(sentences(chunk.text))
    for position, (start, end) in enumerate(bounds):
        piece = chunk.text[start:end]
        if not any(map(str.isalpha, piece)) or (chunk.kind != "image" and word_count(piece) < MIN_WORDS):
            continue  # in a picture a name and a number are enough, a number from an axis is not
        first = start
        if (
            position
            and _POINTS_BACK.match(chunk.text[start:end])
            and "\n" not in chunk.text[bounds[position - 1][1] : start]
        ):
            first = bounds[position - 1][0]  # "It was founded ..." says nothing without the sentence before
        yield Evidence(
            chunk=chunk,
            rank=rank,
            quote=" ".join(chunk.text[first:end].split()),
            bbox=around(chunk.spans, first, end) or chunk.bbox,
            about=chunk.text.split("\n", 1)[0] if chunk.kind == "image" and first else "",
            start=first,
            end=end,
        )


def in_context(piece: Evidence) -> Evidence:
    """Return a sentence with those around it in its chunk, at most ``CONTEXT_WORDS`` words; what is no sentence as it is."""
    if piece.table is not None or piece.chunk.kind == "image":
        return piece
    text = piece.chunk.text
    quotes_head = piece.start < piece.head
    bounds = [(start, end) for start, end in sentences(text) if quotes_head or start >= piece.head]
    inside = [at for at, (start, end) in enumerate(bounds) if start < piece.end and end > piece.start]
    first, last = inside[0], inside[-1]
    while True:
        wider = [(first, last + 1), (first - 1, last)]  # what follows explains more often than what goes before
        fitting = [
            (low, high)
            for low, high in wider
            if low >= 0 and high < len(bounds) and word_count(text[bounds[low][0] : bounds[high][1]]) <= CONTEXT_WORDS
        ]
        if not fitting:
            break
        first, last = fitting[0]
    start, end = bounds[first][0], bounds[last][1]
    return replace(
        piece,
        quote=" ".join(text[start:end].split()),
        bbox=around(piece.chunk.spans, start, end) or piece.chunk.bbox,
        start=start,
        end=end,
    )


def _rows(chunk: Chunk, rank: int, table: Table) -> Iterator[Evidence]:
    grid = table.grid()
    parent = ""
    for row, cells in enumerate(grid):
        filled = [cell for cell in dict.fromkeys(cells) if cell]
        if row < table.header_rows or not filled:
            continue
        if len(filled) == 1 and not _VALUE.search(filled[0]):
            parent = filled[0]  # a row that only names those below it
            continue
        if chunk.first_row <= row < chunk.last_row:
            yield Evidence(
                chunk=chunk,
                rank=rank,
                quote=" ".join(filled),
                bbox=cells_box(table, [row]) or chunk.bbox,
                about=" ".join(part for part in (table.caption, parent) if part),
                row=row,
                table=table,
            )


def cells_box(table: Table, rows: Sequence[int], cols: Sequence[int] | None = None) -> BBox | None:
    """Return the rectangle around the cells that lie in ``rows`` and, if given, ``cols``; of a table that goes on over pages
    those on the last one."""
    wanted_rows, wanted_cols = set(rows), set(cols) if cols is not None else None
    cells = [
        cell
        for cell in table.cells
        if wanted_rows.intersection(range(cell.row, cell.row + cell.rowspan))
        and (wanted_cols is None or wanted_cols.intersection(range(cell.col, cell.col + cell.colspan)))
    ]
    page = max((cell.page for cell in cells), default=0)
    return union(cell.bbox for cell in cells if cell.page == page)


def rows_box(table: Table, rows: Sequence[int], cols: Sequence[int], named: Sequence[int]) -> BBox | None:
    """Return the rectangle around the cells in ``rows`` and ``cols`` and, where they stand on the same page, the header cells
    of the columns ``named``."""
    wanted = set(rows)
    below = any(cell.page for cell in table.cells if cell.row in wanted)
    return union([cells_box(table, rows, cols), None if below else cells_box(table, range(table.header_rows), named)])
