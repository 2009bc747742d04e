""" "Which ... had the highest ...?": the row of a table with the largest or smallest value in the column asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chains.score import Question, Scored, asked_columns
from language import numbers
from records import Table

_MOST = re.compile(r"\b(?:highest|largest|most|maximum|max|biggest|greatest|longest|best|top)\b", re.IGNORECASE)
_LEAST = re.compile(r"\b(?:lowest|smallest|least|minimum|min|fewest|shortest|worst)\b", re.IGNORECASE)
_SUM = re.compile(r"^\W*(?:grand\s+|sub-?)?(?:total|all|sum|overall|average|mean|net)\b", re.IGNORECASE)
CONSIDERED = 5  # the table must hold one of the best so many pieces of evidence


@dataclass(frozen=True)
class Extreme:
    """The row that answers, the column it was found in, and all rows that were compared."""

    best: Scored
    row: int
    column: int
    rows: tuple[int, ...]
    word: str  # as the question has it: "highest"


def find_extreme(asked: Question, scored: Sequence[Scored]) -> Extreme | None:
    """The row asked for, or None when the question asks for none or no table has one single column for it."""
    most, least = _MOST.search(asked.text), _LEAST.search(asked.text)
    if bool(most) == bool(least):
        return None
    word = (most or least).group().lower()  # type: ignore[union-attr]
    for one in scored[:CONSIDERED]:
        table = one.evidence.table
        if table is None:
            continue
        found = _in_table(asked, table, largest=bool(most))
        if found is not None:
            row, column, rows = found
            return Extreme(one, row, column, rows, word)
    return None


def _in_table(asked: Question, table: Table, *, largest: bool) -> tuple[int, int, tuple[int, ...]] | None:
    grid = table.grid()
    columns = asked_columns(asked, table)
    if len(columns) != 1:
        return None
    column = columns[0]
    values = {
        row: parsed[0]
        for row in range(table.header_rows, table.n_rows)
        if grid[row][0] and not _SUM.match(grid[row][0]) and len(parsed := numbers(grid[row][column])) == 1
    }
    if len(values) < 2:
        return None
    best = (max if largest else min)(values.values())
    winners = [row for row, value in values.items() if value == best]
    return (winners[0], column, tuple(values)) if len(winners) == 1 else None
