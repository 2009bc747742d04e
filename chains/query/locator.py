"""What a question says about the place of its answer: "on page 14", "in Figure 4", "Appendix C", "section 3.3",
"the section “Staff”"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from records import Chunk, Hit, Principal
from store.index import Index
from text.labels import label, labels_in
from text.tokens import words

SOURCES = 5  # at most, whose pages a question can mean: "page 14" of a hundred documents means nothing
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
# "On the page “Mills” (section “Costs”): how many ...", "In the annual report: what was ..."
_ADDRESS = re.compile(
    r"^(?:on|in|from|at|of|for|according\s+to|regarding|considering)\b[^?]*?:\s+(?=\S)", re.IGNORECASE
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
    """The pages and labelled parts that ``question`` names, in its order."""
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


def without_address(question: str) -> str:
    """``question`` without what it says of where to look: before what it asks, and by page, for no text holds that."""
    return " ".join(_PAGES.sub(" ", _ADDRESS.sub("", question, count=1)).split())


def hits_at_locator(question: str, hits: Sequence[Hit]) -> list[Hit]:
    """Those of ``hits`` that stand on a page or below a heading which ``question`` names, as far as they were looked for
    there; what is said of a figure or a numbered section may stand elsewhere."""
    place = locator_in(question)
    names = {*map(_page, place.pages), *map(_below, place.headings)}
    return [hit for hit in hits if any(name in names for name, _ in hit.ranks)]


def _page(number: int) -> str:
    return f"page {number}"


def _below(heading: str) -> str:
    return f"“{heading}”"


def _number(text: str) -> int:
    return _WORDS.get(text.lower()) or int(text)


def chunks_at_locator(
    index: Index, question: str, sources: Sequence[str] | None, principal: Principal
) -> dict[str, list[Chunk]]:
    """The chunks of ``sources`` at each place that ``question`` names, in reading order, under the name of the place; {} when
    it names none, or when it may mean more than ``SOURCES`` documents."""
    place = locator_in(question)
    if place == Locator() or not sources or len(sources) > SOURCES:
        return {}
    chunks = [chunk for source in sources for chunk in index.documents.chunks_of(source, principal)]
    found = {_page(page): [chunk for chunk in chunks if chunk.page == page] for page in place.pages}
    for name in place.labels:
        found[name] = [chunk for chunk in chunks if chunk.kind != "text" and label(chunk.text) == name]
    for kind, number in place.parts:
        found[f"{kind} {number}"] = [chunk for chunk in chunks if _is_part(kind, number, chunk)]
    for heading in place.headings:
        found[_below(heading)] = [
            chunk for chunk in chunks if any(" ".join(words(one)) == heading for one in chunk.section)
        ]
    return {name: some for name, some in found.items() if some}


def _is_part(kind: str, number: str, chunk: Chunk) -> bool:
    """Whether a chunk stands below the heading of this part: "3.3 Results", "Section 3.3", "Appendix C: Tables"."""
    words = kind if kind == "appendix" else f"(?:{kind})?"
    heads = re.compile(rf"\W*{words}\W*{re.escape(number)}(?![.\d]*\w)", re.IGNORECASE)
    return any(heads.match(heading) for heading in chunk.section)
