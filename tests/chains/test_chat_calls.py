"""What a question asks of chat models is counted and limited in the whole chain, in whichever thread it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from chat_models import Scripted
from fakes import chunk, put

from chains.pipeline import build
from models.chat.usage import TokenUsage
from records import Turn
from store.index import Index

QUESTION = "When was the weir built?"


@pytest.fixture
def index(make_index: Callable[..., Index]) -> Index:
    opened = make_index()
    put(opened, [chunk("The weir was built in 1931.", title="Report")])
    return opened


def model() -> Scripted:
    return Scripted(answers={"You plan how": ValueError("no plan"), "numbered passages": "It was built in 1931 [1]."})


@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
def test_all_calls_are_counted(index: Index, way: str) -> None:
    assistant, usage = build(index, index.settings, model()), TokenUsage()
    config = {"callbacks": [usage]}
    if way == "invoke":
        assistant.invoke(Turn(question=QUESTION), config)  # type: ignore[arg-type]
    else:
        asyncio.run(assistant.ainvoke(Turn(question=QUESTION), config))  # type: ignore[arg-type]
    assert usage.total.calls >= 1


def test_too_many_calls_are_an_error_that_the_reader_stands_in_for(index: Index) -> None:
    settings = replace(index.settings, chat_calls=0)
    turn = build(index, settings, model()).invoke(Turn(question=QUESTION))
    assert "CHAT_CALLS" in turn.notices[0]
    assert turn.model == "extractive"
    assert "1931" in turn.answer
