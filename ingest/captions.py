"""Labels such as "Figure 3": telling captions from text, and finding the sentences that refer to them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from language import sentences
from records import Element

_LABEL = (
    r"(?P<word>figure|fig\.?|table|tab\.?|chart|graph|exhibit|diagram|plate|map|box)\s*"
    r"(?P<number>[A-Z]?\d+(?:[.\-–]\d+)*[a-z]?|[IVXL]+)\b"
)
TITLED = re.compile(rf"^\s*{_LABEL}\s*(?:[.:|–—-]|$)", re.IGNORECASE)
CAPTION = re.compile(rf"^\s*{_LABEL}", re.IGNORECASE)
REFERENCE = re.compile(rf"\b{_LABEL}", re.IGNORECASE)
_SAME = {"fig": "figure", "fig.": "figure", "tab": "table", "tab.": "table"}
MAX_MENTIONS = 5


def label(text: str) -> str:
    """The label a caption begins with, as "figure 3", or "" when it begins with none."""
    match = CAPTION.match(text)
    return _normal(match) if match else ""


def labels_in(text: str) -> list[str]:
    """The labels that ``text`` speaks of, as "figure 3", each once."""
    return list(dict.fromkeys(_normal(match) for match in REFERENCE.finditer(text)))


def is_titled(text: str) -> bool:
    """Whether ``text`` reads as a caption by itself: "Figure 3. Output" does, "Figure 3 shows that" does not."""
    return bool(TITLED.match(text)) or (
        bool(CAPTION.match(text)) and len(text) < 100 and not text.rstrip().endswith(".")
    )


def _normal(match: re.Match[str]) -> str:
    word = match["word"].lower()
    return f"{_SAME.get(word, word)} {match['number'].lower()}"


def with_mentions(elements: Sequence[Element]) -> tuple[Element, ...]:
    """Gives every captioned table and figure the sentences of the text that refer to it by its label."""
    labels = {label(element.caption) for element in elements if element.kind != "text"} - {""}
    found: dict[str, list[str]] = defaultdict(list)
    for element in elements:
        if element.kind != "text" or element.heading:
            continue
        text = " ".join(line.text for line in element.lines)
        for start, end in sentences(text):
            sentence = text[start:end]
            for name in {_normal(match) for match in REFERENCE.finditer(sentence)} & labels:
                if not is_titled(sentence) and len(found[name]) < MAX_MENTIONS:
                    found[name].append(sentence)
    return tuple(
        replace(element, mentions=(*element.mentions, *found[label(element.caption)]))
        if element.kind != "text" and label(element.caption)
        else element
        for element in elements
    )
