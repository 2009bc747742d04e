"""A question and a table -> what its rows come to, or None when that is not sure."""

from __future__ import annotations

from functools import lru_cache

from langchain_core.embeddings import Embeddings

from chains.answering.tables.english import HELPERS
from chains.answering.tables.operations import OPERATIONS, WITHOUT_CUE
from chains.answering.tables.reading import Reading, Similarity, readings
from chains.answering.tables.result import Result
from chains.answering.tables.sheet import Sheet

MIN_EXPLAINED = 0.85  # share of the question's words with meaning: of seven one may say nothing that the table knows
# Less for those that rest on a measure, or two things of one kind, named as well: that seldom comes about by chance.
MIN_OF_SEVERAL = 0.75
_OF_SEVERAL = frozenset(("difference", "which", "whether", "extreme"))


def compute_from(question: str, sheet: Sheet, similarity: Similarity = lambda word, name: 0.0) -> Result | None:
    """Return what ``sheet`` answers; None unless all ways to understand the question come to the same."""
    if not sheet.rows:
        return None
    found = [one for reading in readings(question, sheet, similarity) if (one := _result(reading)) and _is_sure(one)]
    return found[0] if found and len({one.answer for one in found}) == 1 else None


def _is_sure(result: Result) -> bool:
    return result.sure >= (MIN_OF_SEVERAL if result.kind in _OF_SEVERAL else MIN_EXPLAINED)


def _result(reading: Reading) -> Result | None:
    """The result of the operation that the question's one cue calls for, or of the first that fits it without one."""
    cues = [cue for cue in reading.cues if cue.kind not in HELPERS]
    if len({cue.kind for cue in cues}) > 1:
        return None
    if cues:
        return OPERATIONS[cues[0].kind](reading, cues[0]) if cues[0].kind in OPERATIONS else None
    return next((result for operation in WITHOUT_CUE if (result := operation(reading))), None)
