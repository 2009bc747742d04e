"""What a text is about, in its own words: its terms, the sentences that hold most of them, and which are worth quoting."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from records import Chunk
from text.stems import ENGLISH, stem
from text.tokens import FULL_STOPS, content_words, sentences, words

LONGEST_TAG = 40  # characters
PHRASE = 0.5  # of the uses of its rarer word, that two words side by side have to be one term
MIN_USES = 3  # of two words side by side
SENTENCES = 2  # of a summary
MIN_WORDS, MOST_WORDS = 6, 40  # of a sentence that may stand in it
CONSIDERED = 60  # passages, from the beginning, whose sentences may
ENDS = tuple(f".!?{FULL_STOPS}")

Idf = Callable[[Iterable[str]], Mapping[str, float]]  # how rare stems are
T = TypeVar("T")


def scored_terms(chunks: Sequence[Chunk], idf: Idf) -> list[tuple[str, float]]:
    """Return the terms of ``chunks``, words and pairs of words as they are written most often, with tf-idf (Spärck Jones
    1972), the most telling first. A word that is part of a better pair is left out."""
    uses: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    written: dict[str, Counter[str]] = defaultdict(Counter)
    for chunk in chunks:
        language = chunk.language or ENGLISH
        kept = set(content_words(chunk.text, language))
        before = ""
        for word in words(chunk.text):
            root = stem(word, language) if word in kept and _tells(word) else ""
            if root:
                uses[root] += 1
                written[root][word] += 1
                if before:
                    pairs[before, root] += 1
            before = root
    rare = idf(uses)
    scores = {root: (1 + math.log(number)) * rare[root] for root, number in uses.items() if number > 1 or len(uses) < 9}
    named = {root: written[root].most_common(1)[0][0] for root in uses}
    found = {named[root]: score for root, score in scores.items()}
    for (one, other), number in pairs.items():
        if number >= MIN_USES and number >= PHRASE * min(uses[one], uses[other]) and one != other:
            found[f"{named[one]} {named[other]}"] = (1 + math.log(number)) * (rare[one] + rare[other]) / 2 * 1.2
            for part in (one, other):
                if number >= PHRASE * uses[part]:
                    found.pop(named[part], None)
    return sorted(((term, score) for term, score in found.items() if len(term) <= LONGEST_TAG), key=_order)


def _order(item: tuple[str, float]) -> tuple[float, str]:
    return -item[1], item[0]


def _tells(word: str) -> bool:
    return word.isalpha() and (len(word) > 2 or not word.isascii())


def summary_of(chunks: Sequence[Chunk], scores: Mapping[str, float]) -> str:
    """Return the two sentences of the first passages with the most of the source's terms (Luhn 1958), in reading order; ""
    where there are no sentences."""
    rated: list[tuple[float, int, str]] = []
    for chunk in [one for one in chunks if one.kind == "text"][:CONSIDERED]:
        for start, end in sentences(chunk.text):
            said = " ".join(chunk.text[start:end].split())
            own = words(said)
            if len(own) <= MOST_WORDS and is_telling(said):
                worth = sum(scores.get(word, 0.0) for word in set(own)) / math.sqrt(len(own))
                rated.append((worth, len(rated), said))
    best = sorted(rated, key=lambda one: (-one[0], one[1]))[:SENTENCES]
    return " ".join(said for _, _, said in sorted(best, key=lambda one: one[1]))


def is_telling(sentence: str) -> bool:
    """Return whether ``sentence`` has an end, and words enough to say something of its text."""
    return len(words(sentence)) >= MIN_WORDS and sentence.rstrip("”\"')")[-1:] in ENDS


def evenly(items: Sequence[T], most: int) -> list[T]:
    """Return at most ``most`` of ``items``, evenly spaced, the first among them.

    >>> evenly("abcdefg", 3)
    ['a', 'd', 'g']
    """
    if len(items) <= most:
        return list(items)
    step = (len(items) - 1) / max(1, most - 1)
    return [items[round(number * step)] for number in range(most)]
