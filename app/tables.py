"""A table as HTML: headers, merged cells, the cited cells marked, everything escaped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from app.text import escaped, one_line
from records import BBox, Cell, Chunk, Table

SHOWN_ROWS = 60  # of a longer table, those around the cited rows
SHOWN_COLUMNS = 60
_EDGE = 1.0  # points by which a cell may stick out of the rectangle that cites it

CellPosition = tuple[int, int]  # row and column of a cell, from 0


def cited_cells(table: Table, chunk: Chunk, quote: str, bbox: BBox | None) -> frozenset[CellPosition]:
    """Return the cells of ``table`` that a citation of ``chunk`` means: those in its rectangle whose words are in its quote.

    Only rows that the chunk holds can be meant. A row of which two cells are quoted counts before one that shares but
    one, which may be chance. Where nothing is quoted word by word, all that is in the rectangle is meant.
    """
    last_row = chunk.last_row or table.n_rows
    cells = [cell for cell in table.cells if cell.row + cell.rowspan > max(chunk.first_row, table.header_rows)]
    cells = [cell for cell in cells if cell.row < last_row and cell.text.strip()]
    inside = [cell for cell in cells if bbox is not None and cell.bbox is not None and _within(cell.bbox, bbox)]
    words = one_line(quote).casefold()
    found = [cell for cell in inside or cells if _occurs(one_line(cell.text).casefold(), words)]
    per_row = Counter(cell.row for cell in found)
    sure = [cell for cell in found if per_row[cell.row] > 1]
    return frozenset((cell.row, cell.col) for cell in sure or found or inside)


def table_html(table: Table, cited: frozenset[CellPosition] = frozenset()) -> str:
    """Return ``table`` with its caption; of a long one the header and the rows around the first cited one."""
    first = min((row for row, _ in cited), default=table.header_rows)
    start = max(table.header_rows, min(first - SHOWN_ROWS // 3, table.n_rows - SHOWN_ROWS))
    end = min(start + SHOWN_ROWS, table.n_rows)
    header = min(table.header_rows, SHOWN_ROWS)
    columns = min(table.n_cols, SHOWN_COLUMNS)
    rows = [
        *_rows(table, 0, header, columns, cited, "th"),
        *_left_out(start - header, "above", columns),
        *_rows(table, start, end, columns, cited, "td"),
        *_left_out(table.n_rows - end, "below", columns),
    ]
    caption = f"<caption>{escaped(table.caption)}</caption>" if table.caption else ""
    # it scrolls sidewards, and not for those with a pointer alone
    frame = '<div class="table-frame" tabindex="0" role="region" aria-label="The table">'
    return f'{frame}<table class="cited-table">{caption}<tbody>{"".join(rows)}</tbody></table></div>'


def _rows(table: Table, start: int, end: int, columns: int, cited: frozenset[CellPosition], tag: str) -> Iterator[str]:
    """Rows ``[start, end)``; a cell that reaches in from above begins at ``start``."""
    begins: dict[CellPosition, Cell] = {}
    for cell in table.cells:
        if cell.row < end and cell.row + cell.rowspan > start and cell.col < columns:
            begins.setdefault((max(cell.row, start), cell.col), cell)
    covered: set[CellPosition] = set()
    for row in range(start, end):
        cited_row = any(position[0] == row for position in cited)
        cells = []
        for col in range(columns):
            if (row, col) in covered:
                continue
            found = begins.get((row, col))
            if found is None:
                cells.append(f"<{tag}></{tag}>")
                continue
            rows_down = min(found.row + found.rowspan, end) - row
            across = min(found.col + found.colspan, columns) - col
            covered |= {(row + down, col + right) for down in range(rows_down) for right in range(across)}
            cells.append(_cell(found, rows_down, across, tag, (found.row, found.col) in cited))
        yield f'<tr class="cited-row">{"".join(cells)}</tr>' if cited_row else f"<tr>{''.join(cells)}</tr>"


def _cell(cell: Cell, rowspan: int, colspan: int, tag: str, cited: bool) -> str:
    attributes = ' scope="col"' if tag == "th" else ""
    attributes += f' rowspan="{rowspan}"' if rowspan > 1 else ""
    attributes += f' colspan="{colspan}"' if colspan > 1 else ""
    attributes += ' class="cited"' if cited else ""
    text = f"<mark>{escaped(cell.text)}</mark>" if cited else escaped(cell.text)
    return f"<{tag}{attributes}>{text}</{tag}>"


def _left_out(number: int, where: str, columns: int) -> Iterator[str]:
    if number > 0:
        yield f'<tr class="left-out"><td colspan="{max(columns, 1)}">{number:,} more rows {where}</td></tr>'


def _within(cell: BBox, area: BBox) -> bool:
    middle = (cell[0] + cell[2]) / 2, (cell[1] + cell[3]) / 2
    across = area[0] - _EDGE <= middle[0] <= area[2] + _EDGE
    return across and area[1] - _EDGE <= middle[1] <= area[3] + _EDGE


def _occurs(text: str, words: str) -> bool:
    """Whether ``text`` stands in ``words`` as a whole: "12" does not in "1,412"."""
    return re.search(rf"(?<![\w.,]){re.escape(text)}(?![\w]|[.,]\d)", words) is not None
