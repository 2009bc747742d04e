"""How well a piece of evidence answers a question: shared words weighted by rarity, nearness in meaning, kind of answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chains.answering.evidence import Evidence
from chains.retrieval.base import Resources
from chains.retrieval.terms import WeightedTerms, weigh
from records import Principal, Table
from text.english.question_kinds import ASKS_NUMBER, ASKS_PERSON, ASKS_TIME, ASKS_WHETHER
from text.tokens import content_words, stem
from text.values import numbers
from text.years import YEAR

ABOUT_WEIGHT = 0.8  # a question's word that only the caption, or the row above, holds
CONTEXT_WEIGHT = 0.5  # one that only title or section hold
EMBEDDED = 24  # pieces compared in meaning, the best by words first: the embedder's time is what a question costs
_LABEL_OR_YEAR = re.compile(rf"\b(?:figure|table|note|chart)\s*\d+|\b{YEAR}\b", re.I)
_UNITS = frozenset(map(stem, "thousand thousands million millions billion billions".split()))  # are no name of a column
_SECTION_NUMBER = re.compile(r"^\d+(?:\.\d+)*\.?\s+(?=[^\W\d])")
_NAME_INSIDE = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][a-z]+")


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Evidence with its two measures, each from 0 to 1, and their combination."""

    evidence: Evidence
    coverage: float
    similarity: float
    score: float
    columns: tuple[int, ...] = ()  # of a table row: those the question asks for; () is all


def rate(question: str, pieces: Sequence[Evidence], resources: Resources, principal: Principal) -> list[Scored]:
    """Return ``pieces`` with their scores, best first; those that say nothing which the question does not say are left
    out."""
    asked = weigh(question, resources.lexical, principal)
    rated = []
    for piece in pieces:
        if not ASKS_WHETHER.match(question) and not _adds(piece, asked):
            continue
        columns = asked_columns(asked, piece.table, piece.row) if piece.table else ()
        rated.append((_coverage(asked, piece, columns), columns, piece))
    rated.sort(key=lambda item: (-item[0], item[2].rank))
    rated = rated[:EMBEDDED]
    vectors = resources.embedder.embed_documents([question, *(_read(piece, columns) for _, columns, piece in rated)])
    scored = []
    for (coverage, columns, piece), vector in zip(rated, vectors[1:], strict=True):
        similarity = max(0.0, sum(a * b for a, b in zip(vectors[0], vector, strict=True)))
        score = 0.5 * coverage + 0.5 * similarity + 0.04 / piece.rank + fits(question, piece)
        scored.append(Scored(evidence=piece, coverage=coverage, similarity=similarity, score=score, columns=columns))
    return sorted(scored, key=lambda item: -item.score)


def _adds(piece: Evidence, asked: WeightedTerms) -> bool:
    """Whether the piece says anything that the question does not: "3 The fish pass" is a heading and answers nothing."""
    new = _stems(_SECTION_NUMBER.sub("", piece.quote)) - asked.weights.keys()
    if piece.chunk.kind == "text" and not (ASKS_NUMBER.search(asked.text) or ASKS_TIME.search(asked.text)):
        new = {stem for stem in new if not stem[:1].isdigit()}
    return bool(new)


def _stems(text: str) -> set[str]:
    return {stem(word) for word in content_words(text)}


def _coverage(asked: WeightedTerms, piece: Evidence, columns: Sequence[int]) -> float:
    own = _stems(piece.quote)
    if piece.table and columns:
        names = piece.table.column_names()
        own |= _stems(" ".join(names[col] for col in columns))
    held = dict.fromkeys(_stems(piece.chunk.context), CONTEXT_WEIGHT)
    held |= dict.fromkeys(_stems(piece.about), ABOUT_WEIGHT)
    held |= dict.fromkeys(own, 1.0)
    return sum(weight * held.get(name, 0.0) for name, weight in asked.weights.items()) / asked.total


def asked_columns(asked: WeightedTerms, table: Table, row: int) -> tuple[int, ...]:
    """Return the columns whose names share most with the question, () when none shares anything; only those that have a
    cell in ``row``, and words that the row itself holds do not count.

    A number in the question, a year above all, that stands in some column names rules out the columns without it.
    """
    names = [_stems(name) for name in table.column_names()]
    cells = table.grid()[row]
    columns = [col for col in range(1, len(names)) if cells[col]]
    for number in (name for name in asked.weights if name.isdigit()):
        if any(number in names[col] for col in columns):
            columns = [col for col in columns if number in names[col]]
    own = _stems(" ".join(cells))
    value = {col: sum(asked.weights.get(one, 0.0) for one in names[col] - own - _UNITS) for col in columns}
    best = max(value.values(), default=0.0)
    found = tuple(col for col in columns if value[col] == best > 0)
    return found if len(found) < len(names) - 1 or len(found) == 1 else ()


def _read(piece: Evidence, columns: Sequence[int]) -> str:
    if piece.table is None:
        return f"{piece.about} {piece.quote}".strip()
    names, cells = piece.table.column_names(), piece.table.grid()[piece.row]
    shown = columns or range(len(cells))
    values = "; ".join(f"{names[col]}: {cells[col]}".strip(": ") for col in shown if cells[col])
    return f"{piece.about} {cells[0]} {values}".strip()


def fits(question: str, piece: Evidence) -> float:
    """Return a small bonus or malus for holding, or not, the kind of thing asked for."""
    said = numbers(_LABEL_OR_YEAR.sub(" ", piece.quote)) if not ASKS_TIME.search(question) else numbers(piece.quote)
    new = set(said) - set(numbers(question))
    if ASKS_NUMBER.search(question) or ASKS_TIME.search(question):
        return 0.04 if new else -0.10
    if ASKS_PERSON.search(question):
        return 0.04 if _NAME_INSIDE.search(piece.quote) else -0.06
    return 0.0
