"""Answers written by a chat model from retrieved passages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.prompts import ChatPromptTemplate

from chains.answering.base import READ_HITS, Context, Retrieve, with_part
from chains.answering.generative.citing import Computed, cite, rewritten, wrong_marks
from chains.answering.generative.context import PromptContext, prompt_context
from chains.answering.generative.doubts import doubt_about
from chains.answering.generative.drafts import Draft, draft_of, drafts
from chains.answering.generative.parallel import in_parallel
from chains.answering.generative.pictures import (
    SHARE,
    Block,
    check_choice,
    is_shown_pictures,
    picture_blocks,
    tokens_of,
    with_pictures,
)
from chains.answering.generative.planning import known, planned, resolved
from chains.answering.generative.written import read
from chains.answering.synthesis import joined, say_out_of_corpus
from config import secrets
from errors import AssistantError, ContextWindowError, ModelError
from models.chat.failures import Source, as_model_error
from models.prompts import NOT_FOUND
from records import Chunk, Hit, Principal, Scope, SubAnswer, Turn
from text.citation_marks import MARK, NO_SOURCE
from text.support import Idf

GENERATIVE = "generative"
REMEMBERED = 6  # messages of the conversation that the model sees
MESSAGE_CHARACTERS = 1_000  # of each
CUT = "The chat model's limit of tokens ended this answer before it was complete."
SHRUNK = (
    "The passages were too long for the chat model; half of them were read. CONTEXT_TOKENS sets how many there are."
)
NO_ANSWER = "What the chat model wrote is shown, and not held to be an answer."
_MARKS = re.compile(rf"{MARK.pattern}|\s*{re.escape(NO_SOURCE)}|\s*\[[\d,\s]*\Z")  # the last: one that is not whole yet


class Generative:
    """The answerer that asks a chat model at each step.

    Raises:
        ModelError: no chat model is set.
        SettingsError: a setting has none of its values.
    """

    def __init__(self, context: Context) -> None:
        if context.resources.model is None:
            raise ModelError("No chat model is set. Name one, e.g. CHAT_MODEL=ollama:llama3.2.")
        check_choice(context.settings)
        self._model = context.resources.model
        self._decompose_model = context.resources.decompose_model or self._model
        self._settings = context.settings
        self._prompts = context.prompts
        self._resources = context.resources
        self.name = _shown_name(context.settings.chat_model) or type(self._model).__name__

    def condense(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``standalone``; a question without history is taken as it is."""
        question = turn.question
        if turn.history:
            values = {"conversation": _conversation(turn.history), "question": question}
            question = self._said(self._prompts.condense, values, self._decompose_model) or question
        yield replace(turn, standalone=question)

    def decompose(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``parts`` with sub-questions, and with what each comes after."""
        limit = self._settings.max_subquestions
        yield replace(turn, parts=planned(self._decompose_model, self._prompts.decompose, turn.standalone, limit))

    def answer(self, turn: Turn, retrieve: Retrieve) -> Iterator[Turn]:
        """Answer the parts, those at once that need no other's answer; the texts are shown in their order.

        When all come to nothing, the question as a whole is put once, over all that was found.
        """
        parts = list(turn.parts)

        def job(position: int) -> Callable[[], Iterator[SubAnswer]]:
            return lambda: self._look_up(
                parts[position], [parts[n - 1] for n in parts[position].after], retrieve, turn.scope
            )

        jobs, after = [job(position) for position in range(len(parts))], [{n - 1 for n in one.after} for one in parts]
        alone = len(parts) == 1
        for position, part in ((0, one) for one in jobs[0]()) if alone else in_parallel(jobs, after):
            parts[position] = part
            turn = with_part(replace(turn, stage=_stage(part)), position, part)
            yield replace(turn, answer=_text_so_far(parts))
        none = all(part.outcome != "answered" for part in parts)
        if none and turn.standalone and all(part.question != turn.standalone for part in parts):
            hits = _in_turns([retrieve(question) for question in (turn.standalone, *(one.question for one in parts))])
            whole = SubAnswer(question=turn.standalone, hits=hits[: self._settings.top_k])
            for fuller in self.write(whole, hits, (), turn.scope):
                turn = replace(turn, parts=(*parts, fuller), stage="answer")
                yield replace(turn, answer=_text_so_far([fuller]))

    def _look_up(
        self, part: SubAnswer, earlier: Sequence[SubAnswer], retrieve: Retrieve, scope: Scope
    ) -> Iterator[SubAnswer]:
        """The part with its hits, then with what is written from them."""
        if facts := known(earlier):
            said = self._said(self._prompts.resolve, {"known": facts, "question": part.question}, self._decompose_model)
            part = replace(part, question=resolved(said, part.question, facts))
        hits = retrieve(part.question)
        part = replace(part, hits=hits[: self._settings.top_k])
        yield part
        yield from self.write(part, hits, earlier, scope)

    def write(
        self, part: SubAnswer, hits: Sequence[Hit], earlier: Sequence[SubAnswer], scope: Scope
    ) -> Iterator[SubAnswer]:
        """Yield the part with its text as it grows, then with statements and citations.

        Args:
            hits: what there is to read, best first.
            earlier: answered parts that its question needs.
        """
        facts = "".join(f"Known: {line}\n" for line in known(earlier).splitlines())
        budget, notices, draft = self._settings.context_tokens, part.notices, Draft()
        principal = scope.principal
        while True:
            context, pictures = self._read(part.question, hits, budget, principal)
            if not context.passages:
                break
            values = {"question": part.question, "passages": context.text, "earlier": f"{facts}\n" if facts else ""}
            seen = with_pictures(pictures, self._prompts.pictures_shown)
            try:
                with self._named():
                    for draft in drafts(self._prompts.answer | seen | self._model, values):
                        if draft.reasoning or is_shown(draft.text):
                            shown = draft.text if is_shown(draft.text) else ""
                            yield replace(part, text=shown, reasoning=draft.reasoning)
                break
            except ContextWindowError:
                if budget < self._settings.context_tokens:
                    raise
            budget, notices = budget // 2, (*notices, SHRUNK)
        if context.passages and not draft.text.strip():
            thought = " but what it thought" if draft.reasoning else ""
            more = " Raise CHAT_MAX_TOKENS." if draft.is_cut or draft.reasoning else ""
            raise ModelError(f"The chat model {self.name} wrote nothing{thought}.{more}")
        passages = [one.chunks for one in context.passages]
        yield self.finished(replace(part, notices=notices), draft, passages, scope)

    def _read(
        self, question: str, hits: Sequence[Hit], budget: int, principal: Principal
    ) -> tuple[PromptContext, Sequence[Block]]:
        """What the model reads of ``hits``, and the pictures that it is shown, which take a part of the budget."""

        def within(tokens: int) -> tuple[PromptContext, Sequence[Block]]:
            context = prompt_context(question, hits[:READ_HITS], tokens, self._resources, principal)
            if not is_shown_pictures(self._settings, self._model):
                return context, ()
            chunks = [one.chunks for one in context.passages]
            return context, picture_blocks(chunks, hits, self._resources, principal, budget // SHARE)

        context, pictures = within(budget)
        return within(budget - tokens_of(pictures)) if pictures else (context, pictures)

    def finished(
        self,
        part: SubAnswer,
        draft: Draft,
        passages: Sequence[Sequence[Chunk]],
        scope: Scope,
        computed: Callable[[str], Computed | None] = lambda text: None,
    ) -> SubAnswer:
        """Return the part with ``draft`` as its answer, cited from the ``passages`` that it numbers from 1 and from what was
        ``computed``. What holds no statement is no answer; what is written though the documents hardly answer is shown, and
        called none either."""
        written = read(draft.text, cut=draft.is_cut)
        cited = cite(written, passages, self._resources.assets, self.idf(scope.principal), computed)
        broken = draft.is_cut and bool(draft.text.strip()) and NOT_FOUND not in draft.text
        notices = (*part.notices, CUT) if draft.is_cut else part.notices
        part = replace(part, reasoning=draft.reasoning, done=True)
        if not passages or not (cited.statements or broken):
            strange = doubt_about(part.question, (), self._settings, self._resources, scope).out_of_corpus
            return replace(part, notices=notices, outcome="nothing", text="", out_of_corpus=strange)
        part = replace(
            part, text=cited.text, statements=cited.statements, citations=cited.citations, outcome="answered"
        )
        notices = (*notices, *wrong_marks(cited.unknown))
        if not any(one.computed for one in cited.statements):
            doubt = doubt_about(part.question, _cited_first(part), self._settings, self._resources, scope)
            part = replace(part, out_of_corpus=doubt.out_of_corpus)
            if reasons := [*filter(None, [doubt.reason]), *say_out_of_corpus([part])]:
                part = replace(part, outcome="passages")
                notices = (*notices, f"{' '.join(reasons)} {NO_ANSWER}")
        return replace(part, notices=notices)

    def synthesise(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``answer`` as it grows, and ``statements``; citation numbers are those of the parts."""
        answered = [part for part in turn.parts if part.outcome == "answered"]
        shown = answered or [part for part in turn.parts if not part.abstained]
        if len(turn.parts) == 1 or not answered or [one.question for one in answered] == [turn.standalone]:
            yield replace(joined(replace(turn, parts=tuple(shown))), parts=turn.parts)
            return
        draft = Draft()
        values = {"question": turn.standalone, "findings": _findings(turn.parts)}
        with self._named():
            for draft in drafts(self._prompts.synthesise | self._model, values):
                # the texts of the parts are being read: they stay until what takes their place is as long
                longest = draft.text if len(draft.text) >= len(turn.answer) else turn.answer
                yield replace(turn, answer=longest, reasoning=draft.reasoning)
        notices = (*turn.notices, CUT) if draft.is_cut else turn.notices
        turn = replace(turn, reasoning=draft.reasoning, notices=notices)
        whole = rewritten(turn, draft.text, self.idf(turn.scope.principal), cut=draft.is_cut)
        yield whole if whole.statements else joined(turn)

    def idf(self, principal: Principal) -> Idf:
        """Return how rare words are in what ``principal`` may read."""
        return partial(self._resources.lexical.idf, principal=principal)

    def _said(self, prompt: ChatPromptTemplate, values: dict[str, Any], model: BaseChatModel) -> str:
        """The whole reply of ``model``, without what it thought."""
        with self._named():
            return draft_of((prompt | model).invoke(values)).text.strip()

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Turn whatever a provider raises into a ModelError that names the model, and shows no key; what is ours, as that the
        question was stopped, goes its way."""
        try:
            yield
        except AssistantError:
            raise
        except Exception as error:  # noqa: BLE001  every provider raises its own kinds
            # not chained: a traceback would print what the provider's error says
            raise as_model_error(error, Source(label=self.name), tuple(secrets().values())) from None


def _shown_name(model: str) -> str:
    """The name of a model for people: of a file without its folder, which is nobody's business."""
    kind, colon, rest = model.partition(":")
    return f"{kind}:{Path(rest).name}" if kind == "gguf" and colon else model


def _cited_first(part: SubAnswer) -> list[Hit]:
    """What the answer rests on, then what else was found."""
    cited = {one.chunk.id: Hit(chunk=one.chunk, score=0.0) for one in part.citations}
    return [*cited.values(), *(hit for hit in part.hits if hit.chunk.id not in cited)]


def _in_turns(rankings: Sequence[Sequence[Hit]]) -> tuple[Hit, ...]:
    """The first hit of each ranking, then the second of each, and so on; a chunk once."""
    hits = (hit for rank in zip_longest(*rankings) for hit in rank if hit is not None)
    found: dict[str, Hit] = {}
    for hit in hits:
        found.setdefault(hit.chunk.id, hit)
    return tuple(found.values())


def is_shown(text: str) -> bool:
    """Tell whether ``text`` is more than the beginning of a refusal."""
    return not NOT_FOUND.startswith(text.strip()[: len(NOT_FOUND)])


def _stage(part: SubAnswer) -> str:
    return "answer" if part.text or part.reasoning or part.done else "retrieve"


def _text_so_far(parts: Sequence[SubAnswer]) -> str:
    """The texts of the parts that are done, and of the first one that is not: what stands before it grows no more. Without
    marks, for they name the passages of one part until all are numbered through."""
    shown: list[str] = []
    for part in parts:
        shown.append(_MARKS.sub("", part.text).rstrip())
        if not part.done:
            break
    return "\n\n".join(filter(None, shown))


def _conversation(history: Sequence[BaseMessage]) -> str:
    roles = {"human": "user", "ai": "assistant"}
    return "\n".join(
        f"{roles.get(message.type, message.type)}: {message.text[:MESSAGE_CHARACTERS]}"
        for message in history[-REMEMBERED:]
    )


def _findings(parts: Sequence[SubAnswer]) -> str:
    return "\n".join(
        f"{part.question}\n{part.text.replace(NO_SOURCE, '').strip() if part.outcome == 'answered' else NOT_FOUND}"
        for part in parts
    )
