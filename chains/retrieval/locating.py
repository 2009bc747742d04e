"""The chunks at the place that a question names."""

from __future__ import annotations

import re

from records import Chunk, Scope
from store.documents import Documents
from text.english.locator import Locator
from text.labels import label
from text.tokens import words

SOURCES = 5  # at most, whose pages a question can mean: "page 14" of a hundred documents means nothing


def chunks_at(locator: Locator, documents: Documents, scope: Scope) -> dict[str, list[Chunk]]:
    """Return the chunks of the scope's sources at each place that ``locator`` names, in reading order, under the name of the
    place; {} when it names none, or when it may mean more than ``SOURCES`` documents."""
    if locator == Locator() or not scope.sources or len(scope.sources) > SOURCES:
        return {}
    chunks = [chunk for source in scope.sources for chunk in documents.chunks_of(source, scope.principal)]
    found = {_page(page): [chunk for chunk in chunks if chunk.page == page] for page in locator.pages}
    for name in locator.labels:
        found[name] = [chunk for chunk in chunks if chunk.kind != "text" and label(chunk.text) == name]
    for kind, number in locator.parts:
        found[f"{kind} {number}"] = [chunk for chunk in chunks if _is_part(kind, number, chunk)]
    for heading in locator.headings:
        found[_below(heading)] = [
            chunk for chunk in chunks if any(" ".join(words(one)) == heading for one in chunk.section)
        ]
    return {name: some for name, some in found.items() if some}


def _page(number: int) -> str:
    return f"page {number}"


def _below(heading: str) -> str:
    return f"“{heading}”"


def _is_part(kind: str, number: str, chunk: Chunk) -> bool:
    """Whether a chunk stands below the heading of this part: "3.3 Results", "Section 3.3", "Appendix C: Tables"."""
    name = kind if kind == "appendix" else f"(?:{kind})?"
    heads = re.compile(rf"\W*{name}\W*{re.escape(number)}(?![.\d]*\w)", re.IGNORECASE)
    return any(heads.match(heading) for heading in chunk.section)
