"""A question without what it says about the form of its answer, its periods spelled out."""

from __future__ import annotations

import re

from language import sentences

# "Round to two decimals.", "If there is none, please say so.", "Answer in millions."
_INSTRUCTION = re.compile(
    r"(?:please\s+|kindly\s+)?(?:if\b.*\b(?:state|say|explain|mention|answer|note|write)\b"
    r"|(?:round|answer|respond|reply|express|state|explain|approach|assume|format|return|use|provide|give\s+(?:your|the)\s+answer)\b"
    r"|(?:please\s+)?help\s+(?:us|me)\b|here(?:'s|’s|\s+is)\s+the\s+question\b|(?:we|i)\s+(?:want|need|would\s+like)\s+to\b)",
    re.IGNORECASE | re.DOTALL,
)
_FISCAL = re.compile(r"\b(?:FY|CY)\s?[’']?((?:19|20)\d\d)\b|\b(?:FY|CY)\s?[’']?(\d\d)\b", re.IGNORECASE)
_QUARTER = re.compile(
    r"\bQ([1-4])\s?(?:FY)?\s?[’']?\s?((?:19|20)\d\d)\b|\b([1-4])Q\s?[’']?((?:19|20)\d\d)\b", re.IGNORECASE
)


def focus(question: str) -> str:
    """``question`` without sentences that only say how to answer; "FY2022" is "2022", "Q22023" is "Q2 2023".

    A sentence that asks something, by its question mark, is kept however it begins; so is the whole when nothing else
    would be left.
    """
    text = _QUARTER.sub(lambda match: f"Q{match[1] or match[3]} {match[2] or match[4]}", question)
    text = _FISCAL.sub(lambda match: match[1] or f"20{match[2]}", text)
    parts = [text[start:end] for start, end in sentences(text)]
    kept = [part for part in parts if part.endswith("?") or not _INSTRUCTION.match(part)]
    return " ".join(kept) or text
