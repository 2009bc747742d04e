"""Telephone numbers, addresses and the like, which pages say in their footer and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4 import Tag

from ingest.parsers.html.tree import BLOCKS, attribute

_TELEPHONE = re.compile(r"(?<![\w.,/-])(?:\+|00)?\(?\d[\d()/ \u00a0.-]{5,}\d(?!\w)")
_DATE_OR_YEARS = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|(?:19|20)\d\d\s?[-–]\s?(?:19|20)\d\d")
_MAIL = re.compile(r"[\w.+-]+(?:@|\s?\[at\]\s?)[\w-]+(?:\.[\w-]+)+")
_ITEMS = ("telephone", "email", "address", "streetAddress", "openingHours", "faxNumber", "postalCode")
LONGEST = 80  # words of a block with contact data


def contacts_in(tag: Tag) -> Iterator[Tag]:
    """Yield the blocks of a footer, or of another part that is left out, that hold contact data."""
    taken: list[Tag] = []
    for block in tag.find_all([*sorted(BLOCKS), "a"]):
        if any(block in other.descendants for other in taken):
            continue
        if block.name == "address" or (not _has_blocks(block) and _is_contact(block)):
            taken.append(block)
    if not taken and _is_contact(tag):
        taken.append(tag)
    yield from taken


def _has_blocks(tag: Tag) -> bool:
    return tag.find(sorted(BLOCKS)) is not None


def _is_contact(tag: Tag) -> bool:
    text = " ".join(tag.get_text(" ").split())
    if not text or len(text.split()) > LONGEST:
        return False
    links = tag.find_all("a", href=True)
    if any(attribute(link, "href").lower().startswith(("tel:", "mailto:")) for link in (tag, *links)):
        return True
    if any(attribute(one, "itemprop") in _ITEMS for one in (tag, *tag.select("[itemprop]"))):
        return True
    return bool(_MAIL.search(text) or _TELEPHONE.search(_DATE_OR_YEARS.sub(" ", text)))
