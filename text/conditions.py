"""Filters as people write them, such as ``date>=2024 author=Kim tag!=draft``, and whether fields fulfil them.

condition   a field, an operator and a value, without blanks between; conditions stand between blanks, and all must hold
operators   =  all words of the value stand in the field's     !=  they do not
            ~  the value is a part of the field's text         < <= > >=  as dates, versions and numbers compare
value       a word, several in quotation marks, or several values of which one is enough: author=Kim|Lee
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from errors import FilterError

EXAMPLE = 'date>=2024 author=Kim title~"annual report"'
_OPERATORS = "!=|>=|<=|=|<|>|~"
_VALUE = r'(?:"[^"]*"|[^\s"|=<>~!][^\s"|]*)'
_CONDITION = re.compile(rf"(?P<field>[^\W\d][\w-]*)\s*(?P<operator>{_OPERATORS})\s*(?P<value>{_VALUE}(?:\|{_VALUE})*)")
_BETWEEN = re.compile(r"(?:\s|,|;|\band\b)*", re.IGNORECASE)
_WORD = re.compile(r"\w+(?:[.-]\w+)*")
_DATE = re.compile(r"\d{4}(?:-\d\d){0,2}")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Condition:
    """What one field has to be."""

    field: str  # in small letters
    operator: str
    values: tuple[str, ...]  # one of which is enough

    def __str__(self) -> str:
        said = "|".join(f'"{value}"' if re.search(r"[\s|]", value) else value for value in self.values)
        return f"{self.field}{self.operator}{said}"

    def holds(self, values: Sequence[str]) -> bool:
        """Tell whether one of a field's ``values`` fulfils it, or with != whether none is what it names."""
        if self.operator == "!=":
            return not any(_is(value, asked) for value in values for asked in self.values)
        version = self.field == "version"
        return any(_compares(value, self.operator, asked, version=version) for value in values for asked in self.values)


def conditions_in(text: str) -> tuple[Condition, ...]:
    """Return the conditions in ``text``; none in an empty one.

    >>> [str(one) for one in conditions_in("date >= 2024 and author=Kim|Lee")]
    ['date>=2024', 'author=Kim|Lee']

    Raises:
        FilterError: a part of it is no condition.
    """
    found = []
    at = _end_of_gap(text, 0)
    while at < len(text):
        match = _CONDITION.match(text, at)
        if match is None:
            raise FilterError(
                f"“{text[at : at + 60].strip()}” is no condition. Write a field, one of = != < <= > >= ~ and a value, e.g. "
                f"{EXAMPLE}"
            )
        values = tuple(value.strip('"').strip() for value in re.findall(_VALUE, match["value"]))
        if not all(values):
            raise FilterError(f"{match.group()} names no value. Write e.g. {match['field']}=Kim")
        found.append(Condition(match["field"].lower(), match["operator"], values))
        at = _end_of_gap(text, match.end())
    return tuple(found)


def fulfils(fields: Mapping[str, Sequence[str]], conditions: Sequence[Condition]) -> bool:
    """Tell whether ``fields``, by their names in small letters, fulfil all ``conditions``."""
    return all(one.holds(fields.get(one.field, ())) for one in conditions)


def sort_key(value: str) -> tuple[int, ...]:
    """Return the numbers in a version, a date or a number, by which such values stand in order.

    >>> sort_key("2.10") > sort_key("2.9"), sort_key("rev 3")
    (True, (3,))
    """
    return tuple(int(number) for number in re.findall(r"\d+", value))


def _end_of_gap(text: str, at: int) -> int:
    gap = _BETWEEN.match(text, at)
    return gap.end() if gap else at


def _is(value: str, asked: str) -> bool:
    if _DATE.fullmatch(asked) and _DATE.match(value):
        return value.startswith(asked)  # a year is each of its days
    words = _WORD.findall(value.casefold())
    return value.casefold() == asked.casefold() or set(_WORD.findall(asked.casefold())) <= set(words) != set()


def _compares(value: str, operator: str, asked: str, *, version: bool) -> bool:
    if operator == "=":
        return _is(value, asked)
    if operator == "~":
        return asked.casefold() in value.casefold()
    order = _order(value, asked, version=version)
    return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[operator]


def _order(value: str, asked: str, *, version: bool) -> int:
    """-1, 0 or 1 as ``value`` stands before, at or after ``asked``: a date as exactly as it is asked for, a version by its
    parts, else numbers, else words."""
    if version:
        length = max(len(sort_key(value)), len(sort_key(asked)))
        return _sign(_padded(sort_key(value), length), _padded(sort_key(asked), length))
    if _DATE.fullmatch(asked) and _DATE.match(value):
        return _sign(sort_key(value[:10])[: asked.count("-") + 1], sort_key(asked))
    if _NUMBER.fullmatch(asked) and _NUMBER.fullmatch(value):
        return _sign((float(value),), (float(asked),))
    return (value.casefold() > asked.casefold()) - (value.casefold() < asked.casefold())


def _sign(left: tuple[float, ...], right: tuple[float, ...]) -> int:
    return (left > right) - (left < right)


def _padded(numbers: tuple[int, ...], length: int) -> tuple[int, ...]:
    return (*numbers, *(0 for _ in range(length - len(numbers))))
