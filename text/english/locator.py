"""What a question says about the place of its answer: "on page 14", "in Figure 4", "Appendix C", "section 3.3",
"the section “Staff”"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from text.labels import labels_in
from text.tokens import words

_WORDS = {word: n for n, word in enumerate("one two three four five six seven eight nine ten".split(), start=1)}
_NUMBER = rf"\d{{1,4}}|{'|'.join(_WORDS)}"
_PAGES = re.compile(
    rf"\b(?:pages?|pp?\.|slides?)\s+(?P<first>{_NUMBER})\b"
    rf"(?:\s*(?P<to>-|–|to|through)\s*(?P<last>\d{{1,4}})\b|(?P<more>(?:\s*(?:,|and|or|&)+\s*(?:page\s+|slide\s+)?\d{{1,4}}\b)*))",
    re.IGNORECASE,
)
_PART = re.compile(
    r"\b(?P<kind>appendix|section|chapter)\s+(?P<number>\d+(?:\.\d+)*|(?-i:[A-Z])(?:\.?\d+)?)(?![\w%])", re.IGNORECASE
)
_QUOTED = r"[“\"](?P<{}>[^“”\"]{{2,120}})[”\"]"
_HEADED = re.compile(
    rf"\b(?:section|chapter|part|heading)\s+{_QUOTED.format('after')}|{_QUOTED.format('before')}\s+(?:section|chapter|part)\b",
    re.IGNORECASE,
)
MOST = 20  # pages of "pages 1 to 300" that are looked at


@dataclass(frozen=True)
class Locator:
    """Pages, from 1; labels of figures and tables, as "figure 4"; parts, as ("section", "3.3"); headings in lower case."""

    pages: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    parts: tuple[tuple[str, str], ...] = ()
    headings: tuple[str, ...] = ()


def locator_in(question: str) -> Locator:
    """Return the pages and labelled parts that ``question`` names, in its order."""
    pages: list[int] = []
    for match in _PAGES.finditer(question):
        first = _number(match["first"])
        last = int(match["last"]) if match["to"] else first
        pages += range(first, min(last, first + MOST - 1) + 1)
        pages += map(int, re.findall(r"\d+", match["more"] or ""))
    parts = [(match["kind"].lower(), match["number"].lower()) for match in _PART.finditer(question)]
    headings = [" ".join(words(match["after"] or match["before"])) for match in _HEADED.finditer(question)]
    return Locator(
        tuple(dict.fromkeys(pages)),
        tuple(labels_in(question)),
        tuple(dict.fromkeys(parts)),
        tuple(dict.fromkeys(headings)),
    )


def without_locator(question: str) -> str:
    """Return ``question`` without what it says of where to look, for no text holds that."""
    return " ".join(_HEADED.sub(" ", _PAGES.sub(" ", question)).split())


def _number(text: str) -> int:
    return _WORDS.get(text.lower()) or int(text)
