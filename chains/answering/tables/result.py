"""What was computed from a table, and how it is said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chains.answering.tables.reading import Reading
from chains.answering.tables.sheet import Sheet
from chains.verification.arithmetic import compute
from records import Computation
from text.values import numbers

SHOWN = 12  # names of rows in a sentence; of more there are only so many


@dataclass(frozen=True, kw_only=True)
class Result:
    """An answer with the cells it rests on."""

    kind: str  # "count", "next": what was asked for
    answer: tuple[str, ...]  # bare
    text: str  # the sentence
    rows: Sequence[int]  # cited
    columns: Sequence[int]  # cited, beside the one that names the rows
    sure: float  # share of the question that is explained, 0 to 1
    computed: Computation | None = None  # None: the answer is a cell as it stands

    @classmethod
    def of(
        cls,
        reading: Reading,
        kind: str,
        answer: tuple[str, ...],
        text: str,
        rows: Sequence[int],
        columns: Sequence[int],
        used: Iterable[int] = (),
        computed: Computation | None = None,
    ) -> Result:
        """Return the result with how far it explains ``reading``, words ``used`` beside conditions and columns counted."""
        sure = reading.explained(columns, used)
        return cls(kind=kind, answer=answer, text=text, rows=rows, columns=columns, sure=sure, computed=computed)


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


def met(reading: Reading) -> tuple[str, tuple[float, ...]]:
    """The conditions in words, " with Result W and Attendance over 15,000", and the numbers of the question in them."""
    sheet = reading.sheet
    said: dict[int, list[str]] = {}
    given: list[float] = []
    for one in reading.conditions:
        if one.bound:
            words = [reading.said(one.start, one.end)]
            given += numbers(words[0])
        else:
            words = list(dict.fromkeys(sheet.grid[row][one.column] for row in one.rows if row in reading.rows))
        said.setdefault(one.column, []).extend(words)
    parts = [
        f"{sheet.names[column].rstrip(':')} {' or '.join(dict.fromkeys(words))}".strip()
        for column, words in said.items()
        if len(set(words)) <= 3
    ]
    return (f" with {' and '.join(parts)}" if parts else ""), tuple(given)
