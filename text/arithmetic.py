"""What cells come to: the operations a statement may rest on, each of the cells as they stand and of nothing else.

The reader computes with these, and the check computes with them again from the cells that are cited.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Sequence

from records import Computation
from text.values import date_of, number_of, numbers


def differences(first: float, second: float) -> tuple[float, ...]:
    """How far ``second`` is from ``first``, and that in percent of ``first`` (with one decimal) unless it is 0."""
    change = round(second - first, 10)
    return (change, round(100 * change / abs(first), 1)) if first else (change,)


def written(number: float) -> str:
    """A number as it is said: "3", "2.5", "1514069", "0.333" (no more than three decimals)."""
    return f"{number:.3f}".rstrip("0").rstrip(".")


def amounts(cells: Sequence[str]) -> list[float] | None:
    """What the cells are compared by: days where all are dates, else their numbers; None when one is neither."""
    dates = [date_of(cell) for cell in cells]
    if all(dates):
        return [year * 10_000.0 + month * 100 + day for year, month, day in filter(None, dates)]
    found = [number for cell in cells if (number := number_of(cell)) is not None]
    return found if len(found) == len(cells) else None


def _sum(cells: Sequence[str]) -> tuple[str, ...]:
    return (written(sum(_numbers(cells))),)


def _average(cells: Sequence[str]) -> tuple[str, ...]:
    return (written(sum(_numbers(cells)) / len(cells)),)


def _difference(cells: Sequence[str]) -> tuple[str, ...]:
    first, second = _numbers(cells)
    return (written(abs(first - second)),)


def _numbers(cells: Sequence[str]) -> list[float]:
    """The cells' numbers, of dates the years.

    Raises:
        ValueError: one is no number.
    """
    found = []
    for cell in cells:
        number, date = number_of(cell), date_of(cell)
        if number is None and (date is None or not date[0]):
            raise ValueError(f"{cell!r} is no number.")
        found.append(number if number is not None else float(date[0]) if date else 0.0)
    return found


def _extreme(choose: Callable[[list[float]], float]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    def find(cells: Sequence[str]) -> tuple[str, ...]:
        values = amounts(cells)
        return (cells[values.index(choose(values))],) if values else ()

    return find


def _most_often(cells: Sequence[str]) -> tuple[str, ...]:
    (cell, number), *others = Counter(cells).most_common(2)
    return () if others and others[0][1] == number else (cell, str(number))


def _least_often(cells: Sequence[str]) -> tuple[str, ...]:
    *others, (cell, number) = Counter(cells).most_common()
    return () if others and others[-1][1] == number else (cell, str(number))


TESTS: dict[str, Callable[[float, float], bool]] = {
    "more than": operator.gt,
    "less than": operator.lt,
    "at least": operator.ge,
    "at most": operator.le,
}
OPERATIONS: dict[str, Callable[[Sequence[str]], tuple[str, ...]]] = {
    "count": lambda cells: (str(len(cells)),),
    "different": lambda cells: (str(len(set(cells))),),
    "sum": _sum,
    "average": _average,
    "difference": _difference,
    "highest": _extreme(max),
    "lowest": _extreme(min),
    "most often": _most_often,
    "least often": _least_often,
    "first": lambda cells: (cells[0],),
    "last": lambda cells: (cells[-1],),
    "same": lambda cells: (cells[0],) if len(set(cells)) == 1 else (),
}


def compute(operation: str, cells: Sequence[str]) -> tuple[str, ...]:
    """What ``operation`` makes of ``cells``; () when they do not allow it."""
    try:
        return OPERATIONS[operation](tuple(cells)) if cells else ()
    except ValueError:
        return ()


def within(test: str, cell: str, limit: float) -> bool | None:
    """Whether the cell's number (a date's year) is, say, "more than" ``limit``; None when it has none."""
    try:
        return TESTS[test](_numbers([cell])[0], limit)
    except ValueError:
        return None


def fraction(cells: Sequence[str], over: Sequence[float], under: Sequence[float]) -> float | None:
    """The cells' numbers times ``over``, summed, by the same with ``under``; the sum itself where ``under`` is all 0. None
    where a cell is no number or has no weight, or what is divided by is not above 0."""
    try:
        values = _numbers(cells)
        above, below = (
            sum(value * weight for value, weight in zip(values, weights, strict=True)) for weights in (over, under)
        )
    except ValueError:
        return None
    if not any(under):
        return above
    return above / below if below > 0 else None


def said(value: float, decimals: int, *, percent: bool = False) -> str:
    """A number rounded: "1,902,216", "0.69", "24.7 %"."""
    return f"{100 * value:,.{decimals}f} %" if percent else f"{value:,.{decimals}f}"


def _of_fractions(computation: Computation) -> float | None:
    """The fraction, or by how much the first of two is more than the second."""
    pairs = list(zip(computation.weights[::2], computation.weights[1::2], strict=False))
    values = [fraction(computation.cells, over, under) for over, under in pairs]
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return None
    return known[0] if len(known) == 1 else known[0] - known[1]


def _is_said(value: float, text: str) -> bool:
    """Whether ``text`` is ``value`` rounded: "24.7 %"; or its size after "up" or "down"."""
    number = text.removeprefix("up ").removeprefix("down ")
    if number != text:
        value = -value if text.startswith("down ") else value
        if value < 0:
            return False
    decimals = len(number.removesuffix("%").strip().partition(".")[2])
    return number == said(value, decimals, percent=number.endswith("%"))


def results(computation: Computation) -> tuple[float, ...] | None:
    """The numbers that ``computation`` comes to, computed anew; None when it does not come to what it says."""
    if computation.operation == "change":
        first, second = (numbers(cell)[0] for cell in computation.cells)
        return differences(first, second)
    if computation.operation == "fraction":
        value = _of_fractions(computation)
        if value is None or not computation.result or not all(_is_said(value, text) for text in computation.result):
            return None
        return tuple(numbers(" ".join(computation.result)))
    if computation.operation in TESTS:
        (cell,), (limit,) = computation.cells, computation.given
        held = within(computation.operation, cell, limit)
        return () if held is not None and computation.result == ("yes" if held else "no",) else None
    found = compute(computation.operation, computation.cells)
    return tuple(numbers(" ".join(found))) if found and found == computation.result else None
