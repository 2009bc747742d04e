"""Conditions that a question puts on rows in numbers and years: "more than 10 goals", "before 2000"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from text.arithmetic import within
from text.english.table_words import BOUNDS, CUES, OR_MORE
from text.sheet import Sheet
from text.values import SCALES, spoken_number

_DECADE = re.compile(r"(1\d|20)\d0s")
_SKIPPED = frozenset(("the", "year", "years", "a", "an"))  # between a bound and its number
_TO = frozenset(("and", "to", "through", "until"))


@dataclass(frozen=True)
class Bound:
    """Words ``[start, end)`` of the question that bound a number."""

    start: int
    end: int
    tests: tuple[tuple[str, float], ...]  # ("more than", 5.0)

    @property
    def is_of_years(self) -> bool:
        """Whether its numbers can be years."""
        return all(1000 <= number < 2100 and number == int(number) for _, number in self.tests)

    def rows(self, column: int, sheet: Sheet) -> tuple[int, ...]:
        """Return the rows whose number (year) in ``column`` is within the bound."""
        return tuple(
            row for row in sheet.rows if all(within(test, sheet.grid[row][column], limit) for test, limit in self.tests)
        )


def bounds(words: Sequence[str]) -> list[Bound]:
    """Return the bounds that a question's words, in lower case, state."""
    found: list[Bound] = []
    for n, word in enumerate(words):
        if found and n < found[-1].end:
            continue
        if _DECADE.fullmatch(word):
            low = float(word[:4])
            found.append(Bound(n, n + 1, (("at least", low), ("at most", low + 9))))
        elif (bound := _bound(words, n)) is not None:
            found.append(bound)
    return found


def _bound(words: Sequence[str], n: int) -> Bound | None:
    """The bound whose (first) number is the nth word."""
    number, end = _number(words, n)
    if number is None:
        return None
    start = n
    while start and words[start - 1] in _SKIPPED:
        start -= 1
    if start and words[start - 1] in ("between", "from"):
        high, last = _number(words, end + (words[end : end + 1] != [] and words[end] in _TO))
        return None if high is None else Bound(start - 1, last, (("at least", number), ("at most", high)))
    if words[end : end + 1] == ["or"] and (kind := CUES.get(tuple(words[end + 1 : end + 2]))) in OR_MORE:
        return Bound(n, end + 2, ((OR_MORE[kind], number),))
    for length in (3, 2, 1):
        if length <= start and (test := BOUNDS.get(tuple(words[start - length : start]))):
            return Bound(start - length, end, ((test, number),))
    return None


def _number(words: Sequence[str], n: int) -> tuple[float | None, int]:
    """The number that the nth word begins, and the word behind it: (2000000, n + 2) of "2 million"."""
    number = spoken_number(words[n]) if n < len(words) else None
    if number is not None and n + 1 < len(words) and words[n + 1] in SCALES:
        return number * SCALES[words[n + 1]], n + 2
    return number, n + 1
