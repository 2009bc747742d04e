"""A question and a table -> what its rows come to, or None when that is not sure."""

from __future__ import annotations

from collections.abc import Callable

from chains.answering.tables.comparing import find_bound, find_comparison, find_difference, find_frequencies
from chains.answering.tables.counting import find_amount, find_count
from chains.answering.tables.extremes import find_extreme, find_most_frequent
from chains.answering.tables.lookup import find_cell, find_other, find_same
from chains.answering.tables.ordering import find_end, find_neighbour
from chains.answering.tables.reading import Reading
from chains.answering.tables.result import Result
from chains.answering.tables.sheet import Sheet
from chains.answering.tables.understand import readings

# The first that understands the question answers it.
FINDERS: tuple[Callable[[Reading], Result | None], ...] = (
    find_other,
    find_same,
    find_bound,
    find_comparison,
    find_frequencies,
    find_difference,
    find_neighbour,
    find_extreme,
    find_most_frequent,
    find_end,
    find_amount,
    find_count,
    find_cell,
)
MIN_EXPLAINED = 0.85  # share of the question's words with meaning: of seven one may say nothing that the table knows
# Less for those that rest on a measure, or two things of one kind, named as well: that seldom comes about by chance.
MIN_OF_SEVERAL = 0.75
_OF_SEVERAL = frozenset(("difference", "which", "whether", "extreme"))


def compute_from(question: str, sheet: Sheet) -> Result | None:
    """What ``sheet`` answers; None unless all ways to understand the question come to the same."""
    if not sheet.rows:
        return None
    found = [result for one in readings(question, sheet) if (result := _first(one)) and _is_sure(result)]
    return found[0] if found and len({one.answer for one in found}) == 1 else None


def _is_sure(result: Result) -> bool:
    return result.sure >= (MIN_OF_SEVERAL if result.kind in _OF_SEVERAL else MIN_EXPLAINED)


def _first(reading: Reading) -> Result | None:
    return next((result for find in FINDERS if (result := find(reading))), None)
