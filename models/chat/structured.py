"""Objects instead of text from any chat model: by a function call, by JSON, or by lines read as well as they can be."""

from __future__ import annotations

import json
import logging
import re
import weakref
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.prompt_values import ChatPromptValue, PromptValue
from pydantic import BaseModel, ValidationError

from errors import ModelError, RequestRefusedError, StoppedError
from models.chat.guard import GuardedChatModel
from models.chat.thoughts import without_thoughts

log = logging.getLogger(__name__)

S = TypeVar("S", bound=BaseModel)

CALL, SCHEMA, JSON, LINES = "function_calling", "json_schema", "json_mode", "lines"
METHODS = (CALL, SCHEMA, JSON, LINES)  # in the order in which they are tried; the first three as LangChain names them

_working: dict[int, str] = {}  # the method that first worked, by the model's id while that lives

_DECODER = json.JSONDecoder()
_MARK = re.compile(r"^\s*(?:[-*•–]|\(?\d{1,2}[.):]|\(?[a-z][.)])\s+", re.IGNORECASE)
_EMPHASIS = re.compile(r"(\*{1,3}|_{2}|`)(.+?)\1")


def structured(model: BaseChatModel, schema: type[S], prompt: PromptValue | Sequence[BaseMessage]) -> S | None:
    """Return what ``model`` answers to ``prompt`` as a ``schema``; None when nothing that it writes can be read as one.

    The methods are tried in the order of ``METHODS``, those that a model does not offer passed over. Which one worked is
    remembered for the model, so that later calls begin with it.

    Raises:
        ModelError: the model cannot be reached, or takes too long: another method would not help.
        StoppedError: the question was stopped.
    """
    messages = list(prompt.to_messages() if isinstance(prompt, PromptValue) else prompt)
    methods = METHODS[METHODS.index(_working.get(id(model)) or _first(model)) :]
    for method in methods:
        try:
            found = WAYS[method](model, schema, messages)
        except (RequestRefusedError, NotImplementedError) as error:
            log.info("No structured output by %s: %s", method, error)
            continue
        except (ModelError, StoppedError):
            raise
        except Exception as error:  # of a provider's own kind, where no guard stands before the model
            if method == LINES:
                raise
            log.info("No structured output by %s: %s", method, type(error).__name__)
            continue
        if isinstance(found, schema):
            if id(model) not in _working:
                weakref.finalize(model, _working.pop, id(model), None)
                _working[id(model)] = method
            return found
    return None


def _first(model: BaseChatModel) -> str:
    """Where to begin: llama.cpp in this process holds any model to a JSON schema, but few of its models call functions."""
    return SCHEMA if isinstance(model, GuardedChatModel) and model.source.in_process else CALL


def method_of(model: BaseChatModel) -> str:
    """Return the method by which ``structured`` reached ``model`` first; "" when it has not yet."""
    return _working.get(id(model), "")


def _by_provider(method: str) -> Callable[[BaseChatModel, type[S], list[BaseMessage]], S | None]:
    def ask(model: BaseChatModel, schema: type[S], messages: list[BaseMessage]) -> S | None:
        if method != CALL and not _has_json(model):
            raise NotImplementedError(f"{type(model).__name__} has no {method}")
        wanted: Any = schema
        if method != CALL:
            wanted = (
                schema.model_json_schema()
            )  # as a dict, for of a class langchain-openai serialises what it parsed, and warns
            request = f"Reply with one JSON object alone, of this schema: {json.dumps(wanted, ensure_ascii=False)}"
            messages = _with_request(messages, request)
        chain = model.with_structured_output(wanted, method=method, include_raw=True)
        return _read(chain.invoke(ChatPromptValue(messages=messages)), schema)

    return ask


def _by_lines(model: BaseChatModel, schema: type[S], messages: list[BaseMessage]) -> S | None:
    name = _only_list(schema)
    if name:
        request = "Write one a line, and nothing else."
    else:
        fields = "\n".join(f"{field}: {info.description or '...'}" for field, info in schema.model_fields.items())
        request = f"Write these lines, each with its value after the colon, and nothing else:\n{fields}"
    text = without_thoughts(model.invoke(_with_request(messages, request)).text)
    if (found := _from_json(text, schema)) is not None:
        return found
    return _validated({name: lines_of(text)} if name else _named_values(text, schema), schema)


WAYS: dict[str, Callable[..., Any]] = {
    CALL: _by_provider(CALL),
    SCHEMA: _by_provider(SCHEMA),
    JSON: _by_provider(JSON),
    LINES: _by_lines,
}


def lines_of(text: str) -> list[str]:
    """Return the items of a list that a model wrote, a line each: without numbering, and without what it said before and
    after.

    >>> lines_of("Sure! Here they are:\\n1. Who?\\n2. **When?**\\nI hope this helps.")
    ['Who?', 'When?']
    >>> lines_of("The questions are:\\nWho?\\nWhen?")
    ['Who?', 'When?']
    """
    lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("```")]
    marked = [line for line in lines if _MARK.match(line)]
    kept = marked or [line for line in lines if not line.rstrip().endswith(":")]
    return [item for line in kept if (item := _EMPHASIS.sub(r"\2", _MARK.sub("", line)).strip().strip('"'))]


def _has_json(model: BaseChatModel) -> bool:
    inner = model.model if isinstance(model, GuardedChatModel) else model
    return type(inner).with_structured_output is not BaseChatModel.with_structured_output


def _with_request(messages: list[BaseMessage], request: str) -> list[BaseMessage]:
    """The messages with ``request`` at the end of the last one, for some models take no two of one speaker in a row."""
    *before, last = messages
    content = f"{last.content}\n\n{request}" if isinstance(last.content, str) else [*last.content, request]
    return [*before, last.model_copy(update={"content": content})]


def _read(result: Any, schema: type[S]) -> S | None:
    if isinstance(result, dict) and "raw" in result:
        if (parsed := result.get("parsed")) is not None:
            return _read(parsed, schema)
        return _from_json(without_thoughts(result["raw"].text), schema)
    if isinstance(result, schema):
        return result
    return _validated(result, schema) if isinstance(result, dict) else None


def _from_json(text: str, schema: type[S]) -> S | None:
    """The first object in ``text`` that is one of ``schema``, alone or as the arguments of a call that a model wrote out."""
    begin = text.find("{")
    while begin >= 0:
        try:
            found, end = _DECODER.raw_decode(text, begin)
        except ValueError:
            end = begin + 1
        else:
            inner = found.get("arguments") or found.get("parameters")
            for values in (found, inner):
                if (read := _validated(values, schema)) is not None:
                    return read
        begin = text.find("{", end)
    return None


def _validated(values: Any, schema: type[S]) -> S | None:
    try:
        return schema.model_validate(values)
    except ValidationError:
        return None


def _only_list(schema: type[BaseModel]) -> str:
    """The name of the only field, where that is a list of strings; else ""."""
    fields = [(name, info.annotation) for name, info in schema.model_fields.items()]
    return fields[0][0] if len(fields) == 1 and fields[0][1] == list[str] else ""


def _named_values(text: str, schema: type[BaseModel]) -> dict[str, str]:
    found = {}
    for line in text.splitlines():
        name, colon, value = _EMPHASIS.sub(r"\2", _MARK.sub("", line)).partition(":")
        if colon and name.strip().lower() in schema.model_fields:
            found[name.strip().lower()] = value.strip()
    return found
