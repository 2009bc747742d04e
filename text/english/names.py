"""Names and pronouns in an English question."""

from __future__ import annotations

import re

from text.stopwords import is_foreign
from text.tokens import STOPWORDS, sentences

POINTING = re.compile(
    r"\b(?:it|its|they|them|their|he|him|his|she|her|this|that|these|those|there|the same|the former|the latter)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b[A-Z][\w&.'’-]*(?:\s+(?:(?:of|the|and|de|von)\s+)?[A-Z][\w&.'’-]*)*")
_WORD = re.compile(r"[^\W_]+(?:[-&.’'][^\W_]+)*")
_PERIOD = re.compile(r"(?:fy|cy|q[1-4]|h[12]|[1-4]q)?[’']?\d*", re.IGNORECASE)  # years and quarters have many spellings
_ENGLISH = frozenset("the of is are was were what which who how did does do in and for".split())
# Written large though they name nothing that a document speaks of: its parts, months and days, titles.
_COMMON = frozenset(
    """figure table chart graph page section chapter appendix note slide part exhibit question answer yes no i
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
    october november december mr mrs ms dr prof sir""".split()
)


def names(text: str) -> list[str]:
    """Return runs of capitalised words, the sentence's first word left out unless it is no common word."""
    found = []
    for match in _NAME.finditer(text):
        parts = match.group().split()
        while parts and parts[0].lower() in STOPWORDS | {"compare", "does", "did", "is", "are", "was", "were"}:
            parts = parts[1:]
        name = " ".join(parts)
        if name and (match.start() > 0 or len(parts) > 1 or len(parts) < len(match.group().split())):
            found.append(name)
    return found


def names_in(question: str) -> tuple[str, ...]:
    """Return the words of ``question`` that name something, as written and each once: capitalised within a sentence, or in
    capital letters.

    Numbers, periods and what the question itself spells out in brackets are no names, nor is anything in a question that
    writes all words large, or that is in another language than English, where capitals mean something else. Of several
    sentences those that ask are read: the others say how to answer.
    """
    question = asking(question)
    words = list(_WORD.finditer(question))
    said = [word.group() for word in words]
    large = any(len(word) > 1 and word[0].isupper() and word.lower() in STOPWORDS for word in said[1:])
    small = {word.lower() for word in said}
    if large or not _ENGLISH & small or is_foreign(small):
        return ()
    found: list[str] = []
    for match in words:
        before = question[: match.start()].rstrip()
        if not before.endswith("("):
            opens = not before or before[-1] in ".?!:"
            found += (piece for piece in re.findall(r"[^\W_]+", match.group()) if _is_name(piece, opens=opens))
    return tuple(dict.fromkeys(found))


def asking(question: str) -> str:
    """Return the sentences of ``question`` that end in a question mark, or all if none does."""
    parts = [question[start:end] for start, end in sentences(question)]
    return " ".join([part for part in parts if part.endswith("?")] or parts)


def _is_name(word: str, *, opens: bool) -> bool:
    lower = word.lower()
    if len(word) < 2 or lower in STOPWORDS or lower.removesuffix("s") in _COMMON or _PERIOD.fullmatch(word):
        return False
    return word.isupper() or (word[0].isupper() and not opens)
