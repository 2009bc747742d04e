"""Which version of a document a question asks of: "in the latest version", "version 2", "compare both editions"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from text.versions import version_in_name

_WORD = r"(?:versions?|editions?|revisions?|releases?)"
_ALL = re.compile(
    rf"\b(?:all|both|every|each|different|between|across|compare|several)\s+(?:of\s+)?(?:the\s+)?(?:\w+\s+){{0,2}}{_WORD}\b"
    rf"|\b(?:compare|chang\w+|differ\w*)\b[^.?!]*\b(?:{_WORD}|v\d)\b",
    re.IGNORECASE,
)
_LATEST = re.compile(rf"\b(?:latest|newest|current|most recent|up-to-date)\s+{_WORD}\b", re.IGNORECASE)
_PREVIOUS = re.compile(rf"\b(?:previous|prior|preceding|former|older|earlier|last but one)\s+{_WORD}\b", re.IGNORECASE)
_FIRST = re.compile(rf"\b(?:first|oldest|original|initial)\s+{_WORD}\b", re.IGNORECASE)


@dataclass(frozen=True)
class VersionAsked:
    """Which version is asked of."""

    which: Literal["", "all", "latest", "previous", "first", "number"] = ""
    number: str = ""


def version_asked(question: str) -> VersionAsked:
    """Return which version ``question`` asks of.

    >>> version_asked("What does version 2.1 say?"), version_asked("in the newest edition").which
    (VersionAsked(which='number', number='2.1'), 'latest')
    """
    if _ALL.search(question):
        return VersionAsked("all")
    if number := version_in_name(question):
        return VersionAsked("number", number)
    for which, pattern in (("latest", _LATEST), ("previous", _PREVIOUS), ("first", _FIRST)):
        if pattern.search(question):
            return VersionAsked(which)  # type: ignore[arg-type]
    return VersionAsked()
