"""The noun phrases of an English question, told by word lists; no tagger is needed for texts of one line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from chains.query.english.words import (
    AUXILIARIES,
    BE,
    FUNCTION_WORDS,
    GENERIC_STEMS,
    IRREGULAR,
    QUESTION_WORDS,
    SUBJECTS,
    VERB_STEMS,
)
from text.tokens import STOPWORDS, stem, words

DETERMINERS = frozenset({"the", "a", "an", "my", "our"})
DO_SUPPORT = frozenset("do does did can could will would should".split())
LINKS = frozenset({("of",), ("and",), ("&",), ("in",), ("for",), ("on",), ("of", "the"), ("in", "the"), ("for", "the")})
_TOKEN = re.compile(r"[^\W_]+(?:[-'’.&][^\W_]+)*|[^\s\w]")


@dataclass(frozen=True)
class Token:
    """A word or a mark."""

    text: str
    start: int
    end: int
    capital: bool  # and not the first of a sentence

    @property
    def small(self) -> str:
        """In lower case, with a straight apostrophe."""
        return self.text.lower().replace("’", "'")

    @property
    def is_word(self) -> bool:
        """Whether it is no mark."""
        return self.text[0].isalnum()

    @property
    def is_function(self) -> bool:
        """Whether it can be no part of a name for something: a mark, a function word, a common verb, an adverb."""
        small = self.small
        return not self.is_word or small in FUNCTION_WORDS or stem(small) in VERB_STEMS or small.endswith("ly")

    @property
    def is_generic(self) -> bool:
        """Whether it names no topic by itself."""
        return not self.capital and (stem(self.small) in GENERIC_STEMS or self.small.endswith("est"))

    @property
    def is_participle(self) -> bool:
        """Whether it ends as one does."""
        return not self.capital and (self.small.endswith(("ed", "ing")) or self.small in IRREGULAR)


@dataclass(frozen=True)
class Phrase:
    """A noun phrase of a text; ``text[start:end]`` is the whole of it."""

    text: str  # with its article, generic adjectives left out: "the turbine" of "the most common turbine"
    bare: str  # without article
    stems: frozenset[str]
    start: int
    end: int
    plural: bool
    name: bool  # has a capital
    joined: bool  # two of them with a preposition or "and" between


@lru_cache(1000)
def tokens(text: str) -> tuple[Token, ...]:
    """Return words and marks in their order."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        opens = not found or found[-1].text in ".?!"
        found.append(Token(match.group(), match.start(), match.end(), match.group()[0].isupper() and not opens))
    return tuple(found)


@lru_cache(1000)
def noun_phrases(text: str) -> tuple[Phrase, ...]:
    """Return runs of words that are no function words, and pairs of them that a preposition or "and" joins.

    >>> [phrase.text for phrase in noun_phrases("What are the causes of rust on steel?")]
    ['rust', 'steel', 'rust on steel']
    """
    parts = tokens(text)
    small = [part.small for part in parts]
    ends = _runs(parts, small)
    spans = [(start, end, end) for start, end in ends]
    spans += [(one[0], two[1], one[1]) for one, two in pairwise(ends) if tuple(small[one[1] : two[0]]) in LINKS]
    return tuple(phrase for span in spans if (phrase := _phrase(text, parts, *span)).stems)


def _runs(parts: tuple[Token, ...], small: list[str]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    start = 0
    for at in range(len(parts) + 1):
        if at == len(parts) or _breaks(parts, small, at):
            if (run := _trimmed(parts, start, at)) is not None:
                runs.append(run)
            start = at + 1
    return runs


def _breaks(parts: tuple[Token, ...], small: list[str], at: int) -> bool:
    token, before, after = parts[at], small[at - 1] if at else "", parts[at + 1] if at + 1 < len(parts) else None
    if token.capital and small[at] not in STOPWORDS | AUXILIARIES | QUESTION_WORDS:
        beside = parts[at - 1].capital or (after is not None and after.capital)
        return token.is_function and not beside  # "Show Hall" is a name
    infinitive = before == "to" and after is not None and after.is_word and after.is_function  # "to train for ..."
    if at > 1 and small[at - 2] in BE and not parts[at - 1].is_function and not token.is_participle:
        return not token.is_word or small[at] in FUNCTION_WORDS  # "Is remote work allowed?": a bare verb is none there
    ends = after is None or not after.is_word
    verb = ends and at > 0 and parts[at - 1].capital and not DO_SUPPORT.isdisjoint(small[:at])  # "How did Ada answer?"
    return token.is_function or before in SUBJECTS or infinitive or verb


def _trimmed(parts: tuple[Token, ...], start: int, end: int) -> tuple[int, int] | None:
    """Without what is generic at the edges, nor the participle behind ("the bees dying"); None if nothing is left."""
    while start < end and parts[start].is_generic:
        start += 1
    while end - 1 > start and parts[end - 1].is_participle:
        end -= 1
    while start < end and parts[end - 1].is_generic:
        end -= 1
    alone = end - start == 1 and parts[start].is_participle and parts[start].small.endswith("ed")
    return None if start >= end or alone else (start, end)


def _phrase(text: str, parts: tuple[Token, ...], start: int, end: int, head: int) -> Phrase:
    """Tokens ``start`` to ``end``; the first of the phrases joined ends at ``head``."""
    bare = text[parts[start].start : parts[end - 1].end].removesuffix("'s").removesuffix("’s")
    first = start
    while first > 0 and parts[first - 1].is_generic:
        first -= 1
    article = ""
    if first > 0 and parts[first - 1].small in DETERMINERS:
        first -= 1
        article = parts[first].small if parts[first].start == 0 or parts[first].small != "the" else parts[first].text
        if article in ("a", "an"):
            article = "an" if bare[0].lower() in "aeiou" else "a"
    last = parts[head - 1].small
    joined = head != end
    return Phrase(
        text=f"{article} {bare}".strip(),
        bare=bare,
        stems=frozenset(stem(word) for word in words(bare) if word not in STOPWORDS),
        start=parts[first].start,
        end=parts[end - 1].end,
        plural=(last.endswith("s") and not last.endswith(("ss", "us", "is", "'s")))
        or (joined and "and" in parts[head].small),
        name=any(part.capital for part in parts[start:end]),
        joined=joined,
    )
