"""What a question asks of chat models is counted and limited in the whole chain, in whichever thread it is asked."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from chat_models import Scripted
from fakes import chunk, put
from stand_in_server import KEY, StandIn

from app.stopping import Stop, until_stopped
from chains.pipeline import build
from models.chat.usage import TokenUsage
from records import Principal, Scope, Turn
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


def test_a_small_model_splits_and_a_large_one_answers(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    models = {"small:m": model(), "large:m": model()}
    monkeypatch.setattr("chains.pipeline.load_chat_model", lambda name, settings: models[name])
    settings = replace(index.settings, chat_model="large:m", decompose_model="small:m")
    assert "1931" in build(index, settings).invoke(Turn(question=QUESTION)).answer
    assert models["small:m"].prompts("You plan how") and not models["large:m"].prompts("You plan how")
    assert {name: len(one.prompts("numbered passages")) for name, one in models.items()} == {"small:m": 0, "large:m": 1}


def test_a_group_is_answered_by_its_own_model(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    models = {"openai:base": model(), "openai:law-lora": model()}
    for place in ("chains.pipeline", "chains.answering.answerers"):
        monkeypatch.setattr(f"{place}.load_chat_model", lambda name, settings: models[name])
    settings = replace(index.settings, chat_model="openai:base", chat_model_of_group=("law=law-lora",))
    assistant = build(index, settings)
    for group, name in (("sales", "openai:base"), ("law", "openai:law-lora")):
        scope = Scope(principal=Principal(name="x", groups=frozenset({group})))
        turn = assistant.invoke(Turn(question=QUESTION, scope=scope))
        assert (turn.model, "1931" in turn.answer) == (name, True)
        assert models[name].prompts("numbered passages")
    assert len(models["openai:base"].prompts("numbered passages")) == 1


def test_too_many_calls_are_an_error_that_the_reader_stands_in_for(index: Index) -> None:
    settings = replace(index.settings, chat_calls=0)
    turn = build(index, settings, model()).invoke(Turn(question=QUESTION))
    assert "CHAT_CALLS" in turn.notices[0]
    assert turn.model == "extractive"
    assert "1931" in turn.answer


@pytest.mark.parametrize("failing", ["hangs", "stalls", "is cut", "is broken", "echoes the key", "overflows"])
def test_the_reader_stands_in_for_a_server_that_fails(
    index: Index, failing: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("langchain_openai", reason="requirements-dev.txt installs langchain-openai")
    monkeypatch.setenv("CHAT_API_KEY", KEY)
    with StandIn() as server:
        limits = {"chat_timeout": 0.3, "chat_token_timeout": 0.3, "chat_retries": 0}
        settings = replace(index.settings, chat_model=failing, chat_base_url=server.url, **limits)  # type: ignore[arg-type]
        turn = build(index, settings).invoke(Turn(question=QUESTION))
    assert f"The chat model {failing} did not answer" in turn.answer or "broke off" in turn.answer
    assert "1931" in turn.answer
    assert turn.model == "extractive"
    assert KEY not in f"{turn}{caplog.text}"


def test_a_stopped_question_ends_the_call_that_it_waits_for(index: Index, caplog: pytest.LogCaptureFixture) -> None:
    pytest.importorskip("langchain_openai", reason="requirements-dev.txt installs langchain-openai")
    with StandIn() as server:
        settings = replace(index.settings, chat_model="never ends", chat_base_url=server.url)
        stop = Stop()
        turns = until_stopped(stop, build(index, settings).stream(Turn(question=QUESTION)))
        threading.Timer(0.5, stop.ask).start()
        shown = list(turns)
        assert shown[-1].model == "never ends"
        assert server.left.wait(3)
        while any(one.name.startswith("answer") for one in threading.enumerate()):
            time.sleep(0.01)
    assert "stands in" not in caplog.text  # nobody waits for what the reader would find
