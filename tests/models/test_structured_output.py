"""Objects from models that call functions, that know JSON only, and that know neither."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.messages import HumanMessage
from langchain_core.prompts import ChatPromptTemplate
from pydantic import BaseModel, Field
from stand_in_server import StandIn

from config import Settings
from errors import ModelError
from models.chat import load_chat_model
from models.chat.structured import lines_of, method_of, structured


class Questions(BaseModel):
    """Questions."""

    questions: list[str] = Field(min_length=1)


class Verdict(BaseModel):
    """A verdict."""

    supported: bool
    reason: str = Field(description="why")


PROMPT = ChatPromptTemplate.from_messages([("system", "You plan."), ("human", "{question}")]).invoke({"question": "q"})


@pytest.fixture(scope="module")
def server() -> Iterator[StandIn]:
    pytest.importorskip("langchain_openai", reason="requirements-dev.txt installs langchain-openai")
    with StandIn() as started:
        yield started


@pytest.mark.parametrize(
    ("name", "method", "tries", "found"),
    [
        ("calls tools", "function_calling", 1, ["Who?", "When?"]),
        ("knows no tools", "json_mode", 3, ["Who?", "When?"]),
        ("writes lines", "lines", 4, ["Who built the weir?", "When was it built?", "Where is it?"]),
    ],
)
def test_what_works_is_found_and_remembered(
    server: StandIn, name: str, method: str, tries: int, found: list[str]
) -> None:
    model = load_chat_model(name, Settings(chat_base_url=server.url, chat_timeout=5.0))
    assert method_of(model) == ""
    for calls in (tries, tries + 1):
        assert structured(model, Questions, PROMPT) == Questions(questions=found)
        assert (server.tries[name], method_of(model)) == (calls, method)


def test_a_request_goes_to_the_end_of_the_last_message(server: StandIn) -> None:
    structured(load_chat_model("writes lines", Settings(chat_base_url=server.url)), Questions, PROMPT)
    assert [one["role"] for one in server.asked[-1]["messages"]] == ["system", "user"]
    assert server.asked[-1]["messages"][1]["content"] == "q\n\nWrite one a line, and nothing else."


@pytest.mark.parametrize("failing", ["hangs", "is broken", "echoes the key", "is cut"])
def test_a_server_that_fails_is_not_asked_in_another_way(server: StandIn, failing: str) -> None:
    settings = Settings(chat_base_url=server.url, chat_timeout=0.3, chat_token_timeout=0.3, chat_retries=0)
    with pytest.raises(ModelError):
        structured(load_chat_model(failing, settings), Questions, PROMPT)
    assert server.tries[failing] == 1


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("supported: yes\nreason: it says so", Verdict(supported=True, reason="it says so")),
        ("**Supported:** no\n- Reason: 5: not 6", Verdict(supported=False, reason="5: not 6")),
        (
            '<think>supported: yes\nreason: x</think>{"supported": false, "reason": "y"}',
            Verdict(supported=False, reason="y"),
        ),
        ("I cannot tell.", None),
    ],
)
def test_a_model_that_only_writes_is_read(said: str, found: Verdict | None) -> None:
    model = FakeListChatModel(responses=[said])
    assert structured(model, Verdict, [HumanMessage("Is it?")]) == found


def test_nothing_readable_is_none_and_not_remembered() -> None:
    model = FakeListChatModel(responses=["", "1. Who?"])
    assert structured(model, Questions, [HumanMessage("q")]) is None
    assert method_of(model) == ""
    assert structured(model, Questions, [HumanMessage("q")]) == Questions(questions=["Who?"])
    assert method_of(model) == "lines"


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", []),
        ("Here:\n", []),
        ("1) a\n2) b", ["a", "b"]),
        ("- a\n* b\n• c", ["a", "b", "c"]),
        ("(a) Who?\n(b) When?", ["Who?", "When?"]),
        ("1931 was the year?\nWhere?", ["1931 was the year?", "Where?"]),
        ("```\n1. a\n```", ["a"]),
        ('"Who?"', ["Who?"]),
    ],
)
def test_lines(text: str, items: list[Any]) -> None:
    assert lines_of(text) == items
