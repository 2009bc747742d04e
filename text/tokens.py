"""Words, sentences and numbers: what ingestion and the reader must see alike."""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterator
from functools import lru_cache

import snowballstemmer

# A full stop after these does not end a sentence.
ABBREVIATIONS = frozenset(
    """mr mrs ms dr prof sr jr st vs etc eg ie cf al fig figs ed eds inc ltd co corp dept approx est
    jan feb mar apr jun jul aug sep sept oct nov dec u.s u.k e.g i.e a.m p.m""".split()
)
# Nor after these, where a number follows.
BEFORE_NUMBERS = frozenset("no nos vol pp p art sec".split())
STOPWORDS = frozenset(
    """a about above after again all also am an and any are as at be because been before being below between both but by
    can could did do does doing down during each few for from further had has have having he her here hers him his how
    i if in into is it its itself just me more most my no nor not of off on once only or other our out over own same she
    should so some such than that the their them then there these they this those through to too under until up upon
    us very was we were what when where which while who whom whose why will with would you your
    according given please tell show list find give say says many much""".split()
)
_SENTENCE_END = re.compile(r"[.!?。！？][\"'”’)\]]*(?=\s)|[。！？]|\n+")
_WORD = re.compile(r"[^\W_]+(?:[.,'’][^\W_]+)*")
_LOCAL = threading.local()  # a stemmer keeps the word at hand in itself, so that each thread needs its own
_LABEL_ONLY = re.compile(
    r"^\W*(?:figure|fig\.?|table|chart|exhibit|note|section|item|part|step)\s*[\dA-Z][\w.]*\.$", re.I
)
_LAST_WORD = re.compile(r"([\w.]+)[.!?][\"'”’)\]]*$")


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every sentence of ``text``; a line break ends one, an abbreviation or initial does not."""
    start = 0
    for match in _SENTENCE_END.finditer(text):
        end = match.end()
        if "\n" not in match.group() and _continues(text, start, end):
            continue
        yield from _trimmed(text, start, end)
        start = end
    yield from _trimmed(text, start, len(text))


def _continues(text: str, start: int, end: int) -> bool:
    following = text[end:].lstrip()[:1]
    if following.islower() or _LABEL_ONLY.match(text[start:end].strip()):
        return True
    word = _LAST_WORD.search(text[start:end])
    if word is None or text[end - 1] in "!?":
        return False
    last = word.group(1).lower().rstrip(".")
    if last in BEFORE_NUMBERS:
        return following.isdigit()
    return last in ABBREVIATIONS or (len(last) == 1 and last.isalpha())


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    if piece.strip():
        yield start + left, start + len(piece.rstrip())


def words(text: str) -> list[str]:
    """Return the words of ``text`` in lower case; numbers keep their inner points and commas ("5,079", "12.3")."""
    return [match.group().lower().replace("’", "'").removesuffix("'s") for match in _WORD.finditer(text)]


def content_words(text: str) -> list[str]:
    """Return ``words`` that carry meaning: stop words left out."""
    return [word for word in words(text) if word not in STOPWORDS]


@lru_cache(100_000)  # words come again and again, and a stem takes a quarter of a millisecond
def stem(word: str) -> str:
    """Return the English Snowball stem, the stemmer the lexical index uses too."""
    if not hasattr(_LOCAL, "stemmer"):
        _LOCAL.stemmer = snowballstemmer.stemmer("english")
    return str(_LOCAL.stemmer.stemWord(word))


def held(stems: Collection[str], text: str) -> set[str]:
    """Return those of ``stems`` that words of ``text`` have. Only words that begin alike are looked at, for texts are
    many."""
    if not stems:
        return set()
    alike = _beginning(frozenset(one[:2] for one in stems))
    return {found for match in alike.finditer(text) for word in words(match.group()) if (found := stem(word)) in stems}


@lru_cache(1000)
def _beginning(beginnings: frozenset[str]) -> re.Pattern[str]:
    """Words, as ``words`` has them, that begin with one of ``beginnings``."""
    some = "|".join(map(re.escape, sorted(beginnings)))
    return re.compile(rf"(?<![^\W_])(?<![^\W_][.,'’])(?:{some})[^\W_]*(?:[.,'’][^\W_]+)*", re.IGNORECASE)
