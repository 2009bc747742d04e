"""The words of a question with what each is worth."""

from __future__ import annotations

import re
from dataclasses import dataclass

from records import Principal
from store.searches import LexicalSearch
from text.tokens import content_words, stem
from text.years import YEAR

_FISCAL = re.compile(rf"\bFY\s?['’]?(?={YEAR}\b)", re.IGNORECASE)  # documents write the year alone


@dataclass(frozen=True)
class WeightedTerms:
    """A question's stems, each with its inverse document frequency."""

    text: str
    weights: dict[str, float]

    @property
    def total(self) -> float:
        """The most a text can cover."""
        return sum(self.weights.values()) or 1.0


def weigh(question: str, lexical: LexicalSearch, principal: Principal) -> WeightedTerms:
    """Return the stems of ``question`` with their rarity in what ``principal`` may read."""
    stems = {stem(word) for word in content_words(_FISCAL.sub(" ", question))}
    return WeightedTerms(question, lexical.idf(sorted(stems), principal))
