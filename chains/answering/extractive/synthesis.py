"""One answer of quotes out of those to the sub-questions."""

from __future__ import annotations

from dataclasses import replace

from chains.answering.synthesis import lines_of
from records import SubAnswer, Turn
from text.english.locator import locator_in


def synthesise(turn: Turn) -> Turn:
    """Fill the answer with the parts' statements, one below the other; with several parts each under its question, unless
    all say the same: then it is said once, for the whole question."""
    several = len({(part.outcome, part.statements) for part in turn.parts}) > 1
    lines: list[str] = []
    for part in turn.parts if several else turn.parts[:1]:
        if several:
            lines.append(f"**{part.question}**")
        lines += [*_said_elsewhere(part), *lines_of(part)]
    statements = dict.fromkeys(one for part in turn.parts for one in part.statements)
    return replace(turn, answer="\n\n".join(lines), statements=tuple(statements))


def _said_elsewhere(part: SubAnswer) -> list[str]:
    """The sentence that says that the answer does not stand on the page asked for; [] when it does."""
    pages = locator_in(part.question).pages
    if part.outcome != "answered" or not pages or any(citation.chunk.page in pages for citation in part.citations):
        return []
    named = f"page{'s' if len(pages) > 1 else ''} {', '.join(map(str, pages))}"
    return [f"Nothing found on {named} answers this; what follows stands elsewhere."]
