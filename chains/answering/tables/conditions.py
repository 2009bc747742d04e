"""Conditions that a question puts on rows in numbers and dates: "more than 10 goals", "before 2000", "on 10 August"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chains.answering.tables.english import BOUNDS, CUES, OR_MORE
from chains.answering.tables.link import Mention
from chains.answering.tables.sheet import Sheet
from chains.verification.arithmetic import within
from text.values import MONTHS, SCALES, date_of, spoken_number

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


def dated(words: Sequence[str], sheet: Sheet) -> Iterator[Mention]:
    """Yield dates with a month in the question that stand in columns of dates, however each writes them."""
    for n, word in enumerate(words):
        if word not in MONTHS:
            continue
        start, end = n, n + 1
        while start and (words[start - 1] == "of" or _is_day(words[start - 1])) and n - start < 2:
            start -= 1
        while end < len(words) and end - n <= 3 and (words[end] in ("of", "in") or words[end][0].isdigit()):
            end += 1
        wanted = date_of(" ".join(words[start:end]))
        if wanted is None or not (wanted[0] or wanted[2]):
            continue
        for column in sorted(sheet.dates):
            rows = tuple(row for row in sheet.rows if _agree(date_of(sheet.grid[row][column]), wanted))
            if rows:
                yield Mention(start, end, column, rows, whole=True)


def _is_day(word: str) -> bool:
    return word[0].isdigit() and len(word) <= 4


def _agree(date: tuple[int, int, int] | None, wanted: tuple[int, int, int]) -> bool:
    """Whether a cell's date, as far as it goes, is the one that is wanted."""
    if date is None or not date[1]:
        return False
    return all(want in (0, have) or have == 0 for have, want in zip(date, wanted, strict=True))
