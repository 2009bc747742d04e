"""Raised digits: an exponent or the mark of a note, kept apart from the number or word before it."""

from __future__ import annotations

import re

_RAISED = str.maketrans("0123456789+-−,()abcdefghijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⸴⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")
_NUMBER = re.compile(r"[+\-−]?\d+(?:\s?,\s?\d+)*")
_LETTER = re.compile(r"[a-z]")
_UNIT = re.compile(
    r"(?:^|[^\W\d_]*[^\w.,])[^\W\d_]{1,2}$|[\d)\]]$"
)  # what is raised behind it is an exponent: "m", "km", "10"
_SIGNS = re.compile(r"(?<=[\d)%])[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⸴⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ]+")


def raised(mark: str, before: str) -> str | None:
    """Return ``mark``, which is printed raised behind ``before``, in raised signs; None where it is as well left as it is.

    Behind a number or a unit it stays close (10⁶, m², 3,225¹), behind a word it is the mark of a note and stands apart, so
    that the word is found. A letter is a mark behind a digit alone: 5th stays as it is.

    >>> raised("2", "14 m")
    '²'
    >>> raised("2", "of wool")
    ' ²'
    """
    mark = " ".join(mark.split())
    behind_number = before[-1:].isdigit()
    if not (_NUMBER.fullmatch(mark) or (behind_number and _LETTER.fullmatch(mark))):
        return None
    signs = mark.replace(" ", "").translate(_RAISED)
    apart = before[-1:].isalpha() and not _UNIT.search(before)
    return f" {signs}" if apart else signs


def without_raised(text: str) -> str:
    """Return ``text`` without what is raised behind its numbers: the number alone is the value.

    >>> without_raised("3,225¹ bales")
    '3,225 bales'
    """
    return _SIGNS.sub("", text)
