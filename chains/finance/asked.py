"""A question for a ratio, understood whole: which, of which years, how rounded, and which words are left to name a company.

What a question says beside that ("of the cloud business", "excluding leases", "under the credit facility", "which year")
makes another question of it. So every word has to be accounted for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chains.finance.items import ITEMS
from chains.finance.metrics import Metric, items_of, metric_in
from chains.tables.values import MONTHS, NUMBER_WORDS
from chains.years import years_in
from language import words

_SHORT_YEAR = re.compile(r"\bFY\s?['’]?(\d\d)(?!\d)", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=\?)\s*|(?<=[.!])\s+(?=[A-Z])")
_OWN_DEFINITION = re.compile(  # anywhere in the question: then the textbook's is not asked for
    r"\b(?:defined|defining|taking|adding back|excluding|including|without|instead of|rather than|adjusted|non-gaap|"
    r"numerator|denominator)\b",
    re.IGNORECASE,
)
_DATE = re.compile(rf"\b({'|'.join(MONTHS)})\b\.?(?:\s+\d{{1,2}}\b)?(?:,|\s+of)?", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:FY|CY)?\s?['’]?(?:19|20)\d\d\b", re.IGNORECASE)
_PERIOD = re.compile(
    r"\b(?:years?|periods?)\s+(?:that\s+)?(?:ended|ending|ends?)\b|"
    r"\b(?:year[\s-]end|(?:at|by|as of)\s+(?:the\s+)?end\s+of)\b",
    re.IGNORECASE,
)
_STATEMENT = re.compile(
    r"\b(?:statements? of (?:income|operations|earnings|cash flows?|financial position)|balance sheets?|"
    r"(?:income|cash flow) statements?)\b",
    re.IGNORECASE,
)
_DECIMALS = re.compile(rf"\b(\d|{'|'.join(NUMBER_WORDS)})[\s-](?=decimals?\b)", re.IGNORECASE)
_PERCENT = re.compile(r"percent|%", re.IGNORECASE)
_SHARE = re.compile(r"\b\d+(?:\.\d+)?\s?%")
_COURSE = (
    "change changes changed changing improve improves improved improving improvement decline declines declined declining "
    "increase increases increased increasing decrease decreases decreased decreasing grow grows grew grown growing rise "
    "rises rose risen rising fall falls fell fallen falling fluctuate fluctuating deteriorate deteriorated trend trends "
    "consistent consistently historically"
).split()
_PLAIN = frozenset(  # words that say nothing of what is asked for
    """a an the of for in on at as by to from and or with is was were are be been has have had did does do what how much many
    it its their his her this that there here us we our you your i me can could please tell give show find get want
    calculate calculated compute computed determine question answer answers answered round rounded rounding express
    expressed decimal decimals place places digit digits unit units terms term percent percentage percentages % points
    point ratio ratios metric metrics margin rate number value figure amount usd dollars dollar million millions thousand
    thousands billion billions company company's firm business total overall consolidated annual yearly fiscal financial
    year years fy cy latest newest recent most respectively between compare compared comparing comparison difference differ
    versus vs than higher lower more less not over time historical stable profile healthy reasonable reasonably good strong
    weak positive negative high low liquidity profitability profitable based using unadjusted each roughly
    approximately""".split()
    + _COURSE
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a question for a ratio says."""

    metric: Metric
    years: tuple[int, ...]  # in order; () for the newest
    months: frozenset[str]  # three letters each, of dates that it names
    course: bool  # it asks how the metric went
    percent: bool
    decimals: int | None
    names: tuple[str, ...]  # words that must be the company's name


def asked_in(question: str) -> Asked | None:
    """``question`` as one for a ratio; None when it names none, or defines it itself. It is asked of a company only if all
    its ``names`` are that company's."""
    question = _SHORT_YEAR.sub(r"FY20\1", question)
    if _OWN_DEFINITION.search(question):
        return None
    naming = ((sentence, found) for sentence in _SENTENCE.split(question) if (found := metric_in(sentence)))
    sentence, found = next(naming, ("", None))
    if found is None:
        return None
    metric, named = found
    percent = _PERCENT.search(question) is not None
    if percent and not metric.under:
        return None  # of what, or by how much it changed
    rest = named.sub(" ", sentence)
    months = frozenset(match[1][:3].lower() for match in _DATE.finditer(rest))
    years = tuple(sorted(years_in(rest)))
    decimals = _DECIMALS.search(question)
    for known in (_STATEMENT, _PERIOD, _DATE, _YEAR, _DECIMALS, _SHARE, *_spoken(metric)):
        rest = known.sub(" ", rest)
    left = words(rest)
    return Asked(
        metric=metric,
        years=years,
        months=months,
        course=any(word in _COURSE for word in left),
        percent=percent,
        decimals=_count(decimals[1]) if decimals else None,
        names=tuple(dict.fromkeys(word for word in left if word not in _PLAIN)),
    )


def _spoken(metric: Metric) -> list[re.Pattern[str]]:
    """How the items of a metric are called: a question may say what it is made of."""
    names = items_of(metric)
    return [re.compile(rf"(?<!\w)(?:{ITEMS[name].spoken})(?!\w)", re.IGNORECASE) for name in sorted(names)]


def _count(word: str) -> int:
    return int(word) if word.isdigit() else NUMBER_WORDS[word.lower()]
