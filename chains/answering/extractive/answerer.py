"""Answers without a model of language: quotes, and what the rows of a table come to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from chains.answering.base import EXTRACTIVE, Context, Retrieve, with_part
from chains.answering.extractive.reader import Reader
from chains.answering.extractive.synthesis import synthesise
from chains.answering.synthesis import NEAREST_PASSAGES
from chains.query.condense import condense_by_rule
from chains.query.decompose import decompose_by_rule
from records import SubAnswer, Turn
from store.pixels_later import pixels_later
from text.citation_marks import without_marks
from text.english.names import POINTING, names


class Extractive:
    """The extractive answerer."""

    name = EXTRACTIVE

    def __init__(self, context: Context) -> None:
        self._limit = context.settings.max_subquestions
        self._top_k = context.settings.top_k
        self._reader = Reader(context)

    def condense(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``standalone``."""
        yield replace(turn, standalone=condense_by_rule(turn.question, turn.history))

    def decompose(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``parts`` with sub-questions."""
        questions = decompose_by_rule(turn.standalone, self._limit)
        yield replace(turn, parts=tuple(SubAnswer(question=question) for question in questions))

    def answer(self, turn: Turn, retrieve: Retrieve) -> Iterator[Turn]:
        """Answer the parts; a table whose rows answer the whole question answers instead of them.

        What is found is shown at once; where pixels have to be read again for it, that comes after.
        """
        if len(turn.parts) > 1 or turn.parts[0].question != turn.standalone:
            hits = retrieve(turn.standalone)[: self._top_k]
            with pixels_later() as put_off:
                whole = self._reader.read_table(turn.standalone, hits, turn.scope)
            if whole is not None and put_off:
                yield _shown(replace(turn, parts=(replace(whole, done=False),), stage="read"))
                whole = self._reader.read_table(turn.standalone, hits, turn.scope)
            if whole is not None:
                yield replace(turn, parts=(whole,), stage="answer")
                return
        for position, part in enumerate(turn.parts):
            question = resolved(part.question, turn.parts[:position])
            part = replace(part, question=question, hits=retrieve(question)[: self._top_k])
            turn = with_part(replace(turn, stage="retrieve"), position, part)
            yield turn
            with pixels_later() as put_off:
                read = self._reader.read(question, part.hits, turn.scope)
            if put_off and read.statements:
                yield _shown(with_part(replace(turn, stage="read"), position, replace(read, done=False)))
            if put_off:
                read = self._reader.read(question, part.hits, turn.scope)
            turn = _shown(with_part(replace(turn, stage="answer"), position, read))
            yield turn

    def synthesise(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``answer`` and ``statements``."""
        yield synthesise(turn)


def _shown(turn: Turn) -> Turn:
    """The turn with what has been found so far as its answer; marks come when all parts are numbered through."""
    found = [part for part in turn.parts if part.statements]
    lines = [NEAREST_PASSAGES] if found and all(part.outcome == "passages" for part in found) else []
    lines += dict.fromkeys(without_marks(one.text) for part in found for one in part.statements)
    return replace(turn, answer="\n\n".join(lines))


def resolved(question: str, earlier: Sequence[SubAnswer]) -> str:
    """Return the question with what it points at: in "How often are its turbines inspected?" the name in the answer
    before."""
    if not POINTING.search(question) or names(question):
        return question
    for part in (one for one in reversed(earlier) if one.outcome == "answered"):
        for statement in part.statements:
            subject = statement.text.split(" — ")[0] if " — " in statement.text else f"It: {statement.text}"
            asked = part.question.lower()
            found = [name for name in names(f"of {subject}") if name.lower() not in asked]
            if found:
                return f"{question.rstrip('? ')} ({found[0]})?"
    return question
