"""From a model's text with [n] marks to statements and citations of the closest words in the passages."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from chains.answering.evidence import Evidence, collect
from records import Chunk, Citation, Hit, Statement, Turn
from store.assets import Assets
from text.citation_marks import MARK
from text.geometry import union
from text.tokens import content_words, sentences, stem
from text.values import numbers

MAX_PIECES = 3  # sentences or rows that one quote may join


def statements_of(text: str) -> list[Statement]:
    """Return the sentences of ``text`` with the numbers of the passages they cite; a mark after the full stop counts to the
    sentence before it."""
    found: list[Statement] = []
    for start, end in sentences(_marks_inside(text)):
        sentence = _marks_inside(text)[start:end]
        numbers = tuple(dict.fromkeys(int(n) for match in MARK.finditer(sentence) for n in match.group(1).split(",")))
        plain = MARK.sub("", sentence).strip()
        if plain.strip("*-•# "):
            found.append(Statement(text=plain, citations=numbers))
        elif found and numbers:
            found[-1] = replace(found[-1], citations=(*found[-1].citations, *numbers))
    return found


def _marks_inside(text: str) -> str:
    """Move "... grew. [1]" to "... grew [1]."."""
    return re.sub(r"([.!?])((?:\s*\[\d+(?:\s*,\s*\d+)*\])+)", r"\2\1", text)


def cite(
    statements: Sequence[Statement], passages: Sequence[Sequence[Chunk]], assets: Assets
) -> tuple[list[Statement], list[Citation]]:
    """Return the statements and citations numbered from 1 in order of appearance, each quoting from its passage what its
    statement says.

    A passage is one or several chunks. A passage number that does not exist is dropped: its statement then counts as not
    cited.
    """
    pieces: dict[int, list[Evidence]] = {}
    cited: list[Citation] = []
    numbered: dict[tuple[int, str], int] = {}
    renumbered: list[Statement] = []
    for statement in statements:
        numbers = []
        for passage in statement.citations:
            if not 1 <= passage <= len(passages):
                continue
            if passage not in pieces:
                pieces[passage] = collect([Hit(chunk=one, score=0.0) for one in passages[passage - 1]], assets)
            citation = _closest(statement.text, passages[passage - 1][0], pieces[passage])
            key = (passage, citation.quote)
            if key not in numbered:
                numbered[key] = len(cited) + 1
                cited.append(replace(citation, n=numbered[key]))
            numbers.append(numbered[key])
        renumbered.append(replace(statement, citations=tuple(dict.fromkeys(numbers))))
    return renumbered, cited


def _closest(text: str, first: Chunk, pieces: Sequence[Evidence]) -> Citation:
    """The fewest sentences or rows of a passage that share most words with ``text`` and hold its numbers; the
    ``first`` chunk where there are none."""
    said = {stem(word) for word in content_words(text)}
    ranked = sorted(pieces, key=lambda piece: -_shared(said, piece))
    chosen: list[Evidence] = []
    for piece in ranked[: MAX_PIECES * 2]:
        quote = "\n".join(one.quote for one in chosen)
        if chosen and not len(uncited_numbers(text, f"{quote}\n{piece.quote}")) < len(uncited_numbers(text, quote)):
            continue
        chosen.append(piece)
        if len(chosen) == MAX_PIECES:
            break
    if not chosen:
        return Citation(n=0, chunk=first, quote=first.text, bbox=first.bbox)
    chunk = chosen[0].chunk
    chosen.sort(key=pieces.index)
    boxes = union(piece.bbox for piece in chosen)
    return Citation(n=0, chunk=chunk, quote="\n".join(piece.quote for piece in chosen), bbox=boxes or chunk.bbox)


def _shared(said: set[str], piece: Evidence) -> float:
    own = {stem(word) for word in content_words(f"{piece.quote} {piece.about}")}
    return len(said & own) / math.sqrt(len(own) + 5)


def uncited_numbers(text: str, quote: str) -> list[float]:
    """Return the numbers of ``text`` that do not occur in ``quote``."""
    known = {abs(number) for number in numbers(quote)}
    return [number for number in numbers(MARK.sub("", text)) if abs(number) not in known]


def rewritten(turn: Turn, text: str) -> Turn:
    """Return ``turn`` with the model's text as the answer; marks of citations that do not exist are taken out, unused
    citations too."""
    known = {citation.n for citation in turn.citations}
    statements = tuple(
        replace(one, citations=tuple(n for n in one.citations if n in known)) for one in statements_of(text)
    )
    used = {n for one in statements for n in one.citations}
    answer = MARK.sub(lambda match: _kept(match, known), text)
    return replace(
        turn,
        answer=answer.strip(),
        statements=statements,
        citations=tuple(one for one in turn.citations if one.n in used),
    )


def _kept(match: re.Match[str], known: set[int]) -> str:
    """The mark with the numbers that exist; nothing when none does."""
    numbers = [n for n in match.group(1).split(",") if int(n) in known]
    return f" [{', '.join(n.strip() for n in numbers)}]" if numbers else ""
