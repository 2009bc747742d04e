"""A chat model's reply as it comes: its answer apart from what it thought, and whether it came to its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.runnables import Runnable

from models.chat.messages import ran_out_of_room
from models.chat.thoughts import split, without_tag_begun


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
            draft = Draft(
                text, "\n\n".join(filter(None, (thought.strip(), more))), draft.is_cut or ran_out_of_room(message)
            )
            yield replace(draft, text=without_tag_begun(text))
    yield draft


def draft_of(message: BaseMessage) -> Draft:
    """Return a whole message as a draft."""
    text, more = split(message.text)
    return Draft(text, "\n\n".join(filter(None, (reasoning_of(message).strip(), more))), ran_out_of_room(message))


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
