"""What a page hides: is it a part that a reader can open, a duplicate for machines, or lost?"""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, Tag

from ingest.parsers.html.tree import attribute, names_in

# Parts of class names, ids and roles of what is folded up until somebody opens it.
_FOLDED = names_in("""
    accordion accordions collapse collapsed collapsible collapsable expand expandable expander toggle toggler toggled tab tabs
    tabpanel tabpane pane panel panels faq spoiler disclosure slide slides carousel step steps details drawer more readmore
""")
_OPENERS = ("aria-controls", "aria-owns", "data-target", "data-bs-target", "data-toggle", "href", "for")
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
LEAST_WORDS = 4  # of hidden text that says something


def is_hidden(tag: Tag) -> bool:
    """Return whether a page does not show a tag when it opens."""
    if not tag.attrs:
        return False
    if tag.has_attr("hidden") and attribute(tag, "hidden").lower() != "until-found":
        return True
    return attribute(tag, "aria-hidden").lower() == "true" or bool(_HIDDEN_STYLE.search(attribute(tag, "style")))


def opened_ids(soup: BeautifulSoup) -> frozenset[str]:
    """Return the ids of what buttons, tabs and links of the page open or lead to."""
    found: set[str] = set()
    for tag in soup.find_all(["a", "button", "label", "summary", "li", "div", "span", "h2", "h3", "h4"]):
        for name in _OPENERS:
            found.update(
                value.lstrip("#") for value in attribute(tag, name).split() if value.startswith("#") or name != "href"
            )
    return frozenset(found)


def can_be_opened(tag: Tag, opened: frozenset[str]) -> bool:
    """Return whether a hidden tag is an accordion, the panel of a tab or the like, which a reader of the page can open.

    A page that hides a copy of what it shows, as typeset formulas do, has no word for that in a class or role.
    """
    if attribute(tag, "id") in opened and attribute(tag, "id"):
        return True
    for one in (tag, *list(tag.parents)[:2]):
        if not isinstance(one, Tag) or one.name in ("body", "html", "[document]"):
            break
        names = f"{attribute(one, 'class')} {attribute(one, 'id')} {attribute(one, 'role')}"
        if not _FOLDED.isdisjoint(part.lower() for part in _PART.findall(names)):
            return True
        if one is tag and attribute(one, "role") == "tabpanel":
            return True
    return False


def hidden_text(tag: Tag) -> str:
    """Return the words of a hidden tag, "" when they are too few to be missed or a formula's second form."""
    if tag.name in ("svg", "i", "math") or tag.find_parent(class_=re.compile("katex|mathjax", re.IGNORECASE)):
        return ""
    text = " ".join(tag.get_text(" ").split())
    return text if len(text.split()) >= LEAST_WORDS else ""
