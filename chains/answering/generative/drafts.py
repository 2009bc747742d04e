"""A chat model's reply as it comes: its answer apart from what it thought, and whether it came to its end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.runnables import Runnable

_OPEN = r"<(?:think|thinking|reasoning|thought)>"
_CLOSE = r"</(?:think|thinking|reasoning|thought)>"
_THOUGHT = re.compile(rf"{_OPEN}(.*?)(?:{_CLOSE}|\Z)", re.DOTALL | re.IGNORECASE)
_ONLY_CLOSED = re.compile(rf"\A(.*?){_CLOSE}", re.DOTALL | re.IGNORECASE)  # the template of some models opens it
_TAGS = ("<think>", "<thinking>", "<reasoning>", "<thought>")
# How providers say that the limit of tokens cut a reply: OpenAI and most, Anthropic, Ollama, Bedrock, Google.
_REASONS = ("finish_reason", "stop_reason", "done_reason", "stopReason")
_AT_LIMIT = frozenset(("length", "max_tokens"))


@dataclass(frozen=True)
class Draft:
    """What a model has written so far."""

    text: str = ""  # the answer; nothing of what it thought
    reasoning: str = ""
    is_cut: bool = False  # the limit of tokens ended it


def drafts(chain: Runnable[Any, Any], values: Mapping[str, Any]) -> Iterator[Draft]:
    """Yield ever longer drafts of what ``chain``, which ends in a chat model, replies to ``values``."""
    raw, thought = "", ""
    draft = Draft()
    replies: Any = chain.stream(dict(values))
    with closing(replies):  # in this thread, where its context is, when nobody waits for the rest
        for message in replies:
            raw += message.text
            thought += reasoning_of(message)
            text, more = split(raw)
            draft = Draft(text, "\n\n".join(filter(None, (thought.strip(), more))), draft.is_cut or is_cut(message))
            yield replace(draft, text=_without_tag_begun(text))
    yield draft


def draft_of(message: BaseMessage) -> Draft:
    """Return a whole message as a draft."""
    text, more = split(message.text)
    return Draft(text, "\n\n".join(filter(None, (reasoning_of(message).strip(), more))), is_cut(message))


def split(raw: str) -> tuple[str, str]:
    """Return the answer and the reasoning of ``raw``, which stands in ``<think>`` tags, the last one perhaps still open."""
    thoughts = [match[1].strip() for match in _THOUGHT.finditer(raw)]
    rest = _THOUGHT.sub("", raw)
    if closed := _ONLY_CLOSED.match(rest):
        thoughts.insert(0, closed[1].strip())
        rest = rest[closed.end() :]
    return rest.lstrip(), "\n\n".join(filter(None, thoughts))


def reasoning_of(message: BaseMessage) -> str:
    """Return what ``message`` has as content blocks of reasoning, by whatever name its provider gives them."""
    if not isinstance(message, AIMessage):
        return ""
    found: list[str] = []
    for block in message.content_blocks:
        fields: Mapping[str, Any] = block
        if fields["type"] == "non_standard":
            fields = fields["value"]
        if fields.get("type") in ("reasoning", "thinking"):
            found.append(str(fields.get("reasoning") or fields.get("thinking") or ""))
    return "".join(found)


def is_cut(message: BaseMessage) -> bool:
    """Tell whether the provider says that ``message`` ended at the limit of tokens."""
    return any(str(message.response_metadata.get(name, "")).lower() in _AT_LIMIT for name in _REASONS)


def _without_tag_begun(text: str) -> str:
    """``text`` without the beginning of a tag at its end, of which more is to come."""
    at = text.rfind("<")
    return text[:at] if at >= 0 and any(tag.startswith(text[at:].lower()) for tag in _TAGS) else text
