"""Labels of figures and tables, such as "Figure 3": in captions, and where a text refers to them."""

from __future__ import annotations

import re

_LABEL = (
    r"(?P<word>figure|fig\.?|table|tab\.?|chart|graph|exhibit|diagram|plate|map|box)\s*"
    r"(?P<number>[A-Z]?\d+(?:[.\-–]\d+)*[a-z]?|[IVXL]+)\b"
)
TITLED = re.compile(rf"^\s*{_LABEL}\s*(?:[.:|–—-]|$)", re.IGNORECASE)
CAPTION = re.compile(rf"^\s*{_LABEL}", re.IGNORECASE)
REFERENCE = re.compile(rf"\b{_LABEL}", re.IGNORECASE)
_SAME = {"fig": "figure", "fig.": "figure", "tab": "table", "tab.": "table"}


def label(text: str) -> str:
    """Return the label a caption begins with, as "figure 3", or "" when it begins with none."""
    match = CAPTION.match(text)
    return normal_label(match) if match else ""


def labels_in(text: str) -> list[str]:
    """Return the labels that ``text`` speaks of, as "figure 3", each once."""
    return list(dict.fromkeys(normal_label(match) for match in REFERENCE.finditer(text)))


def is_titled(text: str) -> bool:
    """Tell whether ``text`` reads as a caption by itself: "Figure 3. Output" does, "Figure 3 shows that" does not."""
    return bool(TITLED.match(text)) or (
        bool(CAPTION.match(text)) and len(text) < 100 and not text.rstrip().endswith(".")
    )


def normal_label(match: re.Match[str]) -> str:
    word = match["word"].lower()
    return f"{_SAME.get(word, word)} {match['number'].lower()}"
