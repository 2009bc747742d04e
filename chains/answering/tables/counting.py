"""How many rows, how much in all, how much on average."""

from __future__ import annotations

import re

from chains.answering.tables.reading import Reading
from chains.answering.tables.result import Result, cell_said, computation, met, named, said_of

_AVERAGE = re.compile(r"\b(?:average|mean)\b")
_DIFFERENT = re.compile(r"\b(?:different|distinct|unique)\b")
_TOTAL = re.compile(r"\b(?:total|combined|sum|together|in all|altogether|overall)\b")
_TIMES = frozenset(("time", "occas", "instanc"))
# What makes another question of it: negations, comparisons, runs of rows.
_OTHERWISE = re.compile(
    r"\b(?:not|no|never|without|except|excluding|besides|other than|difference|consecutive|in a row|more|fewer|less|each|"
    r"per|between|most|least)\b|n't\b"
)
_OPERATION_WORDS = frozenset(("averag", "mean", "total", "combin", "sum", "togeth"))
_ORDERS = frozenset(("rank", "pos", "no", "year", "number"))  # their sum means nothing


def find_amount(reading: Reading) -> Result | None:
    """The cell, sum or average of a numeric column, over all rows or those meant: "what was the total of A and B?"."""
    average = _AVERAGE.search(reading.text)
    if reading.asks not in ("count", "much", "total") and not (reading.asks == "which" and average):
        return None
    sheet = reading.sheet
    words = reading.noun_words
    if average:
        at = reading.place(average.start())
        words = reading.words[at + 1 : at + 5]
        if any(sheet.headers[col] & {"averag", "mean"} for col in sheet.numeric):
            return None
    columns = reading.fitting(words, sheet.numeric)
    if len(columns) != 1 or any(one.column == columns[0] for one in reading.conditions):
        return None
    column = columns[0]
    rows = [row for row in reading.rows if sheet.number(row, column) is not None]
    if not rows or _OTHERWISE.search(reading.text) or (sheet.headers[column] & _ORDERS and not average):
        return None
    used = [n for n, word in enumerate(reading.words) if word in _OPERATION_WORDS]
    sure = reading.explained([column], [*range(*reading.noun), *used])
    if not average and len(rows) == 1:
        answer = (sheet.grid[rows[0]][column],)
        text = cell_said(sheet, rows[0], column)
        return Result(kind="cell", answer=answer, text=text, rows=rows, columns=[column], sure=sure)
    if not average and not _TOTAL.search(reading.text):
        return None  # whether several rows are meant together is not known
    kind, words_for = ("average", "on average") if average else ("sum", "in total")
    computed = computation(kind, sheet, rows, column)
    if computed is None:
        return None
    parts = ", ".join(f"{sheet.label(row)} {sheet.grid[row][column]}" for row in rows[:8])
    text = f"{said_of(sheet, column)}{computed.result[0]} {words_for} ({parts}{', …' if len(rows) > 8 else ''})"
    return Result(
        kind=kind, answer=computed.result, text=text, rows=rows, columns=[column], sure=sure, computed=computed
    )


def find_count(reading: Reading) -> Result | None:
    """How many rows are meant, all or those that meet the conditions; how many different cells, when that is asked."""
    if reading.asks != "count" or _OTHERWISE.search(_without_bounds(reading)):
        return None
    sheet, rows, words = reading.sheet, reading.rows, reading.noun_words
    times = bool(_TIMES.intersection(words))
    if len(rows) < 2 or (not times and reading.fitting(words, sheet.numeric)):
        return None  # one row is rather what a question names than what it counts; an amount is no number of rows
    things = [] if times else reading.fitting(words, [col for col in sheet.columns if col not in sheet.numeric])
    held = [one.column for one in reading.conditions]
    sure = reading.explained(things, [n for n in range(*reading.noun) if reading.words[n] in _TIMES])
    if len(things) == 1 and things[0] not in held:
        filled = [row for row in rows if sheet.grid[row][things[0]]]
        repeated = len({sheet.grid[row][things[0]] for row in filled}) < len(filled)
        if repeated and _DIFFERENT.search(reading.text):
            return _different(reading, filled, things[0], sure)
        if repeated and not held:
            return None  # things, or mentions of them: which is meant, is not known
    said, given = met(reading)
    labels = computation("count", sheet, rows, sheet.key, given)
    if labels is None or not all(labels.cells):
        return None
    text = f"{labels.result[0]} rows{said}: {named(sheet, rows)}"
    return Result(kind="count", answer=labels.result, text=text, rows=rows, columns=held, sure=sure, computed=labels)


def _different(reading: Reading, rows: list[int], column: int, sure: float) -> Result | None:
    sheet = reading.sheet
    computed = computation("different", sheet, rows, column)
    if computed is None:
        return None
    text = f"{computed.result[0]} different in {said_of(sheet, column)}{', '.join(dict.fromkeys(computed.cells))}"
    return Result(
        kind="different", answer=computed.result, text=text, rows=rows, columns=[column], sure=sure, computed=computed
    )


def _without_bounds(reading: Reading) -> str:
    """The question without the words of its conditions: the "more" of "more than 3" compares no rows."""
    text = reading.text
    for one in sorted(reading.conditions, key=lambda one: -one.start):
        start, end = reading.spans[one.start][0], reading.spans[one.end - 1][1]
        text = text[:start] + text[end:]
    return text
