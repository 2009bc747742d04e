"""Is a question English? Rules about English leave others untouched."""

from __future__ import annotations

from chains.query.english.words import FUNCTION_WORDS
from models.rejoin import vocabulary
from text.tokens import words

# The commonest words of languages that a question may well be in; German, French, Spanish, Italian, Portuguese, Dutch.
_FOREIGN = frozenset(
    """der das den dem des und ist sind ein eine einen mit von zu für auf nicht wer wie wo wann welche welcher warum hat
    es im am
    le la les un une et est sont que qui quel quelle quels du au aux dans pour sur avec pas où combien comment y a-t-il
    ce
    el los las lo del al en por para con no se su qué quién cuál cuándo dónde cuánto cómo hay era
    il gli di che è sono e per non chi quale quando dove quanto della nel
    o os as um uma do da em não quem qual onde quantos como foi isso
    de het een van zijn op met voor niet wat hoe waar hoeveel welke heeft""".split()
)
_SHARED = _FOREIGN & FUNCTION_WORDS | {"in", "was", "die", "war", "an", "to", "me", "he", "so", "on", "or", "is"}


def is_english(text: str) -> bool:
    """Return whether ``text`` has more function words that are English alone than such of other languages; where it has
    none, whether most of its words are in the English vocabulary."""
    found = [word for word in words(text) if word.isalpha()]
    english = sum(word in FUNCTION_WORDS and word not in _SHARED for word in found)
    foreign = sum(word in _FOREIGN and word not in _SHARED for word in found)
    if english or foreign:
        return english > foreign
    return text.isascii() and 2 * sum(word in vocabulary() for word in found) >= len(found)
