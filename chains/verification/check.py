"""The deterministic check: do a statement's numbers and quotations stand in what it cites? First in the words that were
stored of it, then in the place itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from records import Citation, Statement, Turn
from text.arithmetic import TESTS, results
from text.citation_marks import MARK, QUOTATION
from text.tokens import words
from text.values import numbers

# whether a statement is borne out by the places that these citations name, None when that cannot be told
SourceCheck = Callable[[Statement, Sequence[Citation]], bool | None]


def check(turn: Turn, source_check: SourceCheck) -> Turn:
    """Mark every statement and citation of ``turn`` as checked or not.

    A statement holds when it cites something and each number and each quotation in it occurs in the cited words, and in
    the place itself as far as ``source_check`` can tell. A citation holds when it is the source's own words and all
    statements that cite it hold. Words that a model wrote about a picture prove nothing. What a statement computed is
    computed again from the cells it cites. Nearest passages are quoted and not called an answer, so there is nothing to
    check.
    """
    turn = _disputed(turn, source_check)
    citations = {citation.n: citation for citation in turn.citations}
    nearest = turn.nearest
    statements = tuple(
        replace(one, checked=nearest.isdisjoint(one.citations) and _borne_out(one, citations))
        for one in turn.statements
    )
    held = {n for statement in statements if statement.checked for n in statement.citations}
    failed = {n for statement in statements if not statement.checked for n in statement.citations}
    return replace(
        turn,
        statements=statements,
        citations=tuple(
            replace(one, checked=one.n in held and one.n not in failed and not one.chunk.author)
            for one in turn.citations
        ),
    )


def _disputed(turn: Turn, source_check: SourceCheck) -> Turn:
    """``turn`` with those citations marked whose quotes bear a statement out and whose places do not."""
    citations = {citation.n: citation for citation in turn.citations}
    disputed: set[int] = set()
    for statement in turn.statements:
        own = [citations[n] for n in statement.citations if n in citations and not citations[n].chunk.author]
        if _borne_out(statement, citations) and source_check(statement, own) is False:
            disputed.update(citation.n for citation in own)
    marked = (replace(one, disputed=one.disputed or one.n in disputed) for one in turn.citations)
    return replace(turn, citations=tuple(marked))


def _borne_out(statement: Statement, citations: Mapping[int, Citation]) -> bool:
    cited = [citations[n] for n in statement.citations if n in citations]
    if any(citation.disputed for citation in cited):
        return False
    computed = statement.computed
    if computed is None:
        return holds(statement.text, cited)
    found = results(computed)
    if found is None or not _stand(computed.cells, cited):
        return False
    if computed.operation not in TESTS and not all(one in statement.text for one in computed.result):
        return False  # it says another result than it came to
    return holds(statement.text, cited, (*found, *computed.given))


def _stand(cells: Sequence[str], citations: Iterable[Citation]) -> bool:
    """Whether the cited quotes hold all the cells, each as often as it was computed with."""
    quotes = " ".join(" ".join(one.quote.split()) for one in citations if not one.chunk.author)
    return all(
        len(re.findall(rf"(?<!\S){re.escape(' '.join(cell.split()))}(?!\S)", quotes)) >= times
        for cell, times in Counter(cells).items()
    )


def holds(text: str, citations: Iterable[Citation], computed: Iterable[float] = ()) -> bool:
    """Tell whether the numbers and quotations of ``text`` all occur in the quotes of ``citations``; numbers may be
    ``computed``, too."""
    cited = [citation for citation in citations if not citation.chunk.author]
    if not cited:
        return False
    said = MARK.sub("", text)
    quotes = "\n".join(citation.quote for citation in cited)
    known = {abs(number) for number in (*numbers(quotes), *computed)}
    if any(abs(number) not in known for number in numbers(said)):
        return False
    folded = " ".join(words(MARK.sub("", quotes)))  # a source has marks of its own, and they are gone from ``said``
    return all(" ".join(words(match.group(1))) in folded for match in QUOTATION.finditer(said))
