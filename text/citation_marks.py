"""Marks of citations in an answer, "[1]" or "[1, 2]", and quotations."""

from __future__ import annotations

import re

MARK = re.compile(r"\s*\[(\d+(?:\s*,\s*\d+)*)\]")
_BRACKETED = re.compile(r"\[(\d+(?:\s*,\s*\d+)*)\]")
QUOTATION = re.compile(r"[“\"]([^“”\"]{2,}?)[”\"]")


def without_marks(text: str) -> str:
    """Return words of a source with "[3]" written "(3)": the mark of a footnote of its own, or one that it forges, must not
    read as a citation of ours."""
    return _BRACKETED.sub(r"(\1)", text)
