"""A follow-up becomes a question that stands alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from langchain_core.messages import BaseMessage

from text.tokens import STOPWORDS, content_words, words
from text.years import YEAR

_OPENING = re.compile(
    r"^(?:and\s+|but\s+|so\s+|then\s+|ok(?:ay)?,?\s+)*(?:(?:what|how)\s+about|and(?:\s+for|\s+in)?|for|in)\s+(?P<rest>.+?)\s*\??$",
    re.IGNORECASE,
)
POINTING = re.compile(
    r"\b(?:it|its|they|them|their|he|him|his|she|her|this|that|these|those|there|the same|the former|the latter)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(rf"\b(?:FY\s?)?{YEAR}\b")
_QUARTER = re.compile(r"\b(?:Q[1-4]|(?:first|second|third|fourth) quarter)\b", re.IGNORECASE)
_NAME = re.compile(r"\b[A-Z][\w&.'’-]*(?:\s+(?:(?:of|the|and|de|von)\s+)?[A-Z][\w&.'’-]*)*")


def condense_by_rule(question: str, history: Sequence[BaseMessage]) -> str:
    """``question`` with what it leaves out taken from the last question of ``history``.

    "And in 2024?" puts the year into the last question; "Who runs it?" gets the last question's names.
    """
    earlier = [str(message.text) for message in history if message.type == "human"]
    if not earlier:
        return question
    last = earlier[-1]
    if len(earlier) > 1:
        last = condense_by_rule(last, [message for message in history if message.text != last])
    opening = _OPENING.match(question.strip())
    if opening and len(content_words(opening["rest"])) <= 4:
        return _swapped(last, opening["rest"])
    if POINTING.search(question) or len(content_words(question)) <= 1:
        missing = [name for name in names(last) if name.lower() not in question.lower()]
        if not missing:
            missing = [word for word in content_words(last) if word not in words(question)]
        if missing:
            return f"{question.rstrip('? ')} ({', '.join(dict.fromkeys(missing))})?"
    return question


def _swapped(last: str, rest: str) -> str:
    """The last question with the part that ``rest`` is of the same kind as replaced by it, else with it added."""
    for pattern in (_YEAR, _QUARTER):
        if pattern.search(rest) and pattern.search(last):
            new = pattern.search(rest)
            assert new is not None
            swapped = pattern.sub(new.group(), last)
            others = content_words(pattern.sub(" ", rest))
            return swapped if not others else f"{swapped.rstrip('? ')} ({rest})?"
    found = names(last)
    if names(f"about {rest}") and found:
        return last.replace(found[-1], rest.removeprefix("the ").strip())
    return f"{last.rstrip('? ')} ({rest})?"


def names(text: str) -> list[str]:
    """Runs of capitalised words, the sentence's first word left out unless it is no common word."""
    found = []
    for match in _NAME.finditer(text):
        parts = match.group().split()
        while parts and parts[0].lower() in STOPWORDS | {"compare", "does", "did", "is", "are", "was", "were"}:
            parts = parts[1:]
        name = " ".join(parts)
        if name and (match.start() > 0 or len(parts) > 1 or len(parts) < len(match.group().split())):
            found.append(name)
    return found
