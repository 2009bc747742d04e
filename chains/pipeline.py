"""The whole way of a question, composed with LangChain. Read top to bottom:

    understand -> condense -> decompose -> answer (retrieve and read for each sub-question) -> synthesise -> check

What is no question (a greeting, "what documents do you have?") is answered by the first step; a summary of a source has
steps of its own:

    understand -> summarise -> check

A picture that comes with the question, or instead of one, is looked for first; words are asked of the source that has it:

    find_picture -> understand -> ... -> check -> say_where

What is asked of the picture itself is answered there, where models that see are set (chains.photo).

Each step is a Runnable from ``Turn`` to ``Turn``. ``stream`` and ``astream`` yield ever fuller snapshots while a step works,
``invoke`` and ``ainvoke`` return the last one. Which answerer works in the steps is decided once, in ``build``.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import Runnable, RunnableBranch, RunnableGenerator, RunnablePassthrough

from chains.answering.answerers import answerers_for
from chains.answering.base import EXTRACTIVE, READ_HITS, Answerer, Context
from chains.answering.synthesis import abstention, joined, merge
from chains.photo import eyes_of, look
from chains.picture import find_picture, with_picture_hits
from chains.query.spelling import corrected
from chains.query.versions import said_of_versions, without_older
from chains.retrieval.at_once import Retrieval
from chains.retrieval.base import NameIndex, Ranking, Resources
from chains.retrieval.notices import collecting
from chains.retrieval.retriever import Retriever
from chains.retrieval.search import check_steps, fuse
from chains.small_talk import reply
from chains.summary import summarise
from chains.verification.check import check
from chains.verification.entailment import entailment_for, until_it_fails
from chains.verification.outcome import held
from chains.verification.source_check import is_supported
from chains.verification.still_read import said_of_reading
from config import Settings, secrets
from errors import AssistantError
from models.chat import load_chat_model
from models.chat.call_limit import CallLimit
from models.prompts import PROMPTS, Prompts
from models.reader import TransformersReader
from models.rerank import reranker_for
from records import OUTCOMES, Citation, Hit, Outcome, Principal, Scope, Statement, Turn
from store.index import Index
from store.versions import VersionSearch
from text.english.names import POINTING
from text.english.picture_words import intent_of
from text.glossary import load_glossary

Step = Callable[[Turn], Iterator[Turn]]


def build(
    index: Index,
    settings: Settings,
    model: BaseChatModel | None = None,
    *,
    prompts: Prompts = PROMPTS,
    resources: Resources | None = None,
) -> Runnable[Turn, Turn]:
    """Return the assistant over ``index``: with ``model``, or the one that ``settings`` name, or the extractive reader.

    Args:
        resources: of ``resources_of``, where others use them as well; made here otherwise.

    Raises:
        ModelError: a model cannot be loaded.
        SettingsError: a step of retrieval, an answerer or a glossary that the settings name cannot be used.
    """
    steps = Steps(index, settings, resources or resources_of(index, settings, model), prompts)
    answered: Runnable[Turn, Turn] = RunnablePassthrough()
    question = (
        _step("condense", steps.condense)
        | _step("decompose", steps.decompose)
        | _step("answer", steps.answer)
        | _step("synthesise", steps.synthesise)
        | _step("check", steps.check)
    )
    summary = _step("summarise", steps.summarise) | _step("check", steps.check)
    words = _step("understand", steps.understand) | RunnableBranch(
        (lambda turn: bool(turn.answer), answered),
        (lambda turn: turn.intent == "summary", summary),
        question,
    )
    picture = _step("find_picture", steps.find_picture) | RunnableBranch(
        (lambda turn: bool(turn.answer), answered), words | _step("say_where", steps.say_where)
    )
    whole = RunnableBranch((lambda turn: bool(turn.picture), picture), words)
    return whole.with_config(callbacks=[CallLimit(settings.chat_calls)])


def resources_of(index: Index, settings: Settings, model: BaseChatModel | None = None) -> Resources:
    """Return what the steps need of ``index``, with the glossary and the models that ``settings`` name; ``model`` wins over
    the chat model among these.

    Raises:
        ModelError: a model cannot be loaded.
        SettingsError: a step of retrieval or a glossary cannot be used.
    """
    check_steps(settings)
    decompose_model = model
    if model is None and settings.chat_model:
        model = load_chat_model(settings.chat_model, settings)
        decompose_model = load_chat_model(settings.decompose_model or settings.chat_model, settings)
    return Resources(
        settings=settings,
        documents=index.documents,
        dense=index.dense,
        lexical=index.lexical,
        assets=index.assets,
        embedder=index.embedder,
        names=NameIndex(index.documents),
        glossary=load_glossary(settings.glossary),
        reranker=reranker_for(
            settings.rerank_model, settings.rerank_url, secrets().get("RERANK_API_KEY", ""), settings.rerank_seconds
        ),
        reader=TransformersReader(settings.reader_model) if settings.reader_model else None,
        pictures=index.pictures,
        pages=index.pages if settings.embeds_pages else None,
        model=model,
        decompose_model=decompose_model,
    )


def retriever_of(index: Index, settings: Settings, scope: Scope = Scope()) -> Retriever:  # noqa: B008  frozen
    """Return the pipeline's own retriever, for chains of other people's making."""
    return Retriever(resources_of(index, settings), scope=scope)


class Steps:
    """The steps with what they need."""

    def __init__(self, index: Index, settings: Settings, resources: Resources, prompts: Prompts) -> None:
        self._index = index
        self._settings = settings
        deep = replace(settings, top_k=max(READ_HITS, settings.top_k))  # found once; what is shown is cut later
        self._retriever = Retriever(replace(resources, settings=deep))
        self._versions = VersionSearch(index.documents)
        self._entails = entailment_for(settings.entailment, self._retriever.resources.model, prompts.entail)
        self._eyes = eyes_of(self._retriever.resources, prompts)
        self._answerers = answerers_for(
            Context(
                settings=settings,
                resources=self._retriever.resources,
                is_supported=self._is_supported,
                prompts=prompts,
            )
        )

    def find_picture(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``picture_hits`` with where the picture stands; answer what is asked of the picture itself."""
        if intent_of(turn.question) == "documents":
            self._need_documents(turn)
        yield look(find_picture(turn, self._index.images), self._eyes, self._index.documents)

    def say_where(self, turn: Turn) -> Iterator[Turn]:
        """Say where the picture stands before what the words asked for."""
        yield with_picture_hits(turn, self._index.documents)

    def _answerer(self, turn: Turn) -> Answerer:
        return self._answerers(turn.scope.principal, turn.chat_model)

    def _need_documents(self, turn: Turn) -> None:
        if not self._index.documents.any(turn.scope.principal):
            raise AssistantError("There are no documents yet. Add some: python -m ingest SOURCE...")

    def understand(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``intent``; answer what is no question of the documents, and note which of them are to be summarised."""
        turn = replace(turn, question=turn.question.strip(), model=self._answerer(turn).name)
        if not turn.question:
            raise AssistantError("The question is empty. Write one.")
        turn = replace(turn, scope=self._without_older(turn.scope, turn.question))
        asked = self._retriever.resources.decompose_model if turn.model != EXTRACTIVE else None
        turn = reply(turn, self._index.documents, asked)
        if not turn.answer:
            self._need_documents(turn)
        yield turn

    def summarise(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``parts`` and what follows from them with a summary of the sources in the scope."""
        found = (self._index.documents.source(one, turn.scope.principal) for one in sorted(turn.scope.sources or ()))
        sources = [one for one in found if one is not None]
        for fuller in summarise(turn, sources, self._answerer(turn), self._index.documents, self._index.assets):
            turn = fuller
            yield turn
        best = turn.parts[0].outcome
        turn = replace(turn, outcome=best, notices=tuple(dict.fromkeys((*turn.notices, *turn.parts[0].notices))))
        yield _with_notices(replace(turn, answer=abstention(turn)) if turn.abstained else joined(merge(turn)))

    def condense(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``standalone``, slips of the pen corrected."""
        for fuller in self._answerer(turn).condense(turn):
            turn = fuller
        scope = self._without_older(turn.scope, turn.standalone)
        yield replace(turn, standalone=corrected(turn.standalone, self._index.lexical, scope), scope=scope)

    def _without_older(self, scope: Scope, question: str) -> Scope:
        return without_older(scope, question, self._versions.of(scope.principal))

    def decompose(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``parts`` with sub-questions."""
        yield from self._answerer(turn).decompose(turn)

    def answer(self, turn: Turn) -> Iterator[Turn]:
        """Fill the parts, and ``hits`` with what was found: for the question as a whole, then for its parts."""
        with closing(Retrieval(self._retriever.within(turn.scope))) as retrieve:
            if len(turn.parts) > 1:
                alone = [part.question for part in turn.parts if not (part.after or POINTING.search(part.question))]
                retrieve.begin([turn.standalone, *alone])
            for fuller in self._answerer(turn).answer(turn, retrieve):
                turn = fuller
                yield turn
            hits = _fused(retrieve, turn, self._settings)
        yield replace(
            turn,
            hits=hits,
            notices=(*turn.notices, *retrieve.notices),
            timings_ms={**turn.timings_ms, "retrieve": round(retrieve.seconds * 1000, 1)},
        )

    def synthesise(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``outcome``, ``answer``, ``statements`` and ``citations``."""
        best: Outcome = min((part.outcome for part in turn.parts), key=OUTCOMES.index, default="nothing")
        notices = dict.fromkeys((*turn.notices, *(notice for part in turn.parts for notice in part.notices)))
        turn = replace(turn, outcome=best, notices=tuple(notices))
        if turn.abstained:
            yield _with_notices(replace(turn, answer=abstention(turn)))
            return
        for fuller in self._answerer(turn).synthesise(merge(turn)):
            yield _with_notices(fuller)

    def check(self, turn: Turn) -> Iterator[Turn]:
        """Mark what the citations bear out, and call what they nowhere do no answer."""
        principal = turn.scope.principal
        with collecting() as notices:
            checked = check(
                turn,
                lambda statement, cited: self._is_supported(statement, cited, principal),
                lambda stems: self._index.lexical.idf(stems, principal),
                until_it_fails(self._entails) if self._entails else None,
            )
        checked, unsupported = held(checked) if turn.model != EXTRACTIVE else (checked, ())
        versions = said_of_versions(checked, self._versions.of(principal))
        new = (*unsupported, *notices, *versions, *said_of_reading(checked, self._index.documents))
        yield replace(checked, notices=(*new, *checked.notices), answer="\n\n".join((*new, checked.answer)))

    def _is_supported(self, statement: Statement, citations: Sequence[Citation], principal: Principal) -> bool | None:
        return is_supported(statement, citations, self._index.documents, self._index.originals, principal)


def _fused(retrieve: Retrieval, turn: Turn, settings: Settings) -> tuple[Hit, ...]:
    """The hits to show for the whole question, then those for its parts, fused; a question that is its own only part has one
    list."""
    whole = retrieve(turn.standalone)[: settings.top_k]
    rankings = {
        part.question: Ranking([(hit.chunk, hit.score) for hit in part.hits])
        for part in turn.parts
        if part.question != turn.standalone
    }
    known = {hit.chunk.id for hit in whole}
    return (*whole, *(hit for hit in fuse(rankings, settings.rrf_k) if hit.chunk.id not in known))


def _with_notices(turn: Turn) -> Turn:
    return replace(turn, answer="\n\n".join((*turn.notices, turn.answer)))


def _step(name: str, work: Step) -> Runnable[Turn, Turn]:
    """``work`` as a Runnable that passes on what it is given as it comes, and then works on the last of it.

    Sets ``stage`` where the work does not, and notes the time the step took. Asynchronously, the work is done in a thread.
    """

    def timed(turn: Turn) -> Iterator[Turn]:
        began = time.perf_counter()
        before = turn.stage
        for fuller in work(turn):
            spent = round((time.perf_counter() - began) * 1000, 1)
            stage = name if fuller.stage == before else fuller.stage
            yield replace(fuller, stage=stage, timings_ms={**fuller.timings_ms, name: spent})

    def run(turns: Iterator[Turn]) -> Iterator[Turn]:
        last = None
        for last in turns:
            yield last
        if last is not None:
            yield from timed(last)

    async def arun(turns: AsyncIterator[Turn]) -> AsyncIterator[Turn]:
        last = None
        async for last in turns:
            yield last
        work_left = timed(last) if last is not None else iter(())
        while (turn := await asyncio.to_thread(next, work_left, None)) is not None:
            yield turn

    return RunnableGenerator(run, arun).with_config(run_name=name)
