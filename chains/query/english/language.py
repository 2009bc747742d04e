"""Is a question English? Rules about English leave others untouched."""

from __future__ import annotations

from models.rejoin import vocabulary
from text.english.words import FOREIGN_WORDS, FUNCTION_WORDS, SHARED_WORDS
from text.tokens import words


def is_english(text: str) -> bool:
    """Return whether ``text`` has more function words that are English alone than such of other languages; where it has
    none, whether most of its words are in the English vocabulary."""
    found = [word for word in words(text) if word.isalpha()]
    english = sum(word in FUNCTION_WORDS and word not in SHARED_WORDS for word in found)
    foreign = sum(word in FOREIGN_WORDS and word not in SHARED_WORDS for word in found)
    if english or foreign:
        return english > foreign
    return text.isascii() and 2 * sum(word in vocabulary() for word in found) >= len(found)
