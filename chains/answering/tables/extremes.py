"""The row with the highest or lowest value, and the cell that stands in most rows."""

from __future__ import annotations

import re
from collections import Counter

from chains.answering.tables.conditions import RANKS, first_date
from chains.answering.tables.lookup import only, target
from chains.answering.tables.reading import Reading
from chains.answering.tables.result import Result, computation, said_of
from text.values import family

_MOST = re.compile(
    r"\b(?:highest|largest|most|maximum|max|biggest|greatest|longest|tallest|oldest|heaviest|best|top|latest|newest|"
    r"farthest|furthest)\b"
)
_LEAST = re.compile(r"\b(?:lowest|smallest|least|minimum|min|fewest|shortest|worst|earliest|youngest|lightest)\b")
_IN_TIME = frozenset("latest newest earliest".split())
_OF_RANKS = frozenset("best top worst highest lowest".split())  # the best rank is the lowest number
_OF_ROWS = frozenset("most least fewest highest largest".split())
# What an adjective without a noun measures: "the tallest building" is that of the greatest height.
MEASURES = {
    adjective: family(measure)
    for measure, adjectives in {
        "height": "highest higher tallest taller",
        "length": "longest longer shortest shorter",
        "area": "largest larger biggest bigger smallest smaller",
        "age": "oldest older youngest younger",
        "weight": "heaviest heavier lightest lighter",
    }.items()
    for adjective in adjectives.split()
}
_OTHERWISE = re.compile(
    r"\b(?:not|no|never|without|except|excluding|besides|other than|difference|consecutive|second|third|next|after|before|"
    r"at most|at least|how many times|top \d+|top (?:two|three|four|five|ten))\b|n't\b"
)
_AMOUNT = frozenset(family(word) for word in "number amount total".split())
_ENDS = frozenset(
    "in on at of for by with from to and that who which is was were are did does do has have had the a an listed".split()
)


def _superlative(reading: Reading) -> tuple[int, str, bool] | None:
    """The place of the one superlative, the word itself, and whether it asks for the most."""
    most, least = list(_MOST.finditer(reading.text)), list(_LEAST.finditer(reading.text))
    if len(most) + len(least) != 1 or _OTHERWISE.search(reading.text) or reading.asks == "whether":
        return None
    match = (most or least)[0]
    return reading.place(match.start()), match.group(), bool(most)


def _behind(reading: Reading, start: int, limit: int = 5) -> tuple[list[str], int]:
    """The words behind the superlative up to a preposition or verb, and how many there were; "the most number of wins"
    goes on behind "of"."""
    found: list[str] = []
    for n in range(start, min(start + limit, len(reading.words))):
        word = reading.text[slice(*reading.spans[n])]
        if (
            word in _ENDS
            and not (word == "of" and found and found[-1] in _AMOUNT)
            and (found or word not in ("the", "a"))
        ):
            break
        if word not in _ENDS:
            found.append(reading.words[n])
    return [word for word in found if word not in _AMOUNT], len(found)


def find_extreme(reading: Reading) -> Result | None:
    """The asked cell of the row with the largest or smallest number (date), or that number itself."""
    found = _superlative(reading)
    if found is None:
        return None
    at, word, most = found
    sheet = reading.sheet
    words, length = _behind(reading, at + 1)
    if word in _IN_TIME or (word == "most" and words[:1] == ["recent"]):
        column, used = first_date(sheet), [at, at + 1]
    else:
        column, used = _measure(reading, word, words), list(range(at, at + 1 + length))
    if column is None or any(one.column == column for one in reading.conditions):
        return None
    values = {row: value for row in reading.rows if (value := sheet.value(row, column)) is not None}
    most ^= word in _OF_RANKS and bool(sheet.headers[column] & RANKS)
    computed = computation("highest" if most else "lowest", sheet, values, column)
    if len(values) < 2 or computed is None:
        return None
    extreme = (max if most else min)(values.values())
    winners = [row for row, value in values.items() if value == extreme]
    asked = target(reading)
    # "what is the highest price" asks for the price, "which has the highest price" does not
    itself = at == reading.noun[0] and reading.asks == "which" and words and reading.fitting(words, [column])
    if reading.asks in ("count", "much") or itself or asked == column:
        asked = column
    if asked is None or len({sheet.grid[row][asked] for row in winners}) != 1:
        return None
    answer = sheet.grid[winners[0]][asked]
    name = answer if asked != column else sheet.label(winners[0])
    return Result(
        kind="extreme",
        answer=(answer,),
        text=f"{name} — {said_of(sheet, column)}{sheet.grid[winners[0]][column]} ({word} of those listed)",
        rows=tuple(values),
        columns=[asked, column],
        sure=reading.explained([column, asked], [*used, *range(*reading.noun)]),
        computed=computed,
    )


def _measure(reading: Reading, word: str, words: list[str]) -> int | None:
    sheet = reading.sheet
    columns = sheet.numeric | {col for col in sheet.columns if sheet.headers[col] & RANKS}
    found = reading.fitting(words, columns) if words else []
    if not found and word in MEASURES:
        found = reading.fitting([MEASURES[word]], sheet.numeric)
    if len(found) > 1:  # "the output in 2025": what else the question says decides
        found = reading.fitting([one for one in reading.words if one[:1].isdigit()], found)
    return only(found)


def find_most_frequent(reading: Reading) -> Result | None:
    """The cell that stands in most (fewest) rows: "which village had the most winners?"."""
    found = _superlative(reading)
    if found is None or reading.asks not in ("which", "who"):
        return None
    at, word, most = found
    sheet, column = reading.sheet, target(reading)
    words, length = _behind(reading, at + 1)
    if word not in _OF_ROWS or column is None or column in sheet.numeric or reading.fitting(words, sheet.numeric):
        return None
    rows = [row for row in reading.rows if sheet.grid[row][column]]
    counts = Counter(sheet.grid[row][column] for row in rows)
    computed = computation("most often" if most else "least often", sheet, rows, column)
    if len(counts) < 2 or len(counts) > 0.9 * len(rows) or computed is None:
        return None
    cell, number = computed.result
    return Result(
        kind="most often",
        answer=(cell,),
        text=f"{cell} — in {number} rows, {computed.operation} in {said_of(sheet, column).rstrip(': ')}",
        rows=rows,
        columns=[column],
        sure=reading.explained([column], [*range(at, at + 1 + length), *range(*reading.noun)]),
        computed=computed,
    )
