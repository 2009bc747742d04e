"""Years and quarters in texts."""

from __future__ import annotations

import re
from dataclasses import dataclass

YEAR = r"(?:19|20)\d\d"  # the pattern of a year in prose, to be put into others
HISTORIC_YEAR = r"(?:1\d|20)\d\d"  # in tables and dates, where an amount is not mistaken for one
_YEAR = re.compile(rf"(?<![\d.,]){YEAR}(?![\d%]|[.,]\d)")
_COPYRIGHT = re.compile(r"(?:©|\(c\)|\bcopyright\b)[^\n]{0,40}", re.IGNORECASE)
_QUARTER = re.compile(
    r"(?<![A-Za-z])Q([1-4])(?!\d)|(?<!\d)([1-4])Q(?![A-Za-z])|\b(first|second|third|fourth)[ -]quarter", re.I
)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
YEAR_MATCHES, LATEST_YEAR, YEAR_MISSES = 0.75, 1.5, -0.5
QUARTER_MATCHES, QUARTER_MISSES, NO_QUARTER = 1.0, -1.0, -0.3


def years_in(text: str) -> frozenset[int]:
    """Return the years that ``text`` names, from 1900 to 2099, those of a copyright notice left out."""
    return frozenset(int(match.group()) for match in _YEAR.finditer(_COPYRIGHT.sub(" ", text)))


def is_year(word: str) -> bool:
    """Tell whether ``word`` is a year and nothing else."""
    return bool(re.fullmatch(YEAR, word))


@dataclass(frozen=True)
class Periods:
    """Years and quarters that a text names."""

    years: frozenset[int] = frozenset()
    quarters: frozenset[int] = frozenset()

    @classmethod
    def of(cls, text: str) -> Periods:
        """Return the periods in ``text``: "FY2023", "Q2 of 2024", "2024Q2", "second quarter"."""
        quarters = [next(filter(None, match.groups())).lower() for match in _QUARTER.finditer(text)]
        return cls(
            frozenset(int(match.group()) for match in _YEAR.finditer(text)),
            frozenset(_ORDINALS.get(one) or int(one) for one in quarters),
        )

    def fit(self, asked: Periods) -> float:
        """Return how well a source of these periods suits a question that asks about ``asked``."""
        fit = 0.0
        if self.years and asked.years:
            # a report of a year is the one to ask about it; that of the year after mentions it
            fit += LATEST_YEAR if max(asked.years) in self.years else 0.0
            fit += YEAR_MATCHES if self.years & asked.years and max(asked.years) not in self.years else 0.0
            fit += YEAR_MISSES if not self.years & asked.years else 0.0
        if self.quarters:
            fit += QUARTER_MATCHES if self.quarters & asked.quarters else QUARTER_MISSES
        elif asked.quarters:
            fit += NO_QUARTER
        return fit
