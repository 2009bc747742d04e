"""What all answerers share: citations numbered through, marks, and what is said when there is no certain answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from records import Citation, Statement, SubAnswer, Turn
from text.citation_marks import renumbered, without_marks

NOTHING_FOUND = "Not found in your documents."
NEAREST_PASSAGES = "I found no certain answer. These passages come nearest:"


def merge(turn: Turn) -> Turn:
    """Number the citations of all parts through; the same quote from the same place is one citation."""
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
        parts.append(replace(part, text=renumbered(part.text, renamed), statements=statements, citations=own))
    return replace(turn, parts=tuple(parts), citations=tuple(citations))


def marked(statement: Statement) -> str:
    """Return the statement with its citations' numbers: "... grew [1][2]"."""
    marks = "".join(f"[{n}]" for n in statement.citations)
    text = without_marks(statement.text)
    return f"{text} {marks}" if marks else text


def abstention(turn: Turn) -> str:
    """Return what is said when nothing was found."""
    searched = "; ".join(dict.fromkeys(part.question for part in turn.parts)) or turn.standalone
    nearest = "The nearest passages are shown, but they do not answer it." if turn.hits else "No passage comes near it."
    found = " ".join([NOTHING_FOUND, *say_out_of_corpus(turn.parts)])
    return f"{found} I searched for: {searched}\n\n{nearest}"


def say_out_of_corpus(parts: Sequence[SubAnswer]) -> list[str]:
    """Return the sentence that says which names stand nowhere; [] when there are none."""
    names = list(dict.fromkeys(name for part in parts for name in part.out_of_corpus))
    if not names:
        return []
    quoted = [f"“{without_marks(name)}”" for name in names]
    listed = " and ".join(filter(None, [", ".join(quoted[:-1]), quoted[-1]]))
    return [f"{listed} {'occur' if len(names) > 1 else 'occurs'} in none of those searched."]


def lines_of(part: SubAnswer) -> list[str]:
    """Return what is said of a part, paragraph by paragraph: its statements, after a line that says so where they are only
    the nearest passages; or that nothing was found."""
    if part.abstained:
        return [" ".join([NOTHING_FOUND, *say_out_of_corpus([part])])]
    opening = [NEAREST_PASSAGES] if part.outcome == "passages" else []
    return [*opening, *map(marked, dict.fromkeys(part.statements))]


def joined(turn: Turn) -> Turn:
    """Fill ``answer`` and ``statements`` with those of the parts, one below the other, as they were written where a model
    wrote them."""
    statements = tuple(dict.fromkeys(one for part in turn.parts for one in part.statements))
    lines = dict.fromkeys(line for part in turn.parts for line in ([part.text] if part.text else lines_of(part)))
    return replace(turn, answer="\n\n".join(lines), statements=statements)
