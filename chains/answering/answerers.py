"""The answerers by name, and which one the settings ask for."""

from __future__ import annotations

from collections.abc import Callable

from chains.answering.agent.answerer import AGENT, Agent
from chains.answering.base import EXTRACTIVE, Answerer, Context, StandIn
from chains.answering.extractive.answerer import Extractive
from chains.answering.generative.answerer import GENERATIVE, Generative
from errors import SettingsError

ANSWERERS: dict[str, Callable[[Context], Answerer]] = {EXTRACTIVE: Extractive, GENERATIVE: Generative, AGENT: Agent}


def answerer_for(context: Context) -> Answerer:
    """Return the answerer that the setting ``answerer`` names; unless it names one, a chat model with the extractive
    reader to stand in for it, or the reader alone where there is no chat model.

    Raises:
        SettingsError: there is no answerer of that name.
    """
    name = context.settings.answerer or (EXTRACTIVE if context.resources.model is None else GENERATIVE)
    if name not in ANSWERERS:
        raise SettingsError(f"{name!r} is no answerer. Choose from: {', '.join(ANSWERERS)}.")
    chosen = ANSWERERS[name](context)
    return chosen if name == EXTRACTIVE else StandIn(chosen, ANSWERERS[EXTRACTIVE](context))
