"""From what a model wrote to statements and citations of the closest words in the passages. A sentence that cites nothing, or
what does not bear it out, gets the passage that does, if there is one: added by us, and recorded as such."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from chains.answering.evidence import Evidence, collect
from chains.answering.generative.written import Sentence, Written, read
from records import Chunk, Citation, Computation, Hit, Statement, Turn
from store.assets import Assets
from text.citation_marks import MARK, NO_SOURCE
from text.geometry import union
from text.support import Idf, carries, holds, share_carried
from text.tokens import content_words, stem
from text.values import numbers

MAX_PIECES = 3  # sentences or rows that one quote may join


@dataclass(frozen=True)
class Cited:
    """An answer as it was written, with marks by the numbers of its citations, and what it states."""

    text: str
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    unknown: tuple[int, ...] = ()  # passages that it cited and that do not exist


@dataclass(frozen=True)
class Computed:
    """What was computed for a sentence, and the rows it is from: the numbers of their passages, and citations of them."""

    computation: Computation
    places: tuple[tuple[int, Citation], ...]


def cite(
    written: Written,
    passages: Sequence[Sequence[Chunk]],
    assets: Assets,
    idf: Idf,
    computed: Callable[[str], Computed | None] = lambda text: None,
) -> Cited:
    """Return what was ``written`` with citations numbered from 1 in order of appearance, each quoting from its passage what
    its statement says.

    A passage is one or several chunks. A passage number that does not exist is dropped, and named as ``unknown``. A
    statement that then cites nothing, or nothing that carries it, is ``added`` the passage whose words do; without one it
    ends in ``NO_SOURCE`` if it cites nothing. A sentence that was ``computed`` cites the cells it was computed from.
    """
    shown = [_Passage(number, chunks, assets) for number, chunks in enumerate(passages, start=1)]
    numbered: dict[tuple[int, str], Citation] = {}
    statements: list[Statement] = []
    names: list[dict[int, int]] = []
    behind: list[str] = []
    for sentence in written.sentences:
        own = [(n, shown[n - 1].closest(sentence.text)) for n in sentence.citations if 1 <= n <= len(shown)]
        result, found = computed(sentence.text), None
        if not result and not _carried(sentence.text, [one for _, one in own], idf):
            others = [(one.number, one.closest(sentence.text)) for one in shown if one.is_of_source]
            found = _best(sentence, others, idf)
        chosen = list(result.places) if result else [found] if found else own
        for passage, citation in chosen:
            numbered.setdefault((passage, citation.quote), replace(citation, n=len(numbered) + 1))
        of_passage = {passage: numbered[passage, one.quote].n for passage, one in chosen}
        cited = tuple(dict.fromkeys(numbered[passage, one.quote].n for passage, one in chosen))
        computation = result.computation if result else None
        statements.append(Statement(text=sentence.text, citations=cited, added=found is not None, computed=computation))
        names.append({} if found else of_passage)
        marked = set() if found else {of_passage[n] for n in sentence.citations if n in of_passage}
        behind.append(_mark_behind([n for n in cited if n not in marked]) if cited else NO_SOURCE)
    unknown = _unknown(written, range(1, len(shown) + 1))
    return Cited(written.marked(names, behind), tuple(statements), tuple(numbered.values()), unknown)


def rewritten(turn: Turn, text: str, idf: Idf, *, cut: bool = False) -> Turn:
    """Return ``turn`` with the model's ``text``, which cites by the numbers of the turn's citations, as the answer.

    Marks of citations that do not exist are taken out, which is said, unused citations too; what cites nothing that carries
    it gets one of the turn's that does.
    """
    known = {citation.n: citation for citation in turn.citations}
    written = read(text, cut=cut)
    statements: list[Statement] = []
    names: list[dict[int, int]] = []
    behind: list[str] = []
    for sentence in written.sentences:
        own = [n for n in sentence.citations if n in known]
        found = None
        if not _carried(sentence.text, [known[n] for n in own], idf):
            found = _best(sentence, [(n, one) for n, one in known.items() if not one.chunk.author], idf)
        cited = tuple(own) if found is None else (found[0],)
        statements.append(Statement(text=sentence.text, citations=cited, added=found is not None))
        names.append({} if found else {n: n for n in own})
        behind.append(_mark_behind(cited if found else ()) if cited else NO_SOURCE)
    used = {n for one in statements for n in one.citations}
    return replace(
        turn,
        notices=(*turn.notices, *wrong_marks(_unknown(written, known))),
        answer=written.marked(names, behind),
        statements=tuple(statements),
        citations=tuple(one for one in turn.citations if one.n in used),
    )


def _unknown(written: Written, known: Container[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(n for mark in written.marks for n in mark.passages if n not in known))


def wrong_marks(unknown: Sequence[int]) -> tuple[str, ...]:
    """Return the notice that the model cited what does not exist; () when it did not."""
    if not unknown:
        return ()
    marks = ", ".join(f"({n})" for n in unknown)  # in round brackets, so that nothing reads as a citation
    return (f"The chat model cited passages that do not exist: {marks}. These citations were taken out.",)


def _mark_behind(numbers: Sequence[int]) -> str:
    return f"[{', '.join(map(str, numbers))}]" if numbers else ""


def _carried(text: str, citations: Iterable[Citation], idf: Idf) -> bool:
    """Whether ``citations`` together bear ``text`` out, as the check sees it."""
    cited = [one for one in citations if not one.chunk.author]
    quote = "\n".join(one.quote for one in cited)
    passage = "\n\n".join(one.chunk.searched_text for one in cited)
    return bool(cited) and holds(text, quote) and carries(text, quote, passage, idf)


def _best(sentence: Sentence, places: Sequence[tuple[int, Citation]], idf: Idf) -> tuple[int, Citation] | None:
    """That of ``places`` which bears the sentence out and whose quote has most of its words; None if none does."""
    fitting = [one for one in places if _carried(sentence.text, [one[1]], idf)]
    return max(fitting, key=lambda one: share_carried(sentence.text, one[1].quote, idf), default=None)


class _Passage:
    """A passage as it was read, with the pieces that can be quoted of it."""

    def __init__(self, number: int, chunks: Sequence[Chunk], assets: Assets) -> None:
        self.number = number
        self.is_of_source = not chunks[0].author
        self._chunks = chunks
        self._assets = assets

    @cached_property
    def _pieces(self) -> list[tuple[Evidence, set[str]]]:
        """Each with the stems of its words."""
        found = collect([Hit(chunk=one, score=0.0) for one in self._chunks], self._assets)
        return [(one, {stem(word) for word in content_words(f"{one.quote} {one.about}")}) for one in found]

    def closest(self, text: str) -> Citation:
        """The fewest sentences or rows that share most words with ``text`` and hold its numbers; the first chunk where
        there are none."""
        said = {stem(word) for word in content_words(text)}
        ranked = sorted(self._pieces, key=lambda piece: -len(said & piece[1]) / math.sqrt(len(piece[1]) + 5))
        chosen: list[Evidence] = []
        for piece, _ in ranked[: MAX_PIECES * 2]:
            quote = "\n".join(one.quote for one in chosen)
            if chosen and not len(uncited_numbers(text, f"{quote}\n{piece.quote}")) < len(uncited_numbers(text, quote)):
                continue
            chosen.append(piece)
            if len(chosen) == MAX_PIECES:
                break
        if not chosen:
            first = self._chunks[0]
            return Citation(n=0, chunk=first, quote=first.text, bbox=first.bbox)
        chunk = chosen[0].chunk
        places = [piece for piece, _ in self._pieces]
        chosen.sort(key=places.index)
        boxes = union(piece.bbox for piece in chosen)
        return Citation(n=0, chunk=chunk, quote="\n".join(piece.quote for piece in chosen), bbox=boxes or chunk.bbox)


def uncited_numbers(text: str, quote: str) -> list[float]:
    """Return the numbers of ``text`` that do not occur in ``quote``."""
    known = {abs(number) for number in numbers(quote)}
    return [number for number in numbers(MARK.sub("", text)) if abs(number) not in known]
