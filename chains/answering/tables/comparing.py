"""Two things that a question names: their difference, which has more, whether one has more than the other or than a
number."""

from __future__ import annotations

import re

from chains.answering.tables.extremes import MEASURES
from chains.answering.tables.lookup import only
from chains.answering.tables.reading import Condition, Reading
from chains.answering.tables.result import Result, computation, said_of
from records import Computation
from text.arithmetic import within

_DIFFERENCE = re.compile(
    r"\b(?:difference|differ)\b|\bhow (?:many|much) (?:more|fewer|less|\w+er)\b|\bby how (?:many|much)\b"
)
_MORE = re.compile(
    r"\b(?:more|higher|greater|larger|bigger|longer|taller|most|highest|largest|better|older|later|longest|greatest|tallest|"
    r"biggest|oldest|above)\b"
)
_LESS = re.compile(
    r"\b(?:less|fewer|lower|smaller|shorter|least|lowest|smallest|earlier|younger|worse|fewest|shortest|below|before|first|"
    r"earliest)\b"
)
_IN_TIME = re.compile(r"\b(?:earlier|later|first|earliest|before|after|latest)\b")
_OR = re.compile(r"\bor\b")
_EITHER = re.compile(r"\b(above|more|over|greater|higher|below|less|under|fewer|lower)\s+or\s+(\w+)\b")


def _pair(reading: Reading) -> tuple[Condition, Condition] | None:
    """The two rows that the question names in one column, as it names them."""
    single = [one for one in reading.conditions if len(one.rows) == 1]
    for one in single:
        same = [other for other in single if other.column == one.column and other.rows != one.rows]
        if len(same) == 1:
            return (one, same[0]) if one.start < same[0].start else (same[0], one)
    return None


def _unspoken(reading: Reading) -> list[str]:
    """The words with meaning that no condition takes up."""
    spoken = {n for one in reading.conditions for n in range(one.start, one.end)}
    return [word for n, word in enumerate(reading.words) if n not in spoken and reading.means(n)]


def _measure(reading: Reading, named_in: int) -> int | None:
    """The numbers, or dates, in which the two are compared."""
    sheet = reading.sheet
    dates = sheet.dates - {named_in}
    if _IN_TIME.search(reading.text):
        return only(sorted(dates))
    columns = (sheet.numeric | dates) - {named_in}
    raw = (MEASURES[word] for word in re.findall(r"\w+", reading.text) if word in MEASURES)
    return only(reading.fitting(_unspoken(reading), columns) or reading.fitting(list(raw), columns))


def find_difference(reading: Reading) -> Result | None:
    """How far the numbers (years) of two named rows are apart."""
    match, pair = _DIFFERENCE.search(reading.text), _pair(reading)
    column = _measure(reading, pair[0].column) if match and pair else None
    if match is None or pair is None or column is None:
        return None
    sheet, rows = reading.sheet, [pair[0].rows[0], pair[1].rows[0]]
    computed = computation("difference", sheet, rows, column)
    if computed is None:
        return None
    parts = ", ".join(f"{sheet.grid[row][column]} for {sheet.grid[row][pair[0].column]}" for row in rows)
    return Result(
        kind="difference",
        answer=computed.result,
        text=f"{said_of(sheet, column)}{parts}, a difference of {computed.result[0]}",
        rows=rows,
        columns=[pair[0].column, column],
        sure=reading.explained([column], range(reading.place(match.start()), reading.place(match.end()))),
        computed=computed,
    )


def _wants_more(reading: Reading) -> tuple[re.Match[str], bool] | None:
    more, less = _MORE.search(reading.text), _LESS.search(reading.text)
    if _DIFFERENCE.search(reading.text) or bool(more) == bool(less):
        return None
    return (more, True) if more else (less, False)  # type: ignore[return-value]


def find_comparison(reading: Reading) -> Result | None:
    """Which of two named rows has more, or whether the first has more than the second."""
    pair, wanted = _pair(reading), _wants_more(reading)
    column = _measure(reading, pair[0].column) if pair and wanted else None
    if pair is None or wanted is None or column is None:
        return None
    match, most = wanted
    sheet, rows = reading.sheet, [pair[0].rows[0], pair[1].rows[0]]
    first, second = (sheet.value(row, column) for row in rows)
    computed = computation("highest" if most else "lowest", sheet, rows, column)
    if computed is None or first is None or second is None or first == second:
        return None
    holds = (first > second) == most
    names = [sheet.grid[row][pair[0].column] for row in rows]
    cells = [sheet.grid[row][column] for row in rows]
    winner = 0 if holds else 1
    if _OR.search(reading.text):
        answer = names[winner]
        text = (
            f"{answer} — {said_of(sheet, column)}{cells[winner]}, against {cells[1 - winner]} for {names[1 - winner]}"
        )
    elif reading.asks == "whether":
        answer = "yes" if holds else "no"
        text = f"{answer.title()} — {said_of(sheet, column)}{cells[0]} for {names[0]}, {cells[1]} for {names[1]}"
    else:
        return None
    return Result(
        kind="which" if answer in names else "whether",
        answer=(answer,),
        text=text,
        rows=rows,
        columns=[pair[0].column, column],
        sure=reading.explained([column], range(reading.place(match.start()), reading.place(match.end()))),
        computed=computed,
    )


def find_bound(reading: Reading) -> Result | None:
    """Whether the number of the row that is named is above or below one of the question."""
    limits = [one for one in reading.conditions if one.bound]
    others = [one for one in reading.conditions if not one.bound]
    rows = reading.rows_without(limits)
    if reading.asks != "whether" or len(limits) != 1 or len(rows) != 1 or not others:
        return None
    sheet, limit, row = reading.sheet, limits[0], rows[0]
    cell = sheet.grid[row][limit.column]
    if limit.bound is None or len(limit.bound.tests) != 1:
        return None
    ((test, number),) = limit.bound.tests
    held = within(test, cell, number)
    if held is None:
        return None
    either = _EITHER.search(reading.text)
    said = ("yes" if held else "no") if either is None else either[2] if held else either[1]
    computed = Computation(operation=test, cells=(cell,), result=("yes" if held else "no",), given=(number,))
    return Result(
        kind="bound",
        answer=(said,),
        text=f"{said.title()} — {said_of(sheet, limit.column)}{cell} for {sheet.grid[row][others[0].column]}",
        rows=rows,
        columns=[others[0].column, limit.column],
        sure=reading.explained([limit.column]),
        computed=computed,
    )


def find_frequencies(reading: Reading) -> Result | None:
    """Which of two cells stands in more rows of its column, or whether the first does."""
    wanted = _wants_more(reading)
    by_column: dict[int, list[Condition]] = {}
    for one in sorted(reading.conditions, key=lambda one: one.start):
        by_column.setdefault(one.column, []).append(one)
    pairs = [found for found in by_column.values() if len(found) == 2]
    if wanted is None or len(pairs) != 1 or not all(one.exact and one.rows and not one.bound for one in pairs[0]):
        return None
    (match, most), pair = wanted, pairs[0]
    sheet, column = reading.sheet, pair[0].column
    rows = [row for row in reading.rows if any(row in one.rows for one in pair)]
    cells = [sheet.grid[one.rows[0]][column] for one in pair]
    computed = computation("most often" if most else "least often", sheet, rows, column)
    if computed is None or len({sheet.grid[row][column] for row in rows}) != 2 or len(rows) < 3:
        return None
    if reading.fitting(_unspoken(reading), sheet.numeric):
        return None  # an amount is compared, not rows
    winner, number = computed.result
    if _OR.search(reading.text):
        answer = winner
    elif reading.asks == "whether":
        answer = "yes" if winner == cells[0] else "no"
    else:
        return None
    other = cells[1] if winner == cells[0] else cells[0]
    start = "" if answer == winner else f"{answer.title()} — "
    return Result(
        kind="frequencies",
        answer=(answer,),
        text=f"{start}{winner} in {number} rows, {'more' if most else 'less'} often than {other}",
        rows=rows,
        columns=[column],
        sure=reading.explained([column], [reading.place(match.start())]),
        computed=computed,
    )
