"""Conditions that a question puts on rows in numbers and dates: "more than 10 goals", "before 2000", "on 10 August"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chains.answering.tables.link import Mention, names_column, synonymous
from chains.answering.tables.sheet import Sheet
from text.arithmetic import within
from text.values import MONTHS, NUMBER_WORDS, date_of, family
from text.years import HISTORIC_YEAR

SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9}
_MORE = (
    r"(?:more|greater|higher|larger|bigger|longer|later|better|taller|older|over)\s+than|above|over|exceed(?:s|ed|ing)?"
    r"|after"
)
_LESS = r"(?:less|fewer|lower|smaller|shorter|earlier|younger|under)\s+than|below|under|before|prior\s+to"
_AT_LEAST = r"at\s+least|no\s+(?:less|fewer)\s+than|a\s+minimum\s+of|since|starting\s+in"
_AT_MOST = r"at\s+most|no\s+more\s+than|up\s+to|a\s+maximum\s+of|until"
_NUMBER = rf"(?:[$€£#]?\d[\d,]*(?:\.\d+)?(?:\s+(?:{'|'.join(SCALES)}))?|{'|'.join(NUMBER_WORDS)})"
_EITHER = r"(?:(?:more|higher|greater|above|over)\s+or\s+)?"
_BOUND = re.compile(
    rf"\b{_EITHER}(?:(?P<gt>{_MORE})|(?P<lt>{_LESS})|(?P<ge>{_AT_LEAST})|(?P<le>{_AT_MOST}))\s+(?:the\s+year\s+|an?\s+)?(?P<n>{_NUMBER})\b"
    rf"(?!\s*[-–]\s*\d)"
)
_OR_MORE = re.compile(
    rf"(?<![\w.,])(?P<n>{_NUMBER})\s+or\s+(?:(?P<ge>more|higher|greater|above|better|over|longer)|(?P<le>less|fewer|lower|below|under))\b"
)
_BETWEEN = re.compile(
    rf"\b(?:between|from)\s+(?:the\s+years?\s+(?:of\s+)?)?(?P<low>{_NUMBER})\s*(?:and|to|-|–|through|until)\s*(?P<high>{_NUMBER})\b"
)
_DATE = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<month>{'|'.join(MONTHS)})\b\.?(?:\s+(?P<after>\d{{1,2}})(?:st|nd|rd|th)?(?!\d))?"
    rf"(?:\s*,?\s*(?:of\s+|in\s+)?(?P<year>{HISTORIC_YEAR}))?"
)
_DECADE = re.compile(r"\b(?P<low>(?:1\d|20)\d0)'?s\b")
_IN_TIME = re.compile(r"before|after|prior|since|until|starting|earlier|later")
_NAMES = {"gt": "more than", "lt": "less than", "ge": "at least", "le": "at most"}
RANKS = frozenset(family(word) for word in "rank ranking position place pos standing".split())  # less is better
NEAR = 4  # words before or behind a bound within which its column is named


@dataclass(frozen=True)
class Bound:
    """Characters ``[start, end)`` of the question that bound a number."""

    start: int
    end: int
    tests: tuple[tuple[str, float], ...]  # ("more than", 5.0)
    in_time: bool = False  # "before 1998": not "above 1998"


def bounds(text: str) -> list[Bound]:
    """The bounds that a question in lower case states."""
    found: list[Bound] = []
    for match in _BETWEEN.finditer(text):
        found.append(
            Bound(*match.span(), (("at least", _value(match["low"])), ("at most", _value(match["high"]))), True)
        )
    for match in _DECADE.finditer(text):
        low = float(match["low"])
        found.append(Bound(*match.span(), (("at least", low), ("at most", low + 9)), True))
    for pattern in (_OR_MORE, _BOUND):
        for match in pattern.finditer(text):
            name = next(name for key, name in _NAMES.items() if key in match.groupdict() and match[key])
            if all(match.end() <= one.start or match.start() >= one.end for one in found):
                in_time = bool(_IN_TIME.match(match.group()))
                found.append(Bound(*match.span(), ((name, _value(match["n"])),), in_time))
    return found


def _value(text: str) -> float:
    if text in NUMBER_WORDS:
        return float(NUMBER_WORDS[text])
    return float(re.sub(r"[^\d.]", "", text)) * SCALES.get(text.split()[-1], 1)


def is_year(number: float) -> bool:
    """Whether a number can be a year."""
    return 1000 <= number < 2100 and number == int(number)


def bounded_column(bound: Bound, before: list[str], behind: list[str], sheet: Sheet) -> int | None:
    """The column that a bound is about: dates for years, else the numbers named nearest; None when that is not sure.

    Args:
        bound: the bound.
        before: the words before it, as families, nearest first.
        behind: the words behind it, nearest first.
        sheet: the table.
    """
    years = all(is_year(number) for _, number in bound.tests) and bool(sheet.dates)
    if years and bound.in_time:
        return first_date(sheet)
    columns = sorted(col for col in sheet.numeric if not sheet.headers[col] & RANKS)
    for named in (names_column, synonymous):
        for word in [*behind[:2], *before[:NEAR], *behind[2:NEAR]]:
            fitting = [col for col in columns if named(word, sheet.headers[col])]
            if len(fitting) == 1:
                return fitting[0]
    return first_date(sheet) if years else None


def first_date(sheet: Sheet) -> int | None:
    """The column of dates that a year is looked up in: the only one, or the one the others end."""
    return min(sheet.dates, default=None)


def bounded_rows(bound: Bound, column: int, sheet: Sheet) -> tuple[int, ...]:
    """The rows whose number (year) in ``column`` is within the bound."""
    found = []
    for row in sheet.rows:
        cell = sheet.grid[row][column]
        if all(within(name, cell, limit) for name, limit in bound.tests):
            found.append(row)
    return tuple(found)


def dated(text: str, sheet: Sheet, place: Callable[[int], int]) -> Iterator[Mention]:
    """Dates with a month in the question that stand in columns of dates, however each writes them.

    Args:
        text: the question in lower case.
        sheet: the table.
        place: the number of the first word that begins at or behind a character.
    """
    for match in _DATE.finditer(text):
        day = int(match["day"] or match["after"] or 0)
        wanted = (int(match["year"] or 0), MONTHS[match["month"]], day)
        for column in sorted(sheet.dates):
            rows = [row for row in sheet.rows if _within(date_of(sheet.grid[row][column]), wanted)]
            if rows and (day or wanted[0]):
                yield Mention(place(match.start()), place(match.end()), column, tuple(rows), whole=True)


def _within(date: tuple[int, int, int] | None, wanted: tuple[int, int, int]) -> bool:
    if date is None or not date[1]:
        return False
    return all(want in (0, have) or have == 0 for have, want in zip(date, wanted, strict=True))
