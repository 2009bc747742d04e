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


def _percent_change(cells: Sequence[str]) -> tuple[str, ...]:
    """From the first cell's number to the second's, with one decimal; () where the first is 0."""
    _, *percent = differences(*_pair(cells))
    return tuple(written(one) for one in percent)


def _pair(cells: Sequence[str]) -> tuple[float, float]:
    """The numbers of two cells.

    Raises:
        ValueError: there are more or fewer.
    """
    first, second = _numbers(cells)
    return first, second


def _ratio(times: float) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """The first cell's number, ``times`` that, by the second's; () where this is 0."""

    def divide(cells: Sequence[str]) -> tuple[str, ...]:
        first, second = _numbers(cells)
        return (written(times * first / second),) if second else ()

    return divide


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
    "ratio": _ratio(1.0),
    "percent": _ratio(100.0),
    "percent change": _percent_change,
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


def says(text: str, result: str) -> bool:
    """Tell whether ``result`` stands in ``text``, a number in any spelling and without its sign: "1514069" in "1,514,069
    tonnes", "-11.2" in "fell by 11.2%"."""
    number = number_of(result)
    if number is None:
        return result in text
    return abs(number) in {abs(one) for one in numbers(text)}


def within(test: str, cell: str, limit: float) -> bool | None:
    """Whether the cell's number (a date's year) is, say, "more than" ``limit``; None when it has none."""
    try:
        return TESTS[test](_numbers([cell])[0], limit)
    except ValueError:
        return None


def results(computation: Computation) -> tuple[float, ...] | None:
    """The numbers that ``computation`` comes to, computed anew; None when it does not come to what it says."""
    if computation.operation == "change":
        first, second = (numbers(cell)[0] for cell in computation.cells)
        return differences(first, second)
    if computation.operation in TESTS:
        (cell,), (limit,) = computation.cells, computation.given
        held = within(computation.operation, cell, limit)
        return () if held is not None and computation.result == ("yes" if held else "no",) else None
    found = compute(computation.operation, computation.cells)
    return tuple(numbers(" ".join(found))) if found and found == computation.result else None
