"""Answers written by a chat model from retrieved passages."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from langchain_core.language_models import BaseChatModel
from langchain_core.output_parsers import StrOutputParser

from chains.answering.generative.citing import cite, statements_of
from chains.answering.generative.prompts import ANSWER, CONDENSE, DECOMPOSE, NOT_FOUND, SYNTHESISE, SubQuestions
from config import Settings
from errors import ModelError
from records import Hit, Message, SubAnswer
from store.assets import Assets
from text.citation_marks import without_marks

log = logging.getLogger(__name__)

PASSAGE_CHARACTERS = 1_600  # of one passage shown to the model


def condense_by_model(model: BaseChatModel, question: str, history: Sequence[Message]) -> str:
    """The question as the model rewrites it to stand alone."""
    if not history:
        return question
    conversation = "\n".join(f"{message.role}: {message.text[:1000]}" for message in history[-6:])
    chain = CONDENSE | model | StrOutputParser()
    with _named(model):
        return chain.invoke({"conversation": conversation, "question": question}).strip() or question


def decompose_by_model(model: BaseChatModel, question: str, limit: int) -> tuple[str, ...]:
    """Sub-questions as structured output; the question itself when the model gives none that can be read.

    A small model may never end its list, or write none. A plan is a help, so that is no reason not to answer; one that
    cannot be reached at all fails when it answers.
    """
    chain = DECOMPOSE | model.with_structured_output(SubQuestions)
    try:
        found = chain.invoke({"question": question, "limit": limit})
    except Exception as error:  # noqa: BLE001  every provider raises its own kinds
        log.warning("No plan by the chat model (%s: %s); the question is asked as it is.", type(error).__name__, error)
        return (question,)
    questions = found.questions if isinstance(found, SubQuestions) else []
    return tuple(dict.fromkeys(one.strip() for one in questions if one.strip()))[:limit] or (question,)


def answer_by_model(
    model: BaseChatModel,
    question: str,
    hits: Sequence[Hit],
    earlier: Sequence[SubAnswer],
    assets: Assets,
    settings: Settings,
) -> Iterator[str | SubAnswer]:
    """The answer to one sub-question: its text as it grows, then the ``SubAnswer``."""
    read = hits[: settings.top_k]
    known = "".join(
        f"Known: {part.question} {' '.join(statement.text for statement in part.statements)}\n"
        for part in earlier
        if not part.abstained
    )
    text = ""
    chain = ANSWER | model | StrOutputParser()
    with _named(model):
        for token in chain.stream(
            {"question": question, "passages": passages(read), "earlier": f"{known}\n" if known else ""}
        ):
            text += token
            if not NOT_FOUND.startswith(text.strip()[: len(NOT_FOUND)]):
                yield text
    if not read or NOT_FOUND in text or not text.strip():
        yield SubAnswer(question=question, hits=tuple(hits), abstained=True, done=True)
        return
    statements, citations = cite(statements_of(text), read, assets)
    yield SubAnswer(
        question=question, hits=tuple(hits), statements=tuple(statements), citations=tuple(citations), done=True
    )


def synthesise_by_model(model: BaseChatModel, question: str, parts: Sequence[SubAnswer]) -> Iterator[str]:
    """One text out of the answers to the sub-questions, growing; citation numbers are those of ``parts``."""
    findings = "\n".join(
        f"{part.question}\n"
        + (
            "not found"
            if part.abstained
            else " ".join(f"{one.text} {''.join(f'[{n}]' for n in one.citations)}" for one in part.statements)
        )
        for part in parts
    )
    text = ""
    chain = SYNTHESISE | model | StrOutputParser()
    with _named(model):
        for token in chain.stream({"question": question, "findings": findings}):
            text += token
            yield text


def passages(hits: Sequence[Hit]) -> str:
    """Hits as numbered passages with their place."""
    shown = []
    for number, hit in enumerate(hits, start=1):
        chunk = hit.chunk
        place = " › ".join([chunk.title, *chunk.section])
        text = without_marks(f"{place}, page {chunk.page} ({chunk.kind})\n{chunk.text[:PASSAGE_CHARACTERS]}")
        shown.append(f"[{number}] {text}")
    return "\n\n".join(shown)


class _named:
    """Turns whatever a provider raises into a ModelError that names the model."""

    def __init__(self, model: BaseChatModel) -> None:
        self._model = model

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, ModelError):
            name = getattr(self._model, "model_name", None) or type(self._model).__name__
            raise ModelError(f"The chat model {name} did not answer ({type(error).__name__}: {error}).") from error
