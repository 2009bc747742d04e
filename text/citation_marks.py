"""Marks of citations in an answer, "[1]" or "[1, 2]", of sentences without one, and quotations."""

from __future__ import annotations

import re
from collections.abc import Mapping

MARK = re.compile(r"\s*\[(\d+(?:\s*,\s*\d+)*)\]")
_BRACKETED = re.compile(r"\[(\d+(?:\s*,\s*\d+)*)\]")
NO_SOURCE = "[no source]"  # stands behind a sentence that cites nothing and for which nothing was found
QUOTATION = re.compile(r"[“\"]([^“”\"]{2,}?)[”\"]")


def without_marks(text: str) -> str:
    """Return words of a source with "[3]" written "(3)": the mark of a footnote of its own, or one that it forges, must not
    read as a citation of ours."""
    return _BRACKETED.sub(r"(\1)", text)


def renumbered(text: str, names: Mapping[int, int]) -> str:
    """Return ``text`` with the numbers in its marks changed to ``names``; those that have no name are taken out, and a mark
    of which nothing is left, too."""

    def mark(match: re.Match[str]) -> str:
        known = dict.fromkeys(str(names[int(n)]) for n in match.group(1).split(",") if int(n) in names)
        before = " " if match.start() else ""
        return f"{before}[{', '.join(known)}]" if known else ""

    return MARK.sub(mark, text)
