"""The words of a question with what each is worth."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from chains.query.language import question_language
from records import Principal
from store.searches import LexicalSearch
from text.stems import ENGLISH
from text.tokens import content_stems
from text.years import YEAR

_FISCAL = re.compile(rf"\bFY\s?['’]?(?={YEAR}\b)", re.IGNORECASE)  # documents write the year alone


@dataclass(frozen=True)
class WeightedTerms:
    """A question's stems, each with its inverse document frequency."""

    text: str
    weights: dict[str, float]
    language: str = ENGLISH  # ISO 639-1

    @cached_property
    def total(self) -> float:
        """The most a text can cover."""
        return sum(self.weights.values()) or 1.0

    def share(self, stems: Iterable[str]) -> float:
        """Return the share of the question, from 0 to 1, that ``stems``, all of them its own, make up by their rarity."""
        return sum(self.weights[one] for one in stems) / self.total

    def phrases(self, words: str) -> float:
        """Return the share of the question's neighbouring content words that stand side by side in ``words``, too: stems that
        are joined, with a blank around each."""
        return sum(pair in words for pair in self._joined) / len(self._joined) if self._joined else 0.0

    @cached_property
    def _joined(self) -> list[str]:
        pairs = set(pairwise(content_stems(self.text, self.language)))
        return [f" {first} {second} " for first, second in pairs]


def weigh(question: str, lexical: LexicalSearch, principal: Principal) -> WeightedTerms:
    """Return the stems of ``question``, in its language, with their rarity in what ``principal`` may read."""
    language = question_language(question)
    stems = sorted(set(content_stems(_FISCAL.sub(" ", question), language)))
    return WeightedTerms(question, lexical.idf(stems, principal), language)
