"""Questions that may come next, each tried before it is offered: none of them ends in "not found".

They ask for other rows of a table that an answer cites, in the column that answered, for what plain sentences near a cited
one say, and for a summary of the source. A question counts when the extractive reader, asked it, answers with the cell or the
words that it was made from.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from chains.query.intent import wanted
from errors import AssistantError
from records import Citation, Table, Turn
from store.assets import Assets
from store.documents import Documents
from text.english.said import questions_of
from text.tokens import content_words, sentences, stem

MOST = 3
TRIED = 6  # questions for which there is time at most
NEAR = 12  # passages of a source, nearest to the cited one, whose sentences are looked at
SECONDS = 3.0  # in which they are tried; what is not known by then is not offered
_YEAR = re.compile(r"^(?P<name>.*?)\W*\b(?P<year>(?:19|20)\d\d)$")
_BRACKETED = re.compile(r"\s*\([^)]*\)")

Answer = Callable[[Turn], Turn]


@dataclass(frozen=True)
class Tried:
    """A question for one cell of a table, or for words of a sentence."""

    question: str
    value: str  # that cell, or these words
    source: str


def suggestions(
    turn: Turn, answer: Answer, documents: Documents, assets: Assets, seconds: float = SECONDS
) -> list[str]:
    """Return at most ``MOST`` questions that come after ``turn``, all of which have an answer; [] where it has none itself.

    Args:
        answer: the chain with the extractive reader.
        seconds: after which no further question is tried.
    """
    if turn.outcome != "answered" or turn.intent not in ("question", "summary"):
        return []
    ends, found = time.monotonic() + seconds, list[str]()
    rows = row_questions(turn.citations, turn.question, assets)
    for one in islice(chain(rows, sentence_questions(turn, documents)), TRIED):
        if time.monotonic() > ends or len(found) == MOST - 1:
            break
        if _holds(one, turn, answer):
            found.append(one.question)
    if turn.intent == "question" and (summary := _summary(turn, documents)):
        found.append(summary)
    return found


def _holds(one: Tried, turn: Turn, answer: Answer) -> bool:
    """Whether the reader answers ``one`` with its cell."""
    try:
        reply = answer(Turn(question=one.question, scope=turn.scope))
    except AssistantError:
        return False
    if reply.outcome != "answered" or not reply.statements or not reply.statements[0].checked:
        return False
    cited = {citation.n: citation for citation in reply.citations}
    first = [cited[n] for n in reply.statements[0].citations if n in cited]
    return one.value in reply.statements[0].text and any(citation.chunk.source == one.source for citation in first)


def row_questions(citations: Sequence[Citation], asked: str, assets: Assets) -> Iterator[Tried]:
    """Yield a question for each other row of the tables among ``citations``, in the column that was cited."""
    for citation in citations:
        if not citation.chunk.table:
            continue
        table = assets.read_table(citation.chunk.table)
        names, grid = table.column_names(), table.grid()
        cited = _cited_cell(table, citation)
        if cited is None:
            continue
        row, column = cited
        for other in [*range(row + 1, table.n_rows), *range(table.header_rows, row)]:
            label, value = grid[other][0], grid[other][column]
            named = _BRACKETED.sub("", label).strip()
            if named and any(map(str.isdigit, value)) and named.lower() not in asked.lower():
                yield Tried(_worded(named, names[column]), value, citation.chunk.source)


def sentence_questions(turn: Turn, documents: Documents) -> Iterator[Tried]:
    """Yield questions that sentences of the cited sources answer, those nearest to a cited passage first, each source in
    turn; what was asked, and what an answer quotes already, is left out."""
    principal, asked = turn.scope.principal, _stems(turn.question)
    quoted = " ".join(citation.quote for citation in turn.citations)
    first = {citation.chunk.source: citation.chunk for citation in reversed(turn.citations)}
    for source, cited in reversed(first.items()):
        near = [one for one in documents.chunks_of(source, principal) if one.kind == "text" and not one.author]
        near.sort(key=lambda one: abs(one.ordinal - cited.ordinal))
        for chunk in near[:NEAR]:
            for start, end in sentences(chunk.text):
                sentence = chunk.text[start:end]
                if sentence.strip(" .") in quoted:
                    continue
                yield from (
                    Tried(one.question, one.value, source)
                    for one in questions_of(sentence)
                    if _stems(one.question) != asked
                )


def _cited_cell(table: Table, citation: Citation) -> tuple[int, int] | None:
    """The row that ``citation`` quotes and the last of its columns; None when it quotes none, or names no column."""
    last = citation.quote.splitlines()[-1:]
    if not last:
        return None
    names = table.column_names()
    for row, cells in enumerate(table.grid()):
        if row < table.header_rows or not cells[0] or not last[0].startswith(cells[0]):
            continue
        columns = [col for col in range(1, table.n_cols) if cells[col] and names[col] and names[col] in citation.quote]
        columns = [col for col in columns if last[0].endswith(cells[col])]
        return (row, columns[-1]) if columns else None
    return None


def _worded(row: str, column: str) -> str:
    """The question for a cell: "Availability 2025" of "Gannet Ridge" is "the availability of Gannet Ridge in 2025"."""
    when = ""
    if (match := _YEAR.match(column)) and match["name"]:
        column, when = match["name"], f" in {match['year']}"
    name = column if column[1:2].isupper() else column[:1].lower() + column[1:]
    return f"What is the {_BRACKETED.sub('', name).strip()} of {row}{when}?"


def _summary(turn: Turn, documents: Documents) -> str:
    """The question for a summary of the source that is cited first; "" where its title does not tell it from others."""
    if not turn.citations:
        return ""
    principal = turn.scope.principal
    source = documents.source(turn.citations[0].chunk.source, principal)
    if source is None or source.chunks < 2:
        return ""
    question = f"Summarise {source.title}"
    chosen = turn.scope.sources
    sources = [one for one in documents.sources(principal) if chosen is None or one.source in chosen]
    meant = wanted(question, lambda: sources, follows=True).sources
    return question if [one.source for one in meant] == [source.source] else ""


def _stems(question: str) -> set[str]:
    return {stem(word) for word in content_words(question)}
