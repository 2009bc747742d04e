"""Least-to-most (Zhou et al. 2022, arXiv 2205.10625): a question is split into sub-questions, and one that needs earlier
answers is rewritten with them before it is looked up."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.prompts import ChatPromptTemplate

from errors import AssistantError
from models.chat.structured import structured
from models.prompts import SubQuestion, SubQuestions
from records import SubAnswer
from text.english.names import POINTING, names

log = logging.getLogger(__name__)

MAX_CHARACTERS = 400  # of a rewritten question, which is none when it is longer, and of the facts that stand behind one


def planned(model: BaseChatModel, prompt: ChatPromptTemplate, question: str, limit: int) -> tuple[SubAnswer, ...]:
    """Return the sub-questions of ``question``, at most ``limit``, with those that each comes after; the question itself when
    the model gives nothing that can be read, or one alone, which says the same at best.

    A model that names no order gets one where a question only points ("When was it built?"): it comes after the one before.
    """
    kept: dict[str, SubAnswer] = {}
    numbers: dict[int, int] = {}  # of the model's list -> of ours
    for number, one in enumerate(_sub_questions(model, prompt, {"question": question, "limit": limit}), start=1):
        text = one.question.strip()
        if not text or (text not in kept and len(kept) == limit):
            continue
        own = len(kept) + 1
        after = {numbers[n] for n in one.after if n in numbers and n < number}
        if not after and kept and POINTING.search(text) and not names(text):
            after = {own - 1}
        kept.setdefault(text, SubAnswer(question=text, after=tuple(sorted(after))))
        numbers[number] = list(kept).index(text) + 1
    return tuple(kept.values()) if len(kept) > 1 else (SubAnswer(question=question),)


def _sub_questions(model: BaseChatModel, prompt: ChatPromptTemplate, values: Mapping[str, Any]) -> list[SubQuestion]:
    """The plan by structured output; [] when there is none.

    A small model may never end its list, or write none, and some cannot give structured output at all. A plan is a help, so
    that is no reason not to answer.

    Raises:
        ModelError: the model cannot be reached, or does not end.
    """
    try:
        found = structured(model, SubQuestions, prompt.invoke(dict(values)))
    except AssistantError:  # it cannot be reached, so that it would not answer either, or nobody waits any more
        raise
    except Exception as error:  # noqa: BLE001  every provider raises its own kinds
        log.warning("No plan by the chat model (%s: %s); the question is asked as it is.", type(error).__name__, error)
        return []
    return found.questions if found else []


def known(earlier: Sequence[SubAnswer]) -> str:
    """Return what the ``earlier`` parts came to, a line each; "" for those without an answer."""
    return "".join(
        f"{one.question} {' '.join(statement.text for statement in one.statements)}\n"
        for one in earlier
        if one.outcome == "answered"
    )


def resolved(said: str, question: str, facts: str) -> str:
    """Return what a model ``said`` when it rewrote ``question`` with ``facts``; when that is no question, as of a small model
    that answers instead, the question with the facts behind it."""
    line = next(filter(None, map(str.strip, said.splitlines())), "").strip('"“”')
    if line.endswith("?") and len(line) <= MAX_CHARACTERS and line != question:
        return line
    return f"{question} ({' '.join(facts.split())[:MAX_CHARACTERS]})"
