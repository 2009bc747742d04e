"""One answer of quotes out of those to the sub-questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chains.answering.synthesis import NEAREST_PASSAGES, lines_of, marked
from records import Statement, SubAnswer, Turn
from text.english.locator import locator_in

SAID_ABOVE = "I found no certain answer. What comes nearest stands above:"


def synthesise(turn: Turn) -> Turn:
    """Fill the answer with the parts' statements, one below the other; with several parts each under its question.

    Parts of which the same is said stand under one heading, a nearest passage is shown once, and where no part is answered
    those of all are one list.
    """
    statements = tuple(dict.fromkeys(one for part in turn.parts for one in part.statements))
    groups = _alike(turn.parts)
    if len(groups) > 1 and all(part.outcome == "passages" for part in turn.parts):
        lines = [NEAREST_PASSAGES, *map(marked, statements)]
    elif len(groups) == 1:
        lines = [*_said_elsewhere(turn.parts[0]), *lines_of(turn.parts[0])]
    else:
        lines = []
        said: set[Statement] = set()
        for group in groups:
            lines.append(" ".join(f"**{_heading(part.question)}**" for part in group))
            lines += _lines(group[0], said)
            said.update(group[0].statements if group[0].outcome == "passages" else ())
    return replace(turn, answer="\n\n".join(lines), statements=statements)


def _alike(parts: Sequence[SubAnswer]) -> list[list[SubAnswer]]:
    """The parts in groups of which the same is to be said, in the order of their first ones."""
    groups: dict[tuple[object, ...], list[SubAnswer]] = {}
    for part in parts:
        groups.setdefault((part.outcome, frozenset(part.statements), part.out_of_corpus), []).append(part)
    return list(groups.values())


def _lines(part: SubAnswer, said: set[Statement]) -> list[str]:
    """What is said of a part, without the nearest passages that were ``said`` of those above."""
    new = tuple(one for one in part.statements if part.outcome != "passages" or one not in said)
    if part.statements and not new:
        marks = dict.fromkeys(f"[{n}]" for one in part.statements for n in one.citations)
        return [f"{SAID_ABOVE} {''.join(marks)}"]
    return [*_said_elsewhere(part), *lines_of(replace(part, statements=new))]


def _heading(question: str) -> str:
    """A sub-question with the mark that it should end with."""
    return f"{question.rstrip(' .?!')}?"


def _said_elsewhere(part: SubAnswer) -> list[str]:
    """The sentence that says that the answer does not stand on the page asked for; [] when it does."""
    pages = locator_in(part.question).pages
    if part.outcome != "answered" or not pages or any(citation.chunk.page in pages for citation in part.citations):
        return []
    named = f"page{'s' if len(pages) > 1 else ''} {', '.join(map(str, pages))}"
    return [f"Nothing found on {named} answers this; what follows stands elsewhere."]
