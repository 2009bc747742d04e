"""The check of what is said against what it cites: do its numbers, names and quotations stand there, and do the passage's
words carry the rest? First in the words that were stored of it, then in the place itself, and last, where one is set, by
asking a model."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from records import Citation, Statement, Turn
from text import support
from text.arithmetic import TESTS, results, says
from text.citation_marks import MARK, QUOTATION
from text.support import Idf, alike

# whether a statement is borne out by the places that these citations name, None when that cannot be told
SourceCheck = Callable[[Statement, Sequence[Citation]], bool | None]
# whether a passage (second) says a sentence (first), None when that cannot be told: a question with a model
Entails = Callable[[str, str], bool | None]


def check(turn: Turn, source_check: SourceCheck, idf: Idf = alike, entails: Entails | None = None) -> Turn:
    """Mark every statement and citation of ``turn`` as checked or not.

    A statement holds when it cites something, each number and each quotation in it occurs in the cited words, these and
    the passage around them carry its names and words (``text.support``), and it stands in the place itself as far as
    ``source_check`` can tell; of those, ``entails`` is asked where it is given, and may say no. A citation holds when it
    is the source's own words and all statements that cite it hold. Words that a model wrote about a picture prove
    nothing. What a statement computed is computed again from the cells it cites. Nearest passages are quoted and not
    called an answer, so there is nothing to check.
    """
    turn = _disputed(turn, source_check, idf)
    citations = {citation.n: citation for citation in turn.citations}
    nearest = turn.nearest
    statements = tuple(
        replace(
            one,
            checked=nearest.isdisjoint(one.citations)
            and _borne_out(one, citations, idf)
            and (entails is None or _entailed(one, citations, entails)),
        )
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


def _disputed(turn: Turn, source_check: SourceCheck, idf: Idf) -> Turn:
    """``turn`` with those citations marked whose quotes bear a statement out and whose places do not."""
    citations = {citation.n: citation for citation in turn.citations}
    disputed: set[int] = set()
    for statement in turn.statements:
        own = [citations[n] for n in statement.citations if n in citations and not citations[n].chunk.author]
        if _borne_out(statement, citations, idf) and source_check(statement, own) is False:
            disputed.update(citation.n for citation in own)
    marked = (replace(one, disputed=one.disputed or one.n in disputed) for one in turn.citations)
    return replace(turn, citations=tuple(marked))


def _borne_out(statement: Statement, citations: Mapping[int, Citation], idf: Idf) -> bool:
    cited = [citations[n] for n in statement.citations if n in citations]
    if any(citation.disputed for citation in cited):
        return False
    computed = statement.computed
    if computed is None:
        return holds(statement.text, cited) and is_carried(statement.text, cited, idf)
    found = results(computed)
    if found is None or not _stand(computed.cells, cited):
        return False
    if computed.operation not in TESTS and not all(says(statement.text, one) for one in computed.result):
        return False  # it says another result than it came to
    return holds(statement.text, cited, (*found, *computed.given))


def _entailed(statement: Statement, citations: Mapping[int, Citation], entails: Entails) -> bool:
    """Whether ``entails`` has nothing against it; what is quoted or computed needs no second opinion."""
    cited = [citations[n] for n in statement.citations if n in citations and not citations[n].chunk.author]
    said, there = MARK.sub("", statement.text), _passages(cited)
    if statement.computed or support.folded(QUOTATION.sub(r"\1", said)) in support.folded(MARK.sub("", there)):
        return True
    return entails(said, there) is not False


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
    return support.holds(text, "\n".join(citation.quote for citation in cited), computed)


def is_carried(text: str, citations: Iterable[Citation], idf: Idf = alike) -> bool:
    """Tell whether the passages of ``citations``, with their titles and headings, have the names and enough of the words of
    ``text``."""
    cited = [citation for citation in citations if not citation.chunk.author]
    quotes = "\n".join(citation.quote for citation in cited)
    return support.carries(MARK.sub("", text), quotes, _passages(cited), idf)


def _passages(citations: Iterable[Citation]) -> str:
    return "\n\n".join(dict.fromkeys(one.chunk.searched_text for one in citations))
