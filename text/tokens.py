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
_NOT_BLANK = re.compile(r"\S")
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
    after = _NOT_BLANK.search(text, end)
    following = after.group() if after else ""
    sentence = text[start:end].strip()
    if following.islower() or _LABEL_ONLY.match(sentence):
        return True
    word = _LAST_WORD.search(sentence.rsplit(None, 1)[-1])
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
    found = _WORD.findall(text.lower().replace("’", "'"))
    return [word.removesuffix("'s") for word in found] if "'" in text or "’" in text else found


def content_words(text: str) -> list[str]:
    """Return ``words`` that carry meaning: stop words left out."""
    return [word for word in words(text) if word not in STOPWORDS]


@lru_cache(100_000)  # words come again and again, and a stem takes a quarter of a millisecond
def stem(word: str) -> str:
    """Return the English Snowball stem, the stemmer the lexical index uses too."""
    if not hasattr(_LOCAL, "stemmer"):
        _LOCAL.stemmer = snowballstemmer.stemmer("english")
    return str(_LOCAL.stemmer.stemWord(word))


def content_stems(text: str) -> tuple[str, ...]:
    """Return the stems of ``content_words``, in their order."""
    return tuple(stem(word) for word in content_words(text))


def held(wanted: Collection[str], text: str) -> set[str]:
    """Return those of the stems ``wanted`` that words of ``text`` have."""
    return {found for word in words(text) if (found := stem(word)) in wanted} if wanted else set()
