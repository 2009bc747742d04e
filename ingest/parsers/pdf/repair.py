"""A table of the layout model, with what the words and lines of its page tell that the model got wrong."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.parsers.pdf.cells import Merged
from ingest.parsers.pdf.edges import rows_cut, without_notes
from ingest.parsers.pdf.grid import columns_joined, continuations_joined, rows_joined, without_empty
from ingest.parsers.pdf.layout import LayoutBox
from ingest.parsers.pdf.rules import Rules
from ingest.parsers.pdf.spans import merged_cells
from ingest.parsers.pdf.tables import header_rows
from ingest.parsers.pdf.words import Word, Words, words_in

BORDER = 6.0  # points; lines so near to a table are its border


def repaired(box: LayoutBox, words: Sequence[Word], rules: Rules) -> tuple[LayoutBox, Merged, LayoutBox | None]:
    """Return the table ``box`` with its rows and columns put right, its merged cells, and a note that its grid had taken in.

    ``words`` and ``rules`` are those of its page. Without words, as on a scanned page, the table stays as it is.
    """
    inside = words_in(words, box.bbox)
    if not inside or len(set(map(len, box.grid))) != 1:
        return box, {}, None
    placed = Words(inside)
    x0, y0, x1, y1 = box.bbox
    rules = rules.within((x0 - BORDER, y0 - BORDER, x1 + BORDER, y1 + BORDER))
    box = without_empty(box)
    box = columns_joined(box, placed, rules)
    box = rows_joined(box, placed, rules)
    box = continuations_joined(box, placed, rules)
    box = rows_cut(box, placed, rules)
    box, note = without_notes(box, placed)
    heads = max(1, header_rows(box.grid))
    return box, merged_cells(box, placed, rules, heads), note
