"""The agent: a bounded loop over tools, whose arithmetic is computed again by the check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from chat_models import Scripted
from fakes import chunk, put, table
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from pydantic import Field
from stand_in_server import StandIn

from chains.answering.agent.answerer import CALL_AS_TEXT, NO_TOOLS, OUT_OF_CALLS, TOO_MUCH
from chains.answering.agent.desk import CellOf, Desk
from chains.answering.agent.written_calls import written_calls
from chains.pipeline import build, resources_of
from errors import RequestRefusedError
from records import Access, Principal, Scope, Turn
from store.index import Index
from text.arithmetic import compute

QUESTION = "How did the output of Gannet Ridge change?"
ROWS = (("Plant", "2024", "2025"), ("Aldra Weir", "10,480", "9,310"), ("Gannet Ridge", "38,900", "42,650"))


class Calls(Scripted):
    """Replies with one message after the other, tool calls among them; writes by ``answers`` when asked without tools."""

    answers: dict[str, Any] = Field(default_factory=dict)
    messages: list[AIMessage] = Field(default_factory=list)
    read: list[str] = Field(default_factory=list)  # what the tools said

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, Any]:
        return self.bind(tools=[tool.name for tool in tools])

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        if "tools" not in kwargs:
            return super()._generate(messages, *args, **kwargs)
        self.read += [message.text for message in messages if message.type == "tool" and message.text not in self.read]
        reply = self.messages.pop(0) if len(self.messages) > 1 else self.messages[0]
        return ChatResult(generations=[ChatGeneration(message=reply.model_copy())])


def call(name: str, **arguments: Any) -> AIMessage:
    return AIMessage(content="", tool_calls=[{"name": name, "args": arguments, "id": "1"}])


def cells(passage: int, *texts: str, row: str = "") -> list[dict[str, Any]]:
    return [{"passage": passage, "cell": text, "row": row} for text in texts]


@pytest.fixture
def index(make_index: Callable[..., Index]) -> Index:
    opened = make_index()
    asset = opened.assets.put_table(table(*ROWS, caption="Output in MWh"))
    text = "Output in MWh\n" + "\n".join(" | ".join(row) for row in ROWS)
    rows = chunk(text, id="t", title="Report", kind="table", table=asset)
    put(
        opened,
        [replace(rows, first_row=1, last_row=3, ordinal=1), chunk("The ridge is windy.", title="Report", ordinal=2)],
    )
    return opened


def ask(index: Index, model: Calls, **settings: Any) -> Turn:
    assistant = build(index, replace(index.settings, answerer="agent", **settings), model)
    return list(assistant.stream(Turn(question=QUESTION)))[-1]


def test_a_model_that_is_content_with_what_it_was_given_answers_at_once(index: Index) -> None:
    turn = ask(index, Calls(messages=[AIMessage("The ridge is windy.")]))
    assert turn.answer == "The ridge is windy. [1]"
    assert [(one.added, one.checked) for one in turn.statements] == [(True, True)]


@pytest.mark.parametrize(
    ("said", "checked"),
    [
        ("The output of Gannet Ridge rose by 9.6% from 38,900 to 42,650 [1].", True),
        ("The output of Gannet Ridge rose by 9.6%.", True),  # and is cited by us
        ("The output of Gannet Ridge rose by 9.7% [1].", False),
        ("The output of Aldra Weir rose by 9.6% [1].", False),
        ("The output of Gannet Ridge rose by 9.6% to 42,651 [1].", False),
    ],
)
def test_what_it_computes_is_computed_again_from_the_cells_it_cites(index: Index, said: str, checked: bool) -> None:
    change = call("compute", operation="percent change", cells=cells(1, "38,900", "42,650"))
    turn = ask(index, Calls(messages=[change, AIMessage(said)]))
    (statement,) = turn.statements
    assert statement.checked is checked
    if checked:
        assert statement.computed is not None
        assert (statement.computed.operation, statement.computed.result) == ("percent change", ("9.6",))
        assert [one.quote for one in turn.citations] == ["Plant 2024 2025\nGannet Ridge 38,900 42,650"]
        assert turn.answer.count("[1]") == 1
    assert turn.parts[0].reasoning.startswith("compute: percent change")


def test_what_the_tools_say_is_read_and_cited(index: Index) -> None:
    put(index, [chunk("Ada Brook founded the mill.", source="b.md", title="Mill")])
    steps = [call("search", question="Who founded the mill?"), AIMessage("Ada Brook founded the mill [3].")]
    model = Calls(messages=steps)
    turn = ask(index, model, context_tokens=60)  # no room for a third passage at first
    assert "[3] Mill, page 1 (text)\nAda Brook founded the mill." in model.read[0]
    assert (turn.answer, turn.statements[0].checked) == ("Ada Brook founded the mill [1].", True)
    assert turn.citations[0].chunk.source == "b.md"


def test_a_wrong_call_is_told_what_is_right(index: Index) -> None:
    steps = [
        call("compute", operation="sum", cells=cells(1, "99")),
        call("compute", operation="ratio", cells=cells(1, "9,310")),
        call("compute", operation="sum", cells=cells(2, "9,310")),
        call("compute", operation="power", cells=cells(1, "9,310")),
        call("open_page", passage=77),
        AIMessage("NOT FOUND"),
    ]
    model = Calls(messages=steps)
    turn = ask(index, model)
    assert turn.outcome == "nothing"
    no_cell, cannot, no_table, invalid, unknown = model.read
    assert no_cell == "No cell of passage 1 is “99”. Copy one as `table` shows it."
    assert cannot.startswith("The ratio of 9,310 cannot be computed")
    assert no_table.startswith("Passage 2 is no table")
    assert "operation" in invalid
    assert unknown == "There is no passage 77. Name one that was shown, 1 to 2."


def test_calls_are_bounded_and_the_answer_is_then_written_from_what_was_found(index: Index) -> None:
    model = Calls(
        messages=[call("search", question="windy")], answers={"from the numbered passages": "The ridge is windy [2]."}
    )
    turn = ask(index, model, agent_calls=3)
    assert turn.notices == (OUT_OF_CALLS,)
    assert turn.answer == f"{OUT_OF_CALLS}\n\nThe ridge is windy [1]."
    assert turn.statements[0].checked


def test_what_grows_too_long_for_the_model_is_answered_from_what_was_found(index: Index) -> None:
    class Full(Calls):
        def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
            raise ValueError("This model's maximum context length is 4096 tokens.")

    turn = ask(index, Full(answers={"from the numbered passages": "The ridge is windy [2]."}))
    assert (turn.notices, turn.answer) == ((TOO_MUCH,), f"{TOO_MUCH}\n\nThe ridge is windy [1].")


WRITTEN = [
    '<tool_call>\n{"name": "search", "arguments": {"question": "mill?"}}\n</tool_call>',
    '<think>{"name": "no"}</think>I look. ```json\n{"name": "search", "arguments": {"question": "mill?"}}\n```',
    '[TOOL_CALLS] [{"name": "search", "arguments": "{\\"question\\": \\"mill?\\"}"}]',
    '<|python_tag|>{"name": "functions.search", "parameters": {"question": "mill?"}}',
    '{"type": "function", "function": {"name": "search", "arguments": {"question": "mill?"}}}',
]


@pytest.mark.parametrize("said", WRITTEN)
def test_a_call_written_as_text_is_made(index: Index, said: str) -> None:
    put(index, [chunk("Ada Brook founded the mill.", source="b.md", title="Mill")])
    model = Calls(messages=[AIMessage(said), AIMessage("Ada Brook founded the mill [3].")])
    turn = ask(index, model, context_tokens=60)
    assert "Ada Brook founded the mill." in model.read[0]
    assert (turn.answer, turn.notices) == ("Ada Brook founded the mill [1].", ())
    assert "search: mill?" in turn.parts[0].reasoning


def test_calls_are_told_from_objects_that_are_none() -> None:
    assert written_calls('Both: {"name": "a", "arguments": {}} {"name": "b", "parameters": {"x": 1}}')[0] == "Both:"
    assert [
        call["name"] for call in written_calls('{"name": "a", "arguments": {}} {"name": "b", "parameters": {}}')[1]
    ] == [
        "a",
        "b",
    ]
    for said in ('{"name": "Ada"}', '{"name": "a", "arguments": "{"}', "f(x) = {x}", '{"a": 1}'):
        assert written_calls(said) == (said, [])


@pytest.mark.parametrize(
    "said", ['{"name": "search", "arguments": {"question": "windy?"}}', '<tool_call>{"name": "search", "argum']
)
def test_a_call_that_is_repeated_or_broken_is_no_answer(index: Index, said: str) -> None:
    model = Calls(messages=[AIMessage(said)], answers={"from the numbered passages": "The ridge is windy [2]."})
    turn = ask(index, model)
    assert (turn.notices, turn.answer) == ((CALL_AS_TEXT,), f"{CALL_AS_TEXT}\n\nThe ridge is windy [1].")
    assert len(model.read) <= 1  # what was called once is not called again


def test_a_server_that_refuses_tools_answers_without_them(index: Index) -> None:
    class Refuses(Calls):
        def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
            if "tools" in kwargs:
                raise RequestRefusedError("this model does not support tools")
            return super()._generate(messages, *args, **kwargs)

    turn = ask(index, Refuses(answers={"from the numbered passages": "The ridge is windy [2]."}))
    assert turn.answer == f"{NO_TOOLS}\n\nThe ridge is windy [1]."


def test_a_server_that_passes_calls_on_as_text_is_led_to_its_end(index: Index) -> None:
    pytest.importorskip("langchain_openai", reason="requirements-dev.txt installs langchain-openai")
    put(index, [chunk("The weir was built in 1931.", source="b.md", title="Weir")])
    with StandIn() as server:
        settings = replace(index.settings, chat_base_url=server.url, chat_retries=0, chat_model="writes its calls")
        assistant = build(index, replace(settings, answerer="agent"))
        turn = assistant.invoke(Turn(question="When was the weir built?"))
    last = server.asked[-1]["messages"]
    assert [one["role"] for one in last][-2:] == ["assistant", "tool"]
    assert last[-2]["tool_calls"][0]["function"] == {"name": "search", "arguments": '{"question": "weir"}'}
    assert "The weir was built in 1931." in last[-1]["content"]
    assert turn.model == "writes its calls"
    assert "The weir was built in 1931" in turn.answer


def test_a_model_without_tools_answers_without_them(index: Index) -> None:
    model = Scripted(answers={"from the numbered passages": "The ridge is windy [2]."})
    turn = ask(index, model)  # type: ignore[arg-type]
    assert turn.answer == f"{NO_TOOLS}\n\nThe ridge is windy [1]."


def test_a_model_that_cannot_be_reached_is_stood_in_for(index: Index) -> None:
    class Fails(Calls):
        def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
            raise ConnectionError("refused")

    turn = ask(index, Fails())
    assert turn.model == "extractive"
    assert "refused" in turn.notices[0]


def test_tools_show_what_may_be_read_and_nothing_else(index: Index) -> None:
    put(index, [chunk("The ridge is secret.", source="b.md", title="Board", ordinal=3)])
    index.catalog.set_access("b.md", Access(("board",)))
    resources = resources_of(index, index.settings)
    guest, board = (
        Desk(resources, Scope(principal=Principal(groups=frozenset(groups)))) for groups in ((), ("board",))
    )
    assert "secret" in board.search("ridge")
    assert "secret" not in guest.search("ridge") + guest.neighbours(1) + guest.open_page(1)


def test_a_value_that_stands_in_two_rows_needs_its_row(index: Index) -> None:
    asset = index.assets.put_table(table(("Plant", "MW"), ("Weir", "2"), ("Roof", "2"), ("Mole", "5")))
    desk = Desk(resources_of(index, index.settings), Scope(), [[chunk("x", kind="table", table=asset)]])
    five = CellOf(passage=1, cell="5")
    assert desk.compute("sum", [CellOf(passage=1, cell="2"), five]).startswith("“2” stands in 2 rows of passage 1.")
    assert desk.compute("sum", [CellOf(passage=1, cell="2", row="Roof"), five]) == "The sum of 2, 5 is 7. Cite [1]."


@pytest.mark.parametrize(
    ("operation", "given", "result"),
    [
        ("percent change", ("200", "150"), ("-25",)),
        ("percent change", ("3", "4"), ("33.3",)),
        ("percent change", ("0", "4"), ()),
        ("percent change", ("4",), ()),
        ("average", ("1", "2"), ("1.5",)),
    ],
)
def test_operations(operation: str, given: tuple[str, ...], result: tuple[str, ...]) -> None:
    assert compute(operation, given) == result
