"""What was computed from a table, and how it is said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chains.answering.tables.sheet import Sheet
from chains.verification.arithmetic import compute
from records import Computation

SHOWN = 12  # names of rows in a sentence; of more there are only so many


@dataclass(frozen=True)
class Result:
    """An answer with the cells it rests on."""

    kind: str  # "count", "next": what was asked for
    answer: tuple[str, ...]  # bare
    text: str  # the sentence
    rows: Sequence[int]  # cited
    columns: Sequence[int]  # cited, beside the one that names the rows
    used: Iterable[int] = ()  # words of the question that it explains beside its columns and conditions
    computed: Computation | None = None  # None: the answer is a cell as it stands
    sure: float = 0.0  # share of the question that is explained, 0 to 1


def computation(
    operation: str, sheet: Sheet, rows: Iterable[int], column: int, given: Sequence[float] = ()
) -> Computation | None:
    """``operation`` over the cells of ``column`` in ``rows``; None when it comes to nothing."""
    cells = tuple(sheet.grid[row][column] for row in rows)
    result = compute(operation, cells)
    return Computation(operation=operation, cells=cells, result=result, given=tuple(given)) if result else None


def named(sheet: Sheet, rows: Iterable[int]) -> str:
    """The names of rows, the first ``SHOWN`` of them: "Spain, France, Italy"."""
    labels = [sheet.label(row) for row in rows]
    return ", ".join(labels[:SHOWN]) + (", …" if len(labels) > SHOWN else "")


def cell_said(sheet: Sheet, row: int, column: int) -> str:
    """ "Alain Prost — Laps: 82": the row's name and its cell."""
    label, cell = sheet.label(row), sheet.grid[row][column]
    if cell == label:
        return cell
    return f"{label} — {said_of(sheet, column)}{cell}"


def said_of(sheet: Sheet, column: int) -> str:
    """ "Laps: ", "" for a column without a name."""
    return f"{sheet.names[column].rstrip(':')}: " if sheet.names[column] else ""
