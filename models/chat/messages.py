"""What LangChain's messages say of a reply besides its words: why it ended, and how many tokens it took."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, message_chunk_to_message
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk
from langchain_core.outputs.chat_generation import merge_chat_generation_chunks

REASONS = ("finish_reason", "stop_reason", "done_reason", "stopReason")  # as providers call them
LENGTH = ("length", "max_tokens", "model_length", "max_output_tokens")  # what they say when the room ran out
CHARACTERS_A_TOKEN = 4  # of English; for those that report no tokens


def finish_reason(reply: ChatGeneration | BaseMessage) -> str:
    """Return why a reply ended, in lower case as its provider says it; "" when it does not say."""
    info: Mapping[str, Any] = {}
    if isinstance(reply, ChatGeneration):
        info, reply = reply.generation_info or {}, reply.message
    known = {**reply.response_metadata, **info}
    return next((str(known[name]).lower() for name in REASONS if known.get(name)), "")


def ran_out_of_room(reply: ChatGeneration | BaseMessage) -> bool:
    """Return whether a reply ended because it may have no more tokens, in the middle of what it had to say."""
    return finish_reason(reply).endswith(LENGTH)  # a reason that came with every chunk has been strung together


def whole_as_chunk(message: BaseMessage, more: Mapping[str, Any]) -> ChatGenerationChunk:
    """Return a reply that came in one piece as a chunk, with ``more`` in its metadata."""
    calls = [
        tool_call_chunk(name=call["name"], args=json.dumps(call["args"]), id=call["id"], index=position)
        for position, call in enumerate(message.tool_calls if isinstance(message, AIMessage) else ())
    ]
    return ChatGenerationChunk(
        message=AIMessageChunk(
            content=message.content,
            additional_kwargs=message.additional_kwargs,
            response_metadata={**more, **message.response_metadata},
            tool_call_chunks=calls,
            usage_metadata=message.usage_metadata if isinstance(message, AIMessage) else None,
            chunk_position="last",
        )
    )


def as_message(whole: ChatGeneration) -> BaseMessage:
    """Return the message of a whole reply with all that is known of it in its metadata."""
    message = message_chunk_to_message(whole.message)
    known = {**(whole.generation_info or {}), **message.response_metadata}
    return message.model_copy(update={"response_metadata": known, "id": None})


def with_usage(
    last: ChatGenerationChunk | None,
    seen: Sequence[ChatGenerationChunk],
    prompt: Sequence[BaseMessage],
    model: str,
) -> ChatGenerationChunk:
    """Return the last chunk of a reply with the name of the model, and the tokens of the whole where no chunk reports any.

    Args:
        last: what came from the finish reason on; None when no reason came.
        seen: all chunks, these among them.
        prompt: what was asked.
        model: the name, for a provider that does not repeat it.
    """
    whole = merge_chat_generation_chunks(list(seen))
    known: dict[str, Any] = {}
    if whole is not None:
        known = {**(whole.generation_info or {}), **whole.message.response_metadata}
    more: dict[str, Any] = {} if known.get("model_name") else {"model_name": model}
    usage: UsageMetadata | None = None
    if whole is not None and isinstance(whole.message, AIMessage) and not whole.message.usage_metadata:
        usage = _estimated(prompt, whole.message)
        more["usage_estimated"] = True
    end = ChatGenerationChunk(
        message=AIMessageChunk(
            content="" if whole is None or isinstance(whole.message.content, str) else [],
            response_metadata=more,
            usage_metadata=usage,
            chunk_position="last",
        )
    )
    return end if last is None else last + end


def _estimated(prompt: Sequence[BaseMessage], reply: AIMessage) -> UsageMetadata:
    asked = sum(len(message.text) for message in prompt) // CHARACTERS_A_TOKEN
    said = (len(reply.text) + sum(len(str(call["args"])) for call in reply.tool_calls)) // CHARACTERS_A_TOKEN
    return UsageMetadata(input_tokens=asked, output_tokens=said, total_tokens=asked + said)
