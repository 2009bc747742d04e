"""What would be said in answer to a question, and what is known of it as a whole: how sure to be goes by both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chains.answering.extractive.out_of_corpus import out_of_corpus_words
from chains.answering.extractive.score import Scored, unknown_share
from chains.answering.extractive.second_hop import is_whole, second_hop
from chains.retrieval.base import Resources
from chains.retrieval.terms import weigh
from records import Hit, Scope
from text.english.question_kinds import ASKS_WHETHER


@dataclass(frozen=True)
class Said:
    """The pieces that may be said, and what is known beside them."""

    scored: Sequence[Scored]  # best first
    second: Scored | None  # what a name in the best leads to
    about: Mapping[str, float]  # by names of ``CONFIDENCE``


def said_of(
    question: str, scored: Sequence[Scored], hits: Sequence[Hit], resources: Resources, scope: Scope, *, best: int = 0
) -> Said:
    """Return what would be said if the piece at ``best`` of ``scored``, which were rated among ``hits``, came first."""
    if not scored:
        return Said((), None, {})
    asked = weigh(question, resources.lexical, scope.principal)
    second = second_hop(asked, scored[best], hits, resources, scope.principal)
    about = {
        "unknown": unknown_share(question, out_of_corpus_words(question, resources, scope)),
        "whether": float(bool(ASKS_WHETHER.search(question))),
        "whole": float(is_whole(asked, scored[best], second)),
    }
    return Said(scored, second, about)
