"""Labels such as "Figure 3": telling captions from text, and finding the sentences that refer to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from records import Element
from text.labels import REFERENCE, is_titled, label, normal_label
from text.tokens import sentences

MAX_MENTIONS = 5


def with_mentions(elements: Sequence[Element]) -> tuple[Element, ...]:
    """Give every captioned table and figure the sentences of the text that refer to it by its label."""
    labels = {label(element.caption) for element in elements if element.kind != "text"} - {""}
    if not labels:
        return tuple(elements)
    found: dict[str, list[str]] = defaultdict(list)
    for element in elements:
        if element.kind != "text" or element.heading:
            continue
        text = " ".join(line.text for line in element.lines)
        for start, end in sentences(text):
            sentence = text[start:end]
            for name in {normal_label(match) for match in REFERENCE.finditer(sentence)} & labels:
                if not is_titled(sentence) and len(found[name]) < MAX_MENTIONS:
                    found[name].append(sentence)
    return tuple(
        replace(element, mentions=(*element.mentions, *found[label(element.caption)]))
        if element.kind != "text" and label(element.caption)
        else element
        for element in elements
    )
