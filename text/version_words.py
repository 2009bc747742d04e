"""Which version of a document a question asks of: "in the latest version", "version 2", "compare both editions"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from text.versions import version_in_name
from text.word_lists import one_of

Single = Literal["latest", "previous", "first"]
_SINGLE: tuple[Single, ...] = ("latest", "previous", "first")


@dataclass(frozen=True)
class VersionAsked:
    """Which version is asked of."""

    which: Literal["", "all", "number"] | Single = ""
    number: str = ""


def version_asked(question: str) -> VersionAsked:
    """Return which version ``question`` asks of.

    >>> version_asked("What does version 2.1 say?"), version_asked("in the newest edition").which
    (VersionAsked(which='number', number='2.1'), 'latest')
    """
    asks_all, *others = _patterns()
    if asks_all.search(question):
        return VersionAsked("all")
    if number := version_in_name(question):
        return VersionAsked("number", number)
    for which, pattern in zip(_SINGLE, others, strict=True):
        if pattern.search(question):
            return VersionAsked(which)
    return VersionAsked()


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """What asks of all versions, and of each of ``_SINGLE``."""
    named, between = one_of("versions"), rf"(?:{one_of('of_the')}\s+){{0,2}}"
    asks_all = (
        rf"\b{one_of('all_versions')}\s+{between}(?:\w+\s+){{0,2}}{named}\b"
        rf"|\b{one_of('version_changes')}\b[^.?!]*\b(?:{named}|v\d)\b"
    )
    single = (rf"\b{one_of(f'{which}_version')}\s+{named}\b" for which in _SINGLE)
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in (asks_all, *single))
