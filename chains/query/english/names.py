"""Names and pronouns in an English question."""

from __future__ import annotations

import re

from text.tokens import STOPWORDS

POINTING = re.compile(
    r"\b(?:it|its|they|them|their|he|him|his|she|her|this|that|these|those|there|the same|the former|the latter)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b[A-Z][\w&.'’-]*(?:\s+(?:(?:of|the|and|de|von)\s+)?[A-Z][\w&.'’-]*)*")


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
