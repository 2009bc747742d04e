"""The answerers by name, and which one the settings ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Protocol

from chains.answering.agent.answerer import AGENT, Agent
from chains.answering.base import EXTRACTIVE, Answerer, Context, StandIn
from chains.answering.extractive.answerer import Extractive
from chains.answering.generative.answerer import GENERATIVE, Generative
from errors import SettingsError
from models.chat.load import chat_model_name, load_chat_model, models_allowed, models_of_groups
from records import Principal

ANSWERERS: dict[str, Callable[[Context], Answerer]] = {EXTRACTIVE: Extractive, GENERATIVE: Generative, AGENT: Agent}


def answerer_for(context: Context) -> Answerer:
    """Return the answerer that the setting ``answerer`` names; unless it names one, a chat model with the extractive
    reader to stand in for it, or the reader alone where there is no chat model.

    Raises:
        SettingsError: there is no answerer of that name.
    """
    name = context.settings.answerer or (EXTRACTIVE if context.resources.model is None else GENERATIVE)
    if name not in ANSWERERS:
        raise SettingsError(f"ANSWERER={name!r} is no answerer. Choose from: {', '.join(ANSWERERS)}.")
    chosen = ANSWERERS[name](context)
    return chosen if name == EXTRACTIVE else StandIn(chosen, ANSWERERS[EXTRACTIVE](context))


class Answerers(Protocol):
    """Tells the answerer for who asks, and for the chat model that they chose, "" for none."""

    def __call__(self, principal: Principal, chosen: str = "") -> Answerer:
        """Return it.

        Raises:
            SettingsError: that model is not one that may be chosen.
        """
        ...


def answerers_for(context: Context) -> Answerers:
    """Return what tells the answerer for who asks: ``answerer_for(context)``, and for those in a group with a chat model of
    its own, or who chose another of those allowed, one with that model.

    Raises:
        SettingsError: there is no answerer of the name in the settings, or the models of groups cannot be read.
    """
    models_of_groups(context.settings)  # what is wrong with them is said now, and not to the first of a group who asks
    for_all = answerer_for(context)

    @cache
    def with_model(name: str) -> Answerer:
        if name == EXTRACTIVE:
            return ANSWERERS[EXTRACTIVE](context)
        answerer = "" if context.settings.answerer == EXTRACTIVE else context.settings.answerer
        settings = replace(context.settings, chat_model=name, answerer=answerer)
        resources = replace(context.resources, settings=settings, model=load_chat_model(name, settings))
        return answerer_for(replace(context, settings=settings, resources=resources))

    def of(principal: Principal, chosen: str = "") -> Answerer:
        if chosen and chosen not in (may_choose := models_allowed(principal, context.settings)):
            allowed = ", ".join(may_choose) or "none"
            raise SettingsError(f"The chat model {chosen!r} may not be chosen here. CHAT_MODELS allows you: {allowed}.")
        name = chosen or chat_model_name(principal, context.settings)
        return for_all if name == context.settings.chat_model else with_model(name)

    return of
