"""A question and a table -> what its rows come to, or None when that is not sure."""

from __future__ import annotations

from dataclasses import replace

from chains.answering.tables.operations import OPERATIONS, WITHOUT_CUE, Result
from chains.answering.tables.reading import Reading, readings, understand
from models.similarity import Embeds, Similarity
from text.english.table_words import HELPERS
from text.sheet import Sheet

MIN_EXPLAINED = 0.85  # share of the question's words with meaning: of seven one may say nothing that the table knows
# Less for those that rest on a measure, or two things of one kind, named as well: that seldom comes about by chance.
MIN_OF_SEVERAL = 0.75
_OF_SEVERAL = frozenset(("difference", "which", "whether", "extreme"))


def compute_from(question: str, sheet: Sheet, embedder: Embeds | None = None) -> Result | None:
    """Return what ``sheet`` answers; None unless all ways to understand the question come to the same.

    Args:
        question: in English; others are not understood.
        sheet: the table.
        embedder: tells that "stadium" asks for the column "Venue"; without one, words must be the same.
    """
    if not sheet.rows:
        return None
    bare = understand(question, sheet)
    similarity = Similarity(embedder, (*bare.raw, *(name.lower() for name in sheet.names)))
    found = [
        one for reading in readings(replace(bare, similarity=similarity)) if (one := _result(reading)) and _is_sure(one)
    ]
    return found[0] if found and len({one.answer for one in found}) == 1 else None


def _is_sure(result: Result) -> bool:
    return result.sure >= (MIN_OF_SEVERAL if result.kind in _OF_SEVERAL else MIN_EXPLAINED)


def _result(reading: Reading) -> Result | None:
    """The result of the operation that the question's one cue calls for, or of the first that fits it without one."""
    cues = [cue for cue in reading.cues if cue.kind not in HELPERS]
    if len({cue.kind for cue in cues}) > 1:
        return None
    if cues:
        operation = OPERATIONS.get(cues[0].kind)
        found = operation(reading, cues[0]) if operation else None
    else:
        found = next((result for operate in WITHOUT_CUE if (result := operate(reading))), None)
    if found is None:
        return None
    sure = reading.explained(found.columns, found.used)
    is_cell = found.kind == "cell" and len(found.rows) == 1 and sure == 1.0
    return replace(found, sure=sure, named=is_cell and (reading.says_code or reading.names_cell(found.columns[-1])))
