"""Answers written by a chat model from retrieved passages."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from langchain_core.messages import BaseMessage
from langchain_core.output_parsers import StrOutputParser

from chains.answering.base import Context, Retrieve, answer_parts
from chains.answering.generative.citing import cite, rewritten, statements_of
from chains.answering.generative.context import hits_to_read, prompt_context
from chains.answering.generative.pictures import with_pictures
from chains.answering.generative.prompts import NOT_FOUND, SubQuestions
from chains.answering.synthesis import joined
from errors import ModelError
from records import Scope, SubAnswer, Turn

log = logging.getLogger(__name__)

GENERATIVE = "generative"
REMEMBERED = 6  # messages of the conversation that the model sees
MESSAGE_CHARACTERS = 1_000  # of each


class Generative:
    """The answerer that asks a chat model at each step.

    Raises:
        ModelError: no chat model is set.
    """

    def __init__(self, context: Context) -> None:
        if context.resources.model is None:
            raise ModelError("No chat model is set. Name one, e.g. CHAT_MODEL=ollama:llama3.2.")
        self._model = context.resources.model
        self._decompose_model = context.resources.decompose_model or self._model
        self._settings = context.settings
        self._prompts = context.prompts
        self._resources = context.resources
        self.name = context.settings.chat_model or type(self._model).__name__

    def condense(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``standalone``; a question without history is taken as it is."""
        question = turn.question
        if turn.history:
            chain = self._prompts.condense | self._decompose_model | StrOutputParser()
            with self._named():
                said = chain.invoke({"conversation": _conversation(turn.history), "question": question})
            question = said.strip() or question
        yield replace(turn, standalone=question)

    def decompose(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``parts`` by structured output; with the question itself when the model gives nothing that can be read.

        A small model may never end its list, or write none. A plan is a help, so that is no reason not to answer; one that
        cannot be reached at all fails when it answers.
        """
        limit = self._settings.max_subquestions
        chain = self._prompts.decompose | self._decompose_model.with_structured_output(SubQuestions)
        questions: list[str] = []
        try:
            found = chain.invoke({"question": turn.standalone, "limit": limit})
            questions = found.questions if isinstance(found, SubQuestions) else []
        except Exception as error:  # noqa: BLE001  every provider raises its own kinds
            log.warning(
                "No plan by the chat model (%s: %s); the question is asked as it is.", type(error).__name__, error
            )
        kept = tuple(dict.fromkeys(one.strip() for one in questions if one.strip()))[:limit] or (turn.standalone,)
        yield replace(turn, parts=tuple(SubAnswer(question=question) for question in kept))

    def answer(self, turn: Turn, retrieve: Retrieve) -> Iterator[Turn]:
        """Answer the parts one after the other; later ones are told the answers before."""
        done: list[SubAnswer] = []

        def one(part: SubAnswer) -> Iterator[SubAnswer]:
            last = part
            for last in self._write(part, done, turn.scope):
                yield last
            done.append(last)

        yield from answer_parts(turn, retrieve, one)

    def _write(self, part: SubAnswer, earlier: Sequence[SubAnswer], scope: Scope) -> Iterator[SubAnswer]:
        """The part with its text as it grows, then with statements and citations."""
        hits = hits_to_read(part.question, scope, self._resources)
        read = prompt_context(part.question, hits, self._settings.context_tokens, self._resources, scope.principal)
        known = "".join(
            f"Known: {one.question} {' '.join(statement.text for statement in one.statements)}\n"
            for one in earlier
            if one.outcome == "answered"
        )
        values = {"question": part.question, "passages": read.text, "earlier": f"{known}\n" if known else ""}
        shown = with_pictures([one.chunks for one in read.passages], hits, self._resources, scope.principal)
        chain = self._prompts.answer | shown | self._model | StrOutputParser()
        text = ""
        with self._named():
            for token in chain.stream(values):
                text += token
                if not NOT_FOUND.startswith(text.strip()[: len(NOT_FOUND)]):
                    yield replace(part, text=text)
        if not read.passages or NOT_FOUND in text or not text.strip():
            yield replace(part, outcome="nothing", done=True)
            return
        statements, citations = cite(statements_of(text), [one.chunks for one in read.passages], self._resources.assets)
        yield replace(part, statements=tuple(statements), citations=tuple(citations), done=True)

    def synthesise(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``answer`` as it grows, and ``statements``; citation numbers are those of the parts."""
        if len(turn.parts) == 1:
            yield joined(turn)
            return
        chain = self._prompts.synthesise | self._model | StrOutputParser()
        text = ""
        with self._named():
            for token in chain.stream({"question": turn.standalone, "findings": _findings(turn.parts)}):
                text += token
                yield replace(turn, answer=text)
        yield rewritten(turn, text)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Turn whatever a provider raises into a ModelError that names the model."""
        try:
            yield
        except ModelError:
            raise
        except Exception as error:
            name = getattr(self._model, "model_name", None) or type(self._model).__name__
            raise ModelError(f"The chat model {name} did not answer ({type(error).__name__}: {error}).") from error


def _conversation(history: Sequence[BaseMessage]) -> str:
    roles = {"human": "user", "ai": "assistant"}
    return "\n".join(
        f"{roles.get(message.type, message.type)}: {message.text[:MESSAGE_CHARACTERS]}"
        for message in history[-REMEMBERED:]
    )


def _findings(parts: Sequence[SubAnswer]) -> str:
    return "\n".join(
        f"{part.question}\n"
        + (
            "not found"
            if part.outcome != "answered"
            else " ".join(f"{one.text} {''.join(f'[{n}]' for n in one.citations)}" for one in part.statements)
        )
        for part in parts
    )
