"""The pieces of the hits that a reader compares: those that hold most of the question's words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from chains.answering.evidence import Evidence
from chains.retrieval.base import PLACE
from chains.retrieval.terms import WeightedTerms
from records import Hit, Table
from text.english.question_kinds import ASKS_NUMBER, ASKS_TIME, ASKS_WHETHER
from text.tokens import content_stems
from text.word_lists import one_of

COMPARED = 24  # pieces: the embedder's time is what a question costs
FIRST_RANK = 0.5  # what being of the first hit counts for, where holding the whole question counts 1
_UNITS = frozenset(content_stems("thousand thousands million millions billion billions"))  # are no name of a column
_SECTION_NUMBER = re.compile(r"^\d+(?:\.\d+)*\.?\s+(?=[^\W\d])")


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A quotable piece with what it is compared by."""

    evidence: Evidence
    text: str  # as it is embedded: with what names it from outside
    columns: tuple[int, ...] = ()  # of a row: those the question asks for; () is all
    cosine: float = 0.0  # nearness in meaning of its chunk
    located: bool = False  # it stands at the page, figure, table or section that the question names


def pieces_for(asked: WeightedTerms, hits: Sequence[Hit], evidence: Sequence[Evidence]) -> list[Piece]:
    """Return the ``COMPARED`` pieces of ``evidence``, all of it from ``hits``, that hold most of the question, by themselves
    and with what stands above them; those that say nothing which the question does not say are left out."""
    rated = []
    for one in evidence:
        if not ASKS_WHETHER.match(asked.text) and not _adds(one, asked):
            continue
        own = set(content_stems(one.quote, asked.language))
        above = own | set(content_stems(f"{one.about} {one.chunk.context}", asked.language))
        held = sum(weight * ((name in own) + (name in above)) for name, weight in asked.weights.items()) / asked.total
        rated.append((held + FIRST_RANK / one.rank, one))
    rated.sort(key=lambda item: -item[0])
    return as_pieces(asked, hits, [one for _, one in rated[:COMPARED]])


def as_pieces(asked: WeightedTerms, hits: Sequence[Hit], evidence: Sequence[Evidence]) -> list[Piece]:
    """Return each of ``evidence``, all of it from ``hits``, with what it is compared by."""
    least = min((cosine for hit in hits if (cosine := dict(hit.scores).get("dense")) is not None), default=0.0)
    return [_piece(asked, one, hits[one.rank - 1], least) for one in evidence]


def _piece(asked: WeightedTerms, evidence: Evidence, hit: Hit, least: float) -> Piece:
    columns = asked_columns(asked, evidence.table, evidence.row) if evidence.table else ()
    return Piece(
        evidence=evidence,
        text=_read(evidence, columns),
        columns=columns,
        cosine=dict(hit.scores).get("dense", least),
        located=any(name.startswith(PLACE) for name, _ in hit.ranks),
    )


@cache
def _asks_code() -> re.Pattern[str]:
    """What asks for digits that count nothing."""
    return re.compile(rf"\b{one_of('codes')}\b", re.IGNORECASE)


def _adds(evidence: Evidence, asked: WeightedTerms) -> bool:
    """Whether the piece says anything that the question does not: "3 The fish pass" is a heading and answers nothing."""
    new = set(content_stems(_SECTION_NUMBER.sub("", evidence.quote), asked.language)) - asked.weights.keys()
    asks_digits = any(kind.search(asked.text) for kind in (ASKS_NUMBER, ASKS_TIME, _asks_code()))
    if evidence.chunk.kind == "text" and not asks_digits:
        new = {stem for stem in new if not stem[:1].isdigit()}
    return bool(new)


def asked_columns(asked: WeightedTerms, table: Table, row: int) -> tuple[int, ...]:
    """Return the columns whose names share most with the question, () when none shares anything; only those that have a
    cell in ``row``, and words that the row itself holds do not count.

    A number in the question, a year above all, that stands in some column names rules out the columns without it.
    """
    names = [set(content_stems(name, asked.language)) for name in table.column_names()]
    cells = table.grid()[row]
    columns = [col for col in range(1, len(names)) if cells[col]]
    for number in (name for name in asked.weights if name.isdigit()):
        if any(number in names[col] for col in columns):
            columns = [col for col in columns if number in names[col]]
    own = set(content_stems(" ".join(cells), asked.language))
    value = {col: sum(asked.weights.get(one, 0.0) for one in names[col] - own - _UNITS) for col in columns}
    best = max(value.values(), default=0.0)
    found = tuple(col for col in columns if value[col] == best > 0)
    return found if len(found) < len(names) - 1 or len(found) == 1 else ()


def _read(evidence: Evidence, columns: Sequence[int]) -> str:
    if evidence.table is None:
        return f"{evidence.about} {evidence.quote}".strip()
    names, cells = evidence.table.column_names(), evidence.table.grid()[evidence.row]
    shown = columns or range(len(cells))
    values = "; ".join(f"{names[col]}: {cells[col]}".strip(": ") for col in shown if cells[col])
    return f"{evidence.about} {cells[0]} {values}".strip()
