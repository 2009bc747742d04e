"""Rows by their order: the next, the one before, the first, the last."""

from __future__ import annotations

import re

from chains.answering.tables.conditions import first_date
from chains.answering.tables.lookup import ASKS_CELL, target
from chains.answering.tables.reading import Reading
from chains.answering.tables.result import Result, cell_said, computation

_ADVERBS = r"(?:right |directly |immediately |just |listed |come |came |comes )*"
_NEXT = re.compile(rf"\b(?:{_ADVERBS}(?:after|below|beneath|following|followed|succeeded)|next)\b")
_PREVIOUS = re.compile(rf"\b(?:{_ADVERBS}(?:before|above|preceding|preceded|prior to|previous to|previous|ahead of))\b")
_LISTED = re.compile(r"\b(?:listed|list|below|above|under|chart|table|row)\b")
_FIRST = re.compile(r"\b(?:first|1st)\b")
_LAST = re.compile(r"\b(?:last|final|most recent)\b")
_RANKED = re.compile(r"\b(?:finish(?:ed)?|plac(?:ed|ing)|came|come|comes|rank(?:ed)?|position|place)\b")
_OTHERWISE = re.compile(
    r"\b(?:not|no|never|without|except|excluding|besides|other than|difference|consecutive|how many|how long|number of|"
    r"average|first and|last and|last (?:two|three|four|five|\d+)|first (?:two|three|four|five|\d+|place))\b|n't\b|\w+est\b"
)


def find_neighbour(reading: Reading) -> Result | None:
    """The row right behind, or right before, the one row that is named.

    Where dates fall from row to row, "after" is the row above, unless the question speaks of the list itself.
    """
    following, previous = _NEXT.search(reading.text), _PREVIOUS.search(reading.text)
    match = following or previous
    if not match or (following and previous) or _OTHERWISE.search(reading.text) or reading.asks not in ASKS_CELL:
        return None
    sheet = reading.sheet
    at = reading.place(match.start())
    anchors = [one for one in reading.conditions if one.start >= at] or list(reading.conditions)
    rows = [row for row in sheet.rows if anchors and all(row in one.rows for one in anchors)]
    others = reading.rows_without(anchors)
    if len(rows) != 1 or rows[0] not in others or _asks_several(reading):
        return None
    known = reading.asks in ("when", "where") or reading.fitting(reading.noun_words, sheet.columns)
    column = target(reading) if known else None
    column = anchors[0].column if column is None else column
    step = 1 if following else -1
    position = others.index(rows[0]) + step * _direction(reading)
    if not 0 <= position < len(others):
        return None
    row = others[position]
    cell = sheet.grid[row][column]
    if not cell or cell == sheet.grid[rows[0]][column]:
        return None
    sure = reading.explained([column], [*range(at, reading.place(match.end())), *range(*reading.noun)])
    named = sheet.grid[rows[0]][anchors[0].column]
    words = "after" if row > rows[0] else "before"
    return Result(
        kind="next" if following else "previous",
        answer=(cell,),
        text=f"{cell_said(sheet, row, column)} (listed right {words} {named})",
        rows=sorted((rows[0], row)),
        columns=[anchors[0].column, column],
        sure=sure,
        computed=computation("last" if row > rows[0] else "first", sheet, sorted((rows[0], row)), column),
    )


def _direction(reading: Reading) -> int:
    """-1 where the latest date stands first and the question does not speak of the list, else 1."""
    date = first_date(reading.sheet)
    return -1 if date is not None and not _LISTED.search(reading.text) and reading.sheet.order(date) == -1 else 1


def _asks_several(reading: Reading) -> bool:
    last = reading.text[slice(*reading.spans[reading.noun[1] - 1])] if reading.noun_words else ""
    return last.endswith("s") and not last.endswith("ss") and not _LISTED.search(reading.text)


def find_end(reading: Reading) -> Result | None:
    """The first or last of the rows that are meant: by date where there are dates in order, else as listed."""
    first, last = _FIRST.search(reading.text), _LAST.search(reading.text)
    match = first or last
    if not match or (first and last) or _OTHERWISE.search(reading.text) or _RANKED.search(reading.text):
        return None
    sheet, column, rows = reading.sheet, target(reading), reading.rows
    if reading.asks not in ASKS_CELL or column is None or not rows:
        return None
    date = first_date(sheet)
    if date is not None and sheet.order(date) == 0 and not _LISTED.search(reading.text):
        return None
    top = bool(first) == (_direction(reading) == 1)
    row = rows[0 if top else -1]
    computed = computation("first" if top else "last", sheet, rows, column)
    if not sheet.grid[row][column] or computed is None:
        return None
    used = [*range(reading.place(match.start()), reading.place(match.end())), *range(*reading.noun)]
    return Result(
        kind="first" if first else "last",
        answer=(sheet.grid[row][column],),
        text=f"{cell_said(sheet, row, column)} ({'first' if top else 'last'} of those listed)",
        rows=rows,
        columns=[*(one.column for one in reading.conditions), column],
        sure=reading.explained([column], used),
        computed=computed,
    )
