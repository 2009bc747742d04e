"""The examples of docs/langchain.md, and LangChain's ways of running the chain."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chat_models import Scripted
from fakes import chunk, put, table
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import Runnable

from app.tools import tools
from chains.pipeline import build
from models.prompts import SubQuestions
from records import Principal, Scope, Turn
from store.index import Index

GUIDE = Path(__file__).parents[2] / "docs" / "langchain.md"
QUESTION = "When was the weir built?"


@pytest.fixture
def index(make_index: Callable[..., Index]) -> Index:
    opened = make_index()
    put(opened, [chunk("The weir was built in 1931.", title="Report", page=2)])
    return opened


def example(name: str, **given: object) -> dict[str, Any]:
    """What the example ``name`` of the guide leaves behind, run with ``given``."""
    (code,) = re.findall(rf"```python {name}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S)
    names: dict[str, Any] = dict(given)
    exec(code, names)
    return names


def test_our_retriever_in_somebody_elses_chain(index: Index) -> None:
    model = Scripted(answers={"The weir was built in 1931. (a.md, p. 2)": "In 1931."})
    assert example("retriever", index=index, settings=index.settings, model=model)["answer"].strip() == "In 1931."


def test_our_chain_in_somebody_elses_graph(index: Index) -> None:
    app = example("graph", index=index, settings=index.settings)["app"]
    found = app.invoke({"messages": [HumanMessage(QUESTION)], "sources": []})
    role, said = found["messages"][-1]
    assert role == "ai" and said.endswith("“The weir was built in 1931.” [1]")
    assert found["sources"] == ["a.md"]


class Calls(GenericFakeChatModel):
    """Says what it is given to say, one message after the other, whatever tools it has."""

    def bind_tools(self, *_: Any, **__: Any) -> Runnable[Any, Any]:
        return self


def test_our_tools_given_to_an_agent(index: Index) -> None:
    call = {"name": "search", "args": {"question": QUESTION}, "id": "1"}
    said = iter([AIMessage(content="", tool_calls=[call]), AIMessage("It was built in 1931.")])
    result = example("agent", index=index, settings=index.settings, model=Calls(messages=said))["result"]
    assert "The weir was built in 1931." in result["messages"][-2].content
    assert result["messages"][-1].content == "It was built in 1931."


def test_tools_see_what_their_scope_allows(index: Index) -> None:
    asset = index.assets.put_table(table(("Plant", "MWh"), ("Weir", "12")))
    rows = chunk("Plant | MWh\nWeir | 12", id="t", source="b.md", kind="table", table=asset, page=3)
    put(index, [rows])
    search, open_page, read_table, compute, neighbours = tools(index, index.settings, Scope())
    found = search.invoke({"question": "What has the weir in MWh?"})
    assert "page 3 (table)\nPlant | MWh\nWeir | 12" in found
    number = next(
        n for n in range(1, 9) if f"[{n}] " in found and "(table)" in found.split(f"[{n}] ")[1].split("\n")[0]
    )
    assert open_page.invoke({"passage": number}).endswith("Plant | MWh\nWeir | 12")
    assert open_page.invoke({"passage": number, "page": 4}) == "Page 4 of that source holds nothing."
    assert read_table.invoke({"passage": number}).endswith("Plant | MWh\nWeir | 12")
    twice = [{"passage": number, "cell": "12"}, {"passage": number, "cell": "12"}]
    assert compute.invoke({"operation": "sum", "cells": twice}) == f"The sum of 12, 12 is 24. Cite [{number}]."
    assert neighbours.invoke({"passage": 99}) == "There is no passage 99. Name one that was shown, 1 to 2."
    shut, *_ = tools(index, index.settings, Scope(sources=("a.md",)))
    assert "MWh" not in shut.invoke({"question": "What has the weir in MWh?"})


# --- every way of running the chain ---------------------------------------------------------------------------------------


def told() -> Scripted:
    return Scripted(
        answers={
            "You plan how": SubQuestions(questions=[QUESTION]),
            "from the numbered passages": "It was built in 1931 [1].",
        }
    )


@pytest.mark.parametrize("model", [None, told()])
def test_the_chain_runs_in_every_way(index: Index, model: Scripted | None) -> None:
    chain, turn = build(index, index.settings, model), Turn(question=QUESTION)
    answer = chain.invoke(turn).answer
    assert "1931" in answer

    async def asynchronously() -> list[str]:
        streamed = [one async for one in chain.astream(turn)]
        several = await chain.abatch([turn, turn])
        return [(await chain.ainvoke(turn)).answer, streamed[-1].answer, *(one.answer for one in several)]

    assert asyncio.run(asynchronously()) == [answer] * 4
    assert [one.answer for one in chain.batch([turn, turn])] == [answer] * 2
    stages = list(dict.fromkeys(one.stage for one in chain.stream(turn)))
    assert stages == ["", "condense", "decompose", "retrieve", "answer", "synthesise", "check"]


def test_events_show_the_retriever_the_prompts_and_the_model(index: Index) -> None:
    async def events() -> list[tuple[str, str]]:
        chain = build(index, index.settings, told())
        found = chain.astream_events(Turn(question=QUESTION), version="v2")
        return [(one["event"], one["name"]) async for one in found]

    seen = set(asyncio.run(events()))
    assert {("on_retriever_start", "Retriever"), ("on_retriever_end", "Retriever")} <= seen
    assert ("on_chat_model_stream", "Scripted") in seen
    assert ("on_prompt_end", "ChatPromptTemplate") in seen
    assert {("on_chain_start", name) for name in ("condense", "decompose", "answer", "synthesise", "check")} <= seen


def test_callbacks_are_told_what_was_retrieved(index: Index) -> None:
    class Seen(BaseCallbackHandler):
        def __init__(self) -> None:
            self.documents: list[str] = []

        def on_retriever_end(self, documents: Any, **_: Any) -> None:
            self.documents += [one.page_content for one in documents]

    seen = Seen()
    build(index, index.settings).invoke(Turn(question=QUESTION), config={"callbacks": [seen]})
    assert seen.documents == ["The weir was built in 1931."]


def test_what_one_may_not_read_no_tool_shows(index: Index) -> None:
    from records import Access

    index.catalog.set_access("a.md", Access(("board",)))
    search, open_page, *_ = tools(index, index.settings, Scope(principal=Principal()))
    assert search.invoke({"question": QUESTION}) == "Nothing comes near it."
    assert open_page.invoke({"passage": 1}).startswith("There is no passage")
