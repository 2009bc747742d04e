"""The unit that a table states for all its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from records import Chunk, Table

_UNITS = re.compile(
    r"\b(?:in|of)\s+(?:US\s?|U\.S\.\s?)?[$€£¥]?\s?(?:thousands|millions|billions)\b(?:\s+of\s+\w+)?"
    r"|(?<=\()(?:thousands|millions|billions)\b",
    re.IGNORECASE,
)
# a number, perhaps of money: "7.9 %" and "12 days" say themselves what they count
_BARE = re.compile(r"[(\-−+\s]*(?:[A-Z]{0,3}[$€£¥]|EUR|USD|GBP|CHF)?\s*\(?[-−]?[\d.,'\s]*\d\)?[*†‡¹²³\s]*")


def unit_of(table: Table, chunk: Chunk, cells: Iterable[str]) -> str:
    """ ", in thousands of euros" when caption, header or heading say so and one of ``cells`` is a number without a unit of
    its own, which means nothing without it."""
    if not any(_BARE.fullmatch(cell) for cell in cells):
        return ""
    header = " ".join(cell.text for cell in table.cells if cell.row < table.header_rows)
    found = _UNITS.search(" ".join([table.caption, header, *chunk.section[-1:]]))
    if found is None:
        return ""
    said = found.group()
    return f", {said}" if " " in said else f", in {said.lower()}"
