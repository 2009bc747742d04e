"""What two cells differ by, for a question that compares: "From 118 to 624: up 506, or 428.8 %"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product

from records import Computation, Statement, SubAnswer, Value
from text.arithmetic import differences
from text.years import YEAR

_YEAR = re.compile(rf"(?<!\d){YEAR}(?!\d)")
_ASKS = re.compile(
    r"\b(?:chang|grow|grew|increas|decreas|declin|differ|rise|rose|fell|fall|drop|gain|more|less|fewer|higher|lower|larger|"
    r"smaller|bigger|greater|longer|shorter|better|worse|compar|than|versus|vs\b|improv)",
    re.IGNORECASE,
)


def compare(question: str, parts: Sequence[SubAnswer]) -> Statement | None:
    """The statement that compares the values of two parts; None unless both found a cell of the same measure."""
    if len(parts) != 2 or not _ASKS.search(question) or not all(part.statements for part in parts):
        return None
    pairs = [pair for pair in product(parts[0].values, parts[1].values) if _comparable(*pair)]
    if len(pairs) != 1:  # several measures: which one is meant, is not known
        return None
    (first, second), (one, other) = pairs[0], parts
    if _year(second) < _year(first):
        (first, second), (one, other) = (second, first), (other, one)
    return Statement(
        text=_said(first, second),
        citations=tuple(dict.fromkeys(n for part in (one, other) for n in part.statements[0].citations)),
        computed=Computation(operation="change", cells=(first.text, second.text)),
    )


def _comparable(first: Value, second: Value) -> bool:
    """Whether the two are one measure of two things, or of one thing at two times."""
    if ("%" in first.text) != ("%" in second.text) or first.unit != second.unit or first.place == second.place:
        return False
    if first.label != second.label:
        return first.column == second.column
    return _YEAR.sub("", first.column) == _YEAR.sub("", second.column)


def _year(value: Value) -> int:
    found = _YEAR.findall(value.column)
    return int(found[-1]) if found else 0


def _said(first: Value, second: Value) -> str:
    change, *percent = differences(first.number, second.number)
    decimals = max(len(text.partition(".")[2].rstrip("% )")) for text in (first.text, second.text))
    points = "%" in first.text
    amount = f"{abs(change):,.{decimals}f}" + (" percentage points" if points else "")
    share = "" if points or not percent else f", or {abs(percent[0]):,.1f} %"
    if first.label == second.label:
        course = "no change" if change == 0 else f"{'up' if change > 0 else 'down'} {amount}{share}"
        return f"{first.label}: from {first.text} ({first.column}) to {second.text} ({second.column}), {course}{second.unit}"
    if change == 0:
        return f"{first.label} and {second.label}: both {first.text}{first.unit}"
    more, less = (second, first) if change > 0 else (first, second)
    return (
        f"{more.label} is higher: {more.text} against {less.text} for {less.label}, a difference of {amount}{more.unit}"
    )
