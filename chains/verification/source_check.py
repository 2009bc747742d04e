"""Does it stand there? What a statement takes from a rectangle is looked for in the original itself, not in the words that
were stored of it.

Words in pixels are read a second time, from another drawing: what two readings do not agree on cannot be relied on.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate

from errors import StoreError
from records import Citation, Principal, Statement
from store.documents import Documents
from store.originals import Originals
from text.arithmetic import results
from text.citation_marks import MARK, QUOTATION
from text.values import numbers

_HYPHEN = re.compile(r"[-\u00ad]\s*\n\s*")


def is_supported(
    statement: Statement,
    citations: Sequence[Citation],
    documents: Documents,
    originals: Originals,
    principal: Principal,
) -> bool | None:
    """Tell whether the rectangles of ``citations``, all that ``statement`` cites, hold its numbers and quotations, or the
    cells it computes from. None when one of them has no rectangle, or no original to look into."""
    ways = [_readings(one, documents, originals, principal) for one in citations]
    if not ways or not all(ways):
        return None
    try:
        for attempt in range(max(map(len, ways))):
            if _held(statement, "\n".join(way[min(attempt, len(way) - 1)]() for way in ways)):
                return True
    except StoreError:
        return None  # the page says what is wrong with the original
    return False


def _readings(
    citation: Citation, documents: Documents, originals: Originals, principal: Principal
) -> list[Callable[[], str]]:
    """The ways to read the cited rectangle, the quick one first: a PDF's text, then its pixels."""
    chunk, box = citation.chunk, citation.bbox or citation.chunk.bbox
    source = documents.source(chunk.source, principal)
    if source is None or box is None:
        return []
    if source.kind == "pdf" and source.original:
        place = (source.original, chunk.page, box)
        return [partial(originals.words, *place), partial(originals.words_in_pixels, *place)]
    if source.kind == "image" and chunk.picture:
        return [partial(originals.words_in_pixels, chunk.picture, None, box)]
    return []


def _held(statement: Statement, there: str) -> bool:
    said, there = (MARK.sub(" ", text) for text in (statement.text, there))
    known = {abs(number) for number in numbers(there)}
    if computed := statement.computed:
        found = results(computed)
        if found is None or not all(_quoted(cell, there) for cell in computed.cells):
            return False
        known |= {abs(number) for number in (*found, *computed.given)}
    if any(abs(number) not in known for number in numbers(QUOTATION.sub(" ", said))):
        return False
    return all(_quoted(match.group(1), there) for match in QUOTATION.finditer(said))


def _quoted(words: str, there: str) -> bool:
    """Whether ``words`` stand there in a row, whatever breaks their lines; or each as often, for the labels of a figure
    and the cells of a table have no one order."""
    wanted, own = _letters(words), _letters(there)
    return _in_a_row("".join(wanted), own) or Counter(wanted) <= Counter(own)


def _in_a_row(wanted: str, own: Sequence[str]) -> bool:
    """Whether ``wanted`` stands in ``own`` joined; a number at its end is a whole one, for 62 is not in 1962."""
    edges, joined = {0, *accumulate(map(len, own))}, "".join(own)
    for match in re.finditer(f"(?={re.escape(wanted)})", joined):
        start, end = match.start(), match.start() + len(wanted)
        if (start in edges or not wanted[:1].isdigit()) and (end in edges or not wanted[-1:].isdigit()):
            return True
    return False


def _letters(text: str) -> list[str]:
    """Runs of letters and digits in lower case, without ligatures, accents and hyphens at the ends of lines."""
    plain = unicodedata.normalize("NFKD", _HYPHEN.sub("", text)).casefold()
    return re.findall(r"[^\W_]+", "".join(sign for sign in plain if not unicodedata.category(sign).startswith("M")))
