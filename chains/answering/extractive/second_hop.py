"""The second hop of reading: what the best quote names, and where the rest of the question is answered.

"Where was the director of Harbour Lights born?" is best answered by the sentence that names the director, which says
nothing of a birthplace. So the reader follows the names in its quote to the sources that bear them, as least-to-most
prompting does with a language model (Zhou et al. 2023, https://arxiv.org/abs/2205.10625).
"""

from __future__ import annotations

from collections.abc import Sequence

from chains.answering.extractive.score import Scored, rate
from chains.retrieval.base import Resources
from chains.retrieval.terms import WeightedTerms
from records import Hit, Principal
from text.tokens import held

LEAST_LEFT = 0.1  # of the question that the first quote leaves open, by weight, so that there is something to look for
SIMILARITY_WEIGHT = 0.5


def second_hop(
    asked: WeightedTerms, first: Scored, hits: Sequence[Hit], resources: Resources, principal: Principal
) -> Scored | None:
    """Return the best evidence of what ``first`` names and the question does not: in a source among ``hits`` that bears
    the name. None when it names none, or when it leaves nothing of the question open."""
    piece = first.evidence
    left = asked.weights.keys() - _held(asked, first)
    if asked.share(left) < LEAST_LEFT:
        return None
    names = resources.names.of(principal)
    known = {*names.mentioned(asked.text), piece.chunk.source}
    named = {source for source in names.mentioned(f"{piece.about} {piece.quote}") if source not in known}
    there = [hit for hit in hits if hit.chunk.source in named and hit.chunk.title != piece.chunk.title]
    if not there:
        return None

    def answers(one: Scored) -> float:
        open_words = asked.share(held(left, one.evidence.quote, asked.language))
        return open_words + SIMILARITY_WEIGHT * one.similarity

    return max(rate(asked.text, there, resources, principal), key=answers, default=None)


def is_whole(asked: WeightedTerms, first: Scored, second: Scored | None) -> bool:
    """Tell whether both pieces, with what stands around them, leave no content word of the question open."""
    return not asked.weights.keys() - _held(asked, first) - (_held(asked, second) if second else set())


def _held(asked: WeightedTerms, one: Scored) -> set[str]:
    piece = one.evidence
    return held(asked.weights, f"{piece.chunk.context}\n{piece.about}\n{piece.quote}", asked.language)
