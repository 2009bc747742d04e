"""Doubts about a question that a chat model has answered, as the extractive reader has them: a model writes something in any
case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chains.answering.extractive.out_of_corpus import out_of_corpus_names
from chains.answering.extractive.said import said_of
from chains.answering.extractive.scorers import scorer_for
from chains.retrieval.base import Resources
from config import Settings
from records import Hit, Scope
from text.english.locator import without_locator
from text.english.question_kinds import ASKS_NUMBER, ASKS_PERSON, ASKS_TIME

UNLIKELY = "What was found is not likely to hold an answer to this."


@dataclass(frozen=True)
class Doubt:
    """Why the documents hardly answer a question."""

    reason: str = ""  # "" where there is no doubt
    out_of_corpus: tuple[str, ...] = ()  # names in the question that stand in no document


def doubt_about(question: str, hits: Sequence[Hit], settings: Settings, resources: Resources, scope: Scope) -> Doubt:
    """Return why ``hits`` hardly answer ``question``: it names what stands in no document, or asks for a number, a time or a
    person and the extractive reader, which learned its confidence on such questions, would show nothing.

    Raises:
        ModelError: a reader model is set and cannot be loaded.
    """
    if strange := out_of_corpus_names(question, resources, scope):
        return Doubt(out_of_corpus=strange)
    if not any(kind.search(question) for kind in (ASKS_NUMBER, ASKS_TIME, ASKS_PERSON)):
        return Doubt()  # a summary or an explanation stands in no one place that it could be confident of
    scorer = scorer_for(settings, resources)
    asked, first = without_locator(question), hits[: settings.top_k]
    scored = scorer.rate(asked, first, scope.principal)
    outcome, _ = scorer.decide(said_of(asked, scored, first, resources, scope))
    return Doubt(UNLIKELY if outcome == "nothing" else "")
