"""The column that is asked for, and its cells in the rows that are meant."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chains.answering.tables.reading import Reading
from chains.answering.tables.result import Result, cell_said, computation, said_of
from text.values import family

ASKS_CELL = ("who", "when", "where", "which")
_PLACES = frozenset(
    family(word) for word in "location venue place city country town site county state region where".split()
)
_TIMES = frozenset(("year", "date", "day", "month"))
_OTHERWISE = re.compile(
    r"\b(?:not|no|never|without|except|excluding|besides|other|difference|consecutive|average|more|most|least|next|last|"
    r"first|before|after|previous|same|or)\b|n't\b|\w+est\b"
)
_SEVERAL = re.compile(r"^(?:list|name all|give)\b|^(?:what|which|who) (?:are|were)\b|\b(?:all of the|names of)\b")
_OTHER = re.compile(r"\b(?:other than|besides?|except(?: for)?|aside from|apart from|excluding)\b")
_SAME = re.compile(r"\bsame\b")


def target(reading: Reading) -> int | None:
    """The column that is asked for, None when that is not sure."""
    sheet = reading.sheet
    taken = {one.column for one in reading.conditions if one.exact}
    words = reading.noun_words
    if words:
        texts = [col for col in sheet.columns if col not in sheet.numeric | sheet.dates]
        found = reading.fitting(words, texts if reading.asks in ("who", "where") else sheet.columns)
        if len(found) > 1:
            found = [col for col in found if col not in taken] or found
        if found:
            return found[0] if len(found) == 1 else sheet.key if sheet.key in found else None
    if reading.asks == "when" or _TIMES.intersection(words):
        return _closest(reading, sheet.dates - taken)
    if reading.asks == "where":
        return _closest(reading, {col for col in sheet.columns if sheet.headers[col] & _PLACES} - taken)
    if reading.asks == "who":
        persons = sheet.persons - taken
        if sheet.key in persons or (not persons and sheet.key not in sheet.dates):
            return sheet.key
        return _closest(reading, persons)
    return sheet.key if reading.asks in ("which", "total") and sheet.key not in taken else None


def _closest(reading: Reading, columns: Iterable[int]) -> int | None:
    """The only column of those given, or the one whose name the question says."""
    columns = sorted(columns)
    return only(columns) if len(columns) < 2 else only(reading.fitting(reading.words, columns))


def only(columns: list[int]) -> int | None:
    """The only column, None when there is none or more."""
    return columns[0] if len(columns) == 1 else None


def find_cell(reading: Reading) -> Result | None:
    """The asked cell of the row meant; of several rows the cells, when several are asked for or all are the same."""
    if reading.asks not in ASKS_CELL or _OTHERWISE.search(reading.text):
        return None
    sheet, column = reading.sheet, target(reading)
    if column is None or not reading.conditions or any(one.column == column for one in reading.conditions):
        return None
    rows = [row for row in reading.rows if sheet.grid[row][column]]
    answers = tuple(dict.fromkeys(sheet.grid[row][column] for row in rows))
    if not answers or (len(answers) > 1 and not _SEVERAL.search(reading.text)):
        return None
    sure = reading.explained([column], reading.spoken_noun(column))
    text = cell_said(sheet, rows[0], column) if len(rows) == 1 else f"{said_of(sheet, column)}{', '.join(answers)}"
    columns = [*(one.column for one in reading.conditions), column]
    return Result(kind="cell", answer=answers, text=text, rows=rows, columns=columns, sure=sure)


def find_other(reading: Reading) -> Result | None:
    """The only cell of the rows meant but for one that is named: "besides A, who won in May?"."""
    match = _OTHER.search(reading.text)
    if not match or reading.asks not in ASKS_CELL:
        return None
    at = reading.place(match.end())
    left_out = [one for one in reading.conditions if at <= one.start <= at + 1]
    if len(left_out) != 1:
        return None
    sheet, column = reading.sheet, left_out[0].column
    rows = [row for row in reading.rows_without(left_out) if row not in left_out[0].rows and sheet.grid[row][column]]
    answers = tuple(dict.fromkeys(sheet.grid[row][column] for row in rows))
    if len(answers) != 1:
        return None
    sure = reading.explained([column], [*range(reading.place(match.start()), at), *range(*reading.noun)])
    columns = [*(one.column for one in reading.conditions), column]
    return Result(
        kind="other", answer=answers, text=cell_said(sheet, rows[0], column), rows=rows, columns=columns, sure=sure
    )


def find_same(reading: Reading) -> Result | None:
    """What has the same cell as the row that is named: "who had the same time as A?"."""
    match = _SAME.search(reading.text)
    if not match or reading.asks not in ASKS_CELL or len(reading.conditions) != 1:
        return None
    sheet, (one,) = reading.sheet, reading.conditions
    at = reading.place(match.end())
    column = only(reading.fitting(reading.words[at : at + 3], sheet.columns))
    if len(one.rows) != 1 or column in (None, one.column) or column is None:
        return None
    cell = sheet.grid[one.rows[0]][column]
    rows = [row for row in sheet.rows if row not in one.rows and cell and sheet.grid[row][column] == cell]
    answers = tuple(dict.fromkeys(sheet.grid[row][one.column] for row in rows))
    computed = computation("same", sheet, [*one.rows, *rows], column)
    if len(answers) != 1 or computed is None:
        return None
    sure = reading.explained([column, one.column], [*range(reading.place(match.start()), at), *range(*reading.noun)])
    text = f"{answers[0]} — {said_of(sheet, column)}{cell}, the same as {sheet.grid[one.rows[0]][one.column]}"
    return Result(
        kind="same",
        answer=answers,
        text=text,
        rows=[*one.rows, *rows],
        columns=[one.column, column],
        sure=sure,
        computed=computed,
    )
