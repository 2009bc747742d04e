"""The whole way of a question, composed with LangChain. Read top to bottom:

    condense -> decompose -> answer (retrieve, fuse, read; for each sub-question) -> synthesise -> check

A picture that comes with the question, or instead of one, is looked for first; words are asked of the source that has it:

    look -> condense -> ... -> check -> place

Each step is a Runnable from ``Turn`` to ``Turn``. ``stream`` yields ever fuller snapshots while a step works, ``invoke``
returns the last one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import Runnable, RunnableBranch, RunnableGenerator, RunnablePassthrough

from chains.answering.extractive.reader import read, read_table
from chains.answering.generative.writer import (
    answer_by_model,
    condense_by_model,
    decompose_by_model,
    synthesise_by_model,
)
from chains.answering.synthesis import abstention, merge, rewritten, synthesise_by_rule
from chains.query.condense import condense_by_rule
from chains.query.decompose import decompose_by_rule
from chains.query.english.names import POINTING, names
from chains.query.image_search import find_picture, with_picture_hits
from chains.query.spelling import corrected
from chains.retrieval.search import fuse_hits, retrieve
from chains.verification.check import check
from chains.verification.source_check import is_supported
from config import Settings
from errors import AssistantError
from models.chat import load_chat_model
from records import Hit, SubAnswer, Turn
from store.index import Index

Step = Callable[[Turn], Iterator[Turn]]
EXTRACTIVE = "extractive"  # the model's name when there is none


def build(index: Index, settings: Settings, model: BaseChatModel | None = None) -> Runnable[Turn, Turn]:
    """The assistant over ``index``: with ``model``, or the one ``settings`` name, or the extractive reader.

    Raises:
        ModelError: the chat model cannot be loaded.
    """
    if model is None and settings.chat_model:
        model = load_chat_model(settings.chat_model)
    steps = Steps(index, settings, model)
    words = (
        _step("condense", steps.condense)
        | _step("decompose", steps.decompose)
        | _step("answer", steps.answer)
        | _step("synthesise", steps.synthesise)
        | _step("check", steps.check)
    )
    settled: Runnable[Turn, Turn] = RunnablePassthrough()
    picture = _step("look", steps.find_picture) | RunnableBranch(
        (lambda turn: bool(turn.answer), settled), words | _step("place", steps.place)
    )
    return RunnableBranch((lambda turn: bool(turn.picture), picture), words)


class Steps:
    """The steps with what they need."""

    def __init__(self, index: Index, settings: Settings, model: BaseChatModel | None) -> None:
        self._index = index
        self._settings = settings
        self._model = model

    def find_picture(self, turn: Turn) -> Iterator[Turn]:
        """Fills ``picture_hits`` with where the picture stands."""
        self._need_documents(turn)
        yield find_picture(self._index, turn)

    def place(self, turn: Turn) -> Iterator[Turn]:
        """Says where the picture stands before what the words asked for."""
        yield with_picture_hits(self._index, turn)

    def _need_documents(self, turn: Turn) -> None:
        if not self._index.sources(turn.scope.principal):
            raise AssistantError("There are no documents yet. Add some: python -m ingest SOURCE...")

    def condense(self, turn: Turn) -> Iterator[Turn]:
        """Fills ``standalone``."""
        question = turn.question.strip()
        if not question:
            raise AssistantError("The question is empty. Write one.")
        self._need_documents(turn)
        if self._model is None:
            question = condense_by_rule(question, turn.history)
        else:
            question = condense_by_model(self._model, question, turn.history)
        question = corrected(question, self._index, turn.scope)
        name = EXTRACTIVE if self._model is None else self._settings.chat_model or type(self._model).__name__
        yield replace(turn, standalone=question, model=name)

    def decompose(self, turn: Turn) -> Iterator[Turn]:
        """Fills ``parts`` with the sub-questions."""
        limit = self._settings.max_subquestions
        if self._model is None:
            questions = decompose_by_rule(turn.standalone, limit)
        else:
            questions = decompose_by_model(self._model, turn.standalone, limit)
        yield replace(turn, parts=tuple(SubAnswer(question=question) for question in questions))

    def answer(self, turn: Turn) -> Iterator[Turn]:
        """Fills the parts one after the other, and ``hits`` with what was found: for the question as a whole, then for
        its parts. Later parts see earlier answers."""
        rankings: dict[str, tuple[Hit, ...]] = {}
        spent = 0.0
        whole: tuple[Hit, ...] = ()
        shortened = self._model is None and turn.parts[0].question != turn.standalone
        if len(turn.parts) > 1 or shortened:
            began = time.perf_counter()
            whole = retrieve(self._index, turn.standalone, turn.scope, self._settings)
            spent += time.perf_counter() - began
            computed = None
            if self._model is None:
                computed = read_table(turn.standalone, whole, self._index, self._settings, turn.scope)
            if computed is not None:  # one table compares what the parts would ask for one by one
                turn = replace(turn, parts=(computed,), hits=whole)
                yield replace(turn, timings_ms={**turn.timings_ms, "retrieve": round(spent * 1000, 1)})
                return
        for position, part in enumerate(turn.parts):
            earlier = turn.parts[:position]
            began = time.perf_counter()
            if self._model is None:
                part = replace(part, question=_resolved(part.question, earlier))
            hits = retrieve(self._index, part.question, turn.scope, self._settings)
            spent += time.perf_counter() - began
            rankings[f"part {position + 1}"] = hits
            turn = _with_part(replace(turn, stage="retrieve"), position, replace(part, hits=hits))
            yield turn
            if self._model is None:
                done = read(part.question, hits, self._index, self._settings, turn.scope)
                turn = _with_part(replace(turn, stage="answer"), position, done)
                yield turn
                continue
            for said in answer_by_model(self._model, part.question, hits, earlier, self._index.assets, self._settings):
                if isinstance(said, SubAnswer):
                    turn = _with_part(replace(turn, stage="answer"), position, said)
                    yield turn
                elif len(turn.parts) == 1:
                    yield replace(turn, stage="answer", answer=said)
        of_parts = next(iter(rankings.values()), ())
        if len(rankings) > 1:
            scored = {name: [(hit.chunk, hit.score) for hit in hits] for name, hits in rankings.items()}
            of_parts = fuse_hits(scored, self._settings)
        known = {hit.chunk.id for hit in whole}
        hits = (*whole, *(hit for hit in of_parts if hit.chunk.id not in known))
        yield replace(turn, hits=hits, timings_ms={**turn.timings_ms, "retrieve": round(spent * 1000, 1)})

    def synthesise(self, turn: Turn) -> Iterator[Turn]:
        """Fills ``answer``, ``statements`` and ``citations``."""
        if all(part.abstained for part in turn.parts):
            yield replace(turn, answer=abstention(turn), abstained=True)
            return
        turn = merge(turn)
        if self._model is not None and len(turn.parts) > 1:
            text = ""
            for text in synthesise_by_model(self._model, turn.standalone, turn.parts):
                yield replace(turn, answer=text)
            yield rewritten(turn, text)
            return
        yield synthesise_by_rule(turn)

    def check(self, turn: Turn) -> Iterator[Turn]:
        """Marks what the citations bear out."""
        yield check(turn, lambda statement, cited: is_supported(statement, cited, self._index, turn.scope.principal))


def _with_part(turn: Turn, position: int, part: SubAnswer) -> Turn:
    return replace(turn, parts=(*turn.parts[:position], part, *turn.parts[position + 1 :]))


def _resolved(question: str, earlier: tuple[SubAnswer, ...]) -> str:
    """The question with what it points at: in "How often are its turbines inspected?" the name in the answer before."""
    if not POINTING.search(question) or names(question):
        return question
    for part in reversed(earlier):
        for statement in part.statements:
            subject = statement.text.split(" — ")[0] if " — " in statement.text else f"It: {statement.text}"
            asked = part.question.lower()
            found = [name for name in names(f"of {subject}") if name.lower() not in asked]
            if found:
                return f"{question.rstrip('? ')} ({found[0]})?"
    return question


def _step(name: str, work: Step) -> Runnable[Turn, Turn]:
    """``work`` as a Runnable that passes on what it is given as it comes, and then works on the last of it.

    Sets ``stage`` where the work does not, and notes the time the step took.
    """

    def run(turns: Iterator[Turn]) -> Iterator[Turn]:
        last = None
        for turn in turns:
            last = turn
            yield turn
        if last is None:
            return
        began = time.perf_counter()
        before = last.stage
        for turn in work(last):
            spent = round((time.perf_counter() - began) * 1000, 1)
            stage = name if turn.stage == before else turn.stage
            yield replace(turn, stage=stage, timings_ms={**turn.timings_ms, name: spent})

    return RunnableGenerator(run).with_config(run_name=name)
