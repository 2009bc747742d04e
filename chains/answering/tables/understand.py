"""A question against a table: the ways to understand it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, product

from chains.answering.tables.conditions import Bound, bounded_column, bounded_rows, bounds, dated
from chains.answering.tables.link import Mention, mentions, names_column
from chains.answering.tables.reading import EMPTY, SMALL, Condition, Reading
from chains.answering.tables.sheet import Sheet
from text.units import measured_otherwise

MAX_READINGS = 6  # of words that stand in several columns


def readings(question: str, sheet: Sheet) -> Iterator[Reading]:
    """All ways to understand ``question``: one for each choice of columns for words that stand in several."""
    text = " ".join(question.lower().replace("’", "'").split())
    bare = Reading(text, sheet)
    fixed, taken = _bounded(bare)
    options: list[list[Condition]] = []
    found = [*dated(text, sheet, bare.place), *(one for one in mentions(bare.words, sheet) if _telling(one, bare))]
    for one in found:
        span = set(range(one.start, one.end))
        if span & taken:
            continue
        same = [other for other in found if (other.start, other.end) == (one.start, one.end)]
        whole = [other for other in same if other.whole] or same
        options.append([Condition(other.column, other.rows, other.start, other.end, other.whole) for other in whole])
        taken |= span
    for chosen in islice(product(*options), MAX_READINGS):
        yield replace(bare, conditions=(*fixed, *chosen))


def _asked(text: str, bound: Bound) -> str:
    """The bound with the word behind it, which may be its unit."""
    behind = text[bound.end :].split()
    return " ".join([text[bound.start : bound.end], *behind[:1]])


def _bounded(bare: Reading) -> tuple[list[Condition], set[int]]:
    conditions, taken = [], set()
    for bound in bounds(bare.text):
        start, end = bare.place(bound.start), bare.place(bound.end)
        column = bounded_column(bound, list(reversed(bare.words[:start])), list(bare.words[end:]), bare.sheet)
        if column is not None and measured_otherwise(_asked(bare.text, bound), bare.sheet.says_of(column)):
            continue
        taken |= set(range(start, end))
        if column is not None:
            rows = bounded_rows(bound, column, bare.sheet)
            conditions.append(Condition(column, rows, start, end, bound=bound))
    return conditions, taken


def _telling(one: Mention, bare: Reading) -> bool:
    """Whether the words mean the cells, not a column or nothing in particular."""
    words = bare.words[one.start : one.end]
    if one.length > 1:
        if not one.whole and bare.sheet.about.issuperset(words) and one.column not in bare.sheet.dates:
            return False
        return not all(word in EMPTY or word in SMALL for word in words)
    word = words[0]
    if word in EMPTY or word in SMALL or (len(word) < 2 and not one.whole):
        return False
    if word[0].isdigit() and not one.whole and one.column not in bare.sheet.dates:
        return False
    if not one.whole and word in bare.sheet.about and one.column not in bare.sheet.dates:
        return False
    if any(names_column(word, head) for head in bare.sheet.headers) and not word[0].isdigit():
        return False
    return one.whole or len(word) > 2
