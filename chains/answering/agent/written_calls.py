"""Calls of tools that a model wrote down as text where it had to make them: small models do, and servers pass on what they do
not know to be a call.

    <tool_call>{"name": "search", "arguments": {"question": "weir"}}</tool_call>      Qwen, Hermes
    [TOOL_CALLS] [{"name": "search", "arguments": {"question": "weir"}}]              Mistral
    <|python_tag|>{"name": "search", "parameters": {"question": "weir"}}              Llama
    ```json {"name": "search", "arguments": {"question": "weir"}} ```                 others, or the object alone
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.tool import ToolCall

from models.chat.thoughts import without_thoughts

_DECODER = json.JSONDecoder()
_BEGUN = re.compile(r"<tool_call>|\[TOOL_CALLS\]|<\|python_tag\|>|\{\s*\"name\"\s*:\s*\"[\w.]+\"\s*,\s*\"(?:arg|param)")
_AROUND = re.compile(r"(?:</?tool_call>|\[TOOL_CALLS\]|<\|python_tag\|>|```(?:json|xml)?|[\[\s])*\Z")


def reading_written_calls(request: Any, handler: Callable[[Any], Any]) -> Any:
    """Ask the model by ``handler``, as LangChain's ``wrap_model_call`` has it; calls that it wrote down are made.

    Calls that were all made before are not made again: a model that is not helped by what it was told writes them for ever.
    """
    response = handler(request)
    made = [_key(call) for message in request.messages for call in _calls(message)]
    result = [_with_calls(message, made) for message in response.result]
    return replace(response, result=result)


def written_calls(text: str) -> tuple[str, list[ToolCall]]:
    """Return what stands in ``text`` before the first call that is written in it, and the calls.

    >>> before, (call,) = written_calls('Wait. <tool_call>{"name": "search", "arguments": {"question": "weir"}}')
    >>> before, call["name"], call["args"]
    ('Wait.', 'search', {'question': 'weir'})
    """
    found = list(_found(text))
    before = _AROUND.sub("", text[: found[0][0]]) if found else text
    return before.strip(), [call for _, call in found]


def is_call_begun(text: str) -> bool:
    """Tell whether ``text`` has a call, or what was to become one."""
    return _BEGUN.search(text) is not None or bool(written_calls(text)[1])


def _found(text: str) -> Iterator[tuple[int, ToolCall]]:
    """The calls, each with where it begins."""
    at = text.find("{")
    while at >= 0:
        try:
            value, end = _DECODER.raw_decode(text, at)
        except ValueError:
            end = at + 1
        else:
            if call := _call(value):
                yield at, call
        at = text.find("{", end)


def _call(value: dict[str, Any]) -> ToolCall | None:
    """The call that an object describes, by whatever names; None when it describes none."""
    inner = value.get("function")
    value = inner if isinstance(inner, dict) else value
    name, arguments = value.get("name"), value.get("arguments", value.get("parameters"))
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except ValueError:
            return None
    if not isinstance(name, str) or not isinstance(arguments, dict):
        return None
    return ToolCall(name=name.rpartition(".")[2], args=arguments, id=f"written-{uuid4().hex[:8]}", type="tool_call")


def _with_calls(message: BaseMessage, made: Sequence[str]) -> BaseMessage:
    if not isinstance(message, AIMessage) or message.tool_calls:
        return message
    before, calls = written_calls(without_thoughts(message.text))
    if not calls or all(_key(call) in made for call in calls):
        return message
    return message.model_copy(update={"content": before, "tool_calls": calls})


def _calls(message: BaseMessage) -> Sequence[ToolCall]:
    return message.tool_calls if isinstance(message, AIMessage) else ()


def _key(call: ToolCall) -> str:
    return json.dumps([call["name"], call["args"]], sort_keys=True)
