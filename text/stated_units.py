"""The unit that a table states for all its numbers."""

from __future__ import annotations

import re

from records import Chunk, Table

_UNITS = re.compile(
    r"\b(?:in|of)\s+(?:US\s?|U\.S\.\s?)?[$€£¥]?\s?(?:thousands|millions|billions)\b(?:\s+of\s+\w+)?"
    r"|(?<=\()(?:thousands|millions|billions)\b",
    re.IGNORECASE,
)


def unit_of(table: Table, chunk: Chunk) -> str:
    """ ", in thousands of euros" when caption, header or heading say so: a number means nothing without it."""
    header = " ".join(cell.text for cell in table.cells if cell.row < table.header_rows)
    found = _UNITS.search(" ".join([table.caption, header, *chunk.section[-1:]]))
    if found is None:
        return ""
    said = found.group()
    return f", {said}" if " " in said else f", in {said.lower()}"
