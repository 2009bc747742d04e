"""Words, sentences and numbers: what ingestion and the reader must see alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator

from text.scripts import MARKS, is_unspaced, pieces
from text.stems import ENGLISH, stem
from text.stopwords import STOPWORDS, stopwords, without_phrases

__all__ = [
    "ABBREVIATIONS",
    "STOPWORDS",
    "content_stems",
    "content_words",
    "held",
    "sentences",
    "stem",
    "word_count",
    "words",
]

# A full stop after these does not end a sentence.
ABBREVIATIONS = frozenset(
    """mr mrs ms dr prof sr jr st vs etc eg ie cf al fig figs ed eds inc ltd co corp dept approx est
    jan feb mar apr jun jul aug sep sept oct nov dec u.s u.k e.g i.e a.m p.m""".split()
)
# Nor after these, where a number follows.
BEFORE_NUMBERS = frozenset("no nos vol pp p art sec".split())
# Marks that end a sentence whatever follows: of Chinese and Japanese, Hindi, Arabic, Urdu, Ethiopic, Khmer, Burmese.
FULL_STOPS = "。！？｡।॥؟۔።។။"
_SENTENCE_END = re.compile(rf"[.!?][\"'”’)\]]*(?=\s)|[{FULL_STOPS}]+[\"'”’)\]」』》）]*|\n+")
_LETTERS = rf"[^\W_](?:(?!_)[\w{MARKS}])*"
_WORD = re.compile(r"[^\W_]+(?:[.,'’][^\W_]+)*")
_WORD_WITH_MARKS = re.compile(rf"{_LETTERS}(?:[.,'’]{_LETTERS})*")
# Forms of letters for layout that PDFs and keyboards leave behind: ligatures, Arabic by place in the word, wide Latin.
_PRESENTATION = re.compile("[\ufb00-\ufdff\ufe70-\ufefc\uff01-\uffee]+")
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
    if text[start:end].rstrip("\"'”’)]」』》）")[-1:] in FULL_STOPS:
        return False
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
    """Return the words of ``text`` in lower case; numbers keep their inner points and commas ("5,079", "12.3").

    Where a script writes no blanks between words (Chinese, Japanese, Thai), overlapping pairs of letters stand for them.
    """
    small = text.lower()
    if small.isascii():
        found = _WORD.findall(small)
    else:
        small = unicodedata.normalize("NFC", small).replace("’", "'")
        small = _PRESENTATION.sub(lambda match: unicodedata.normalize("NFKC", match.group()), small)
        found = _WORD_WITH_MARKS.findall(small)
        if is_unspaced(small):
            found = [piece for word in found for piece in pieces(word)]
    return [word.removesuffix("'s") for word in found] if "'" in small else found


def word_count(text: str) -> int:
    """Return how many words ``text`` has; where a script writes no blanks, two pairs of letters count as one."""
    return (len(words(text)) + 1) // 2 if is_unspaced(text) else len(text.split())


def content_words(text: str, language: str = ENGLISH) -> list[str]:
    """Return ``words`` that carry meaning: English stop words, and those of ``language`` (ISO 639-1), left out."""
    if language == ENGLISH:
        return [word for word in words(text) if word not in STOPWORDS]
    empty = stopwords(language)
    return [word for word in words(without_phrases(text, language)) if word not in STOPWORDS and word not in empty]


def content_stems(text: str, language: str = ENGLISH) -> tuple[str, ...]:
    """Return the stems of ``content_words``, in their order, as a text in ``language`` (ISO 639-1) means them."""
    return tuple(stem(word, language) for word in content_words(text, language))


def held(wanted: Collection[str], text: str, language: str = ENGLISH) -> set[str]:
    """Return those of the stems ``wanted`` that words of ``text`` have in ``language``."""
    return {found for word in words(text) if (found := stem(word, language)) in wanted} if wanted else set()
