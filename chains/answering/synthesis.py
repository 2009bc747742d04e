"""Answers to sub-questions -> one answer with citations numbered through."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from chains.answering.extractive.compare import compare
from chains.answering.generative.citing import statements_of
from chains.query.locator import locator_in
from records import Citation, Statement, SubAnswer, Turn
from text.citation_marks import MARK, without_marks


def merge(turn: Turn) -> Turn:
    """Numbers the citations of all parts through; the same quote from the same place is one citation."""
    numbers: dict[tuple[str, str], int] = {}
    citations: list[Citation] = []
    parts: list[SubAnswer] = []
    for part in turn.parts:
        renamed = {}
        for citation in part.citations:
            key = (citation.chunk.id, citation.quote)
            if key not in numbers:
                numbers[key] = len(citations) + 1
                citations.append(replace(citation, n=numbers[key]))
            renamed[citation.n] = numbers[key]
        statements = tuple(
            replace(one, citations=tuple(dict.fromkeys(renamed[n] for n in one.citations))) for one in part.statements
        )
        own = tuple(one for one in citations if one.n in renamed.values())
        parts.append(replace(part, statements=statements, citations=own))
    return replace(turn, parts=tuple(parts), citations=tuple(citations))


def synthesise_by_rule(turn: Turn) -> Turn:
    """The parts' statements one below the other; with several parts each under its question, unless all say the same:
    then one sentence answers the whole question. Two numbers that are compared come first with their difference."""
    several = len({part.statements for part in turn.parts}) > 1
    compared = compare(turn.standalone, turn.parts)
    said: list[Statement] = [compared] if compared else []
    lines: list[str] = [marked(compared)] if compared else []
    for part in turn.parts if several else turn.parts[:1]:
        if several:
            lines.append(f"**{part.question}**")
        if part.abstained:
            lines.append(" ".join(["Not found in your documents.", *say_out_of_corpus([part])]))
        lines += _said_elsewhere(part)
        for statement in dict.fromkeys(part.statements):
            said.append(statement)
            lines.append(marked(statement))
    return replace(turn, answer="\n\n".join(lines), statements=tuple(dict.fromkeys(said)))


def _said_elsewhere(part: SubAnswer) -> list[str]:
    """The sentence that says that the answer does not stand on the page asked for; [] when it does."""
    pages = locator_in(part.question).pages
    if part.abstained or not pages or any(citation.chunk.page in pages for citation in part.citations):
        return []
    named = f"page{'s' if len(pages) > 1 else ''} {', '.join(map(str, pages))}"
    return [f"Nothing found on {named} answers this; what follows stands elsewhere."]


def rewritten(turn: Turn, text: str) -> Turn:
    """The model's text as the answer; marks of citations that do not exist are taken out, unused citations too."""
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


def marked(statement: Statement) -> str:
    """The statement with its citations' numbers: "... grew [1][2]"."""
    marks = "".join(f"[{n}]" for n in statement.citations)
    text = without_marks(statement.text)
    return f"{text} {marks}" if marks else text


def abstention(turn: Turn) -> str:
    """What is said when nothing was found."""
    searched = "; ".join(dict.fromkeys(part.question for part in turn.parts)) or turn.standalone
    nearest = "The nearest passages are shown, but they do not answer it." if turn.hits else "No passage comes near it."
    found = " ".join(["Not found in your documents.", *say_out_of_corpus(turn.parts)])
    return f"{found} I searched for: {searched}\n\n{nearest}"


def say_out_of_corpus(parts: Sequence[SubAnswer]) -> list[str]:
    """The sentence that says which names stand nowhere; [] when there are none."""
    names = list(dict.fromkeys(name for part in parts for name in part.out_of_corpus))
    if not names:
        return []
    quoted = [f"“{without_marks(name)}”" for name in names]
    listed = " and ".join(filter(None, [", ".join(quoted[:-1]), quoted[-1]]))
    return [f"{listed} {'occur' if len(names) > 1 else 'occurs'} in none of those searched."]
