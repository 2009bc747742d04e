"""Walking an HTML tree of any depth, and the text that a reader would see in it."""

from __future__ import annotations

import re
from typing import Protocol

from bs4 import CData, Tag
from bs4.element import NavigableString

from text.invisible import without_invisible
from text.raised import raised


def names_in(text: str) -> frozenset[str]:
    """Return the names in a text that blanks part; long lists of quoted words are hard to read."""
    return frozenset(text.split())


HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
BLOCKS = names_in("""
    address article aside blockquote body caption center dd details dir div dl dt fieldset figcaption figure footer
    form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol option p pre search section summary table
    tbody td tfoot th thead tr ul
""")
_SPACE = re.compile(r"[ \t\n\r\f\v\u00a0\u2007\u202f]+")


class Visitor(Protocol):
    """What is told of every node of a tree, in document order."""

    def open(self, tag: Tag) -> bool:
        """Return begin a tag; return whether to go inside. Only then is it closed."""
        ...

    def text(self, text: str) -> None:
        """Take text as it stands in the source; no comments, scripts or style sheets."""
        ...

    def close(self, tag: Tag) -> None:
        """End a tag."""
        ...


def traverse(root: Tag, visitor: Visitor) -> None:
    """Show everything below ``root``, itself left out, to ``visitor``; without recursion, so depth does not matter."""
    stack = [(root, iter(root.contents))]
    while stack:
        tag, children = stack[-1]
        for node in children:
            if isinstance(node, Tag):
                if visitor.open(node):
                    stack.append((node, iter(node.contents)))
                    break
            elif type(node) in (NavigableString, CData):
                visitor.text(str(node))
        else:
            stack.pop()
            if stack:
                visitor.close(tag)


def attribute(tag: Tag, name: str) -> str:
    """Return an attribute as one stripped string, "" when absent."""
    value = tag.get(name)
    if value is None:
        return ""
    return (value if isinstance(value, str) else " ".join(value)).strip()


def number(tag: Tag, name: str) -> int | None:
    """Return the leading digits of an attribute as HTML reads them ("12px" is 12), None without; at most 9 digits count."""
    found = re.match(r"\s*(\d{1,9})", attribute(tag, name))
    return int(found[1]) if found else None


class InlineText:
    """Collects the text of one block: blanks collapse, lines break where told, inline tags add and take nothing."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._superscripts: list[int] = []

    def add(self, text: str) -> None:
        """Add text of the source, with its blanks as they come."""
        self._parts.append(_SPACE.sub(" ", text))

    def add_verbatim(self, text: str) -> None:
        """Add text whose blanks and line ends count, as in ``<pre>``."""
        self._parts.append(text.replace("\r\n", "\n").replace("\r", "\n"))

    def break_line(self) -> None:
        """End the line: at a ``<br>`` or the border of a block."""
        self._parts.append("\n")

    def open_superscript(self) -> None:
        """Return begin a ``<sup>``."""
        self._superscripts.append(len(self._parts))

    def close_superscript(self) -> None:
        """End a ``<sup>``. Raised digits stay raised: 10² is not 102, a footnoted 5,079¹ not 50,791."""
        start = self._superscripts.pop() if self._superscripts else len(self._parts)
        signs = raised("".join(self._parts[start:]), "".join(self._parts[max(0, start - 4) : start]))
        if signs is not None:
            self._parts[start:] = [signs]

    def take(self, *, verbatim: bool = False) -> list[str]:
        """Return the lines collected, and start anew; empty ones are left out, but not between others with ``verbatim``."""
        text = without_invisible("".join(self._parts))
        self._parts.clear()
        self._superscripts.clear()
        if verbatim:
            lines = [line.expandtabs(4).rstrip() for line in text.split("\n")]
            while lines and not lines[-1]:
                lines.pop()
            return lines[next((i for i, line in enumerate(lines) if line), 0) :]
        return [line for line in (_SPACE.sub(" ", line).strip() for line in text.split("\n")) if line]
