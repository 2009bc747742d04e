"""Does the passage say it? Asked of what the words of a passage already carry, for words alone tell no "rose" from "fell"."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from langchain_core.language_models import BaseChatModel
from langchain_core.prompts import ChatPromptTemplate

from chains.retrieval.notices import note
from chains.verification.check import Entails
from errors import AssistantError, SettingsError, StoppedError
from models.chat.thoughts import without_thoughts

log = logging.getLogger(__name__)

_VERDICT = re.compile(r"\b(yes|no)\b", re.IGNORECASE)


def by_question(model: BaseChatModel | None, prompt: ChatPromptTemplate) -> Entails:
    """Return the question to a chat model whether a passage says a sentence; it is of no opinion where its reply has
    neither yes nor no. It raises what the model raises.

    Raises:
        SettingsError: there is no chat model.
    """
    if model is None:
        raise SettingsError("ENTAILMENT=model asks the chat model. Name one, e.g. CHAT_MODEL=ollama:llama3.2.")
    chain = prompt | model

    def says(statement: str, passage: str) -> bool | None:
        reply = chain.invoke({"statement": statement, "passage": passage}).text
        verdict = _VERDICT.search(without_thoughts(reply))
        return verdict[1].lower() == "yes" if verdict else None

    return says


# What may be asked by the setting ``entailment``; an entry of your own gets the chat model, if there is one, and its prompt.
ENTAILMENTS: dict[str, Callable[[BaseChatModel | None, ChatPromptTemplate], Entails]] = {"model": by_question}


def entailment_for(name: str, model: BaseChatModel | None, prompt: ChatPromptTemplate) -> Entails | None:
    """Return what the setting ``entailment`` names; None for "".

    Raises:
        SettingsError: there is none of that name, or it lacks a chat model.
    """
    if not name:
        return None
    if name not in ENTAILMENTS:
        raise SettingsError(f"ENTAILMENT={name!r} is unknown. Choose from: {', '.join(ENTAILMENTS)}.")
    return ENTAILMENTS[name](model, prompt)


def until_it_fails(entails: Entails) -> Entails:
    """Return ``entails`` for the sentences of one answer: once it fails it is not asked again and has no opinion, which a
    notice says."""
    failed = False

    def says(statement: str, passage: str) -> bool | None:
        nonlocal failed
        if failed:
            return None
        try:
            return entails(statement, passage)
        except StoppedError:
            raise
        except Exception as error:  # noqa: BLE001  every provider raises its own kinds
            failed = True
            log.warning("No opinion on a statement: %s", type(error).__name__)
            why = str(error) if isinstance(error, AssistantError) else f"It failed ({type(error).__name__})."
            note(f"ENTAILMENT could not be asked, so that sentences were compared by their words alone. {why}")
            return None

    return says
