"""MathML as a line of text: 3/8, c², √(x+1)."""

from __future__ import annotations

import re

from bs4 import Tag
from bs4.element import NavigableString

from text.raised import raised

_SIMPLE = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*|.")
_SPACED = frozenset("= < > ≤ ≥ ≠ ≈ ≡ ∼ → ⇒ ± ×".split())
_NOT_SHOWN = ("annotation", "annotation-xml", "mphantom")
MAX_DEPTH = 100  # of formulas in formulas


def math_text(tag: Tag, depth: int = 0) -> str:
    """Return what ``<math>``, or a tag in it, shows; what is nested deeper than ``MAX_DEPTH`` is left out."""
    if depth > MAX_DEPTH or tag.name in _NOT_SHOWN:
        return ""
    parts = [part for child in tag.children if (part := _part(child, depth))]
    name = tag.name
    if name == "mfrac" and len(parts) == 2:
        return f"{_grouped(parts[0])}/{_grouped(parts[1])}"
    if name in ("msup", "mover") and len(parts) == 2:
        return parts[0] + (raised(parts[1], parts[0]) or f"^{_grouped(parts[1])}")
    if name in ("msub", "munder") and len(parts) == 2:
        return f"{parts[0]}_{_grouped(parts[1])}"
    if name in ("msubsup", "munderover") and len(parts) == 3:
        return f"{parts[0]}_{_grouped(parts[1])}" + (raised(parts[2], parts[1]) or f"^{_grouped(parts[2])}")
    if name == "msqrt":
        return f"√{_grouped(''.join(parts))}"
    if name == "mroot" and len(parts) == 2:
        return f"{raised(parts[1], '1') or parts[1]}√{_grouped(parts[0])}"
    if name == "mo":
        sign = "".join(parts)
        return f" {sign} " if sign in _SPACED else sign
    if name == "mtr":
        return ", ".join(parts) + "; "
    if name == "mfenced":
        return f"{tag.get('open', '(')}{', '.join(parts)}{tag.get('close', ')')}"
    return "".join(parts)


def _part(child: object, depth: int) -> str:
    if isinstance(child, Tag):
        return math_text(child, depth + 1)
    return " ".join(str(child).split()) if type(child) is NavigableString else ""


def _grouped(text: str) -> str:
    text = text.strip()
    return text if _SIMPLE.fullmatch(text) else f"({text})"
