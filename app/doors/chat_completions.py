"""What OpenAI's chat completions say, for clients that know nothing else: messages in; an answer, with its citations as
Markdown footnotes and in a field of their own, out.

Fields as in https://platform.openai.com/docs/api-reference/chat. What belongs to a language model alone (temperature, tools)
is accepted and not used.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.doors import schema
from app.doors.service import Service
from app.text import one_line, shortened
from errors import NotFoundError, SourceError
from records import Outcome, Turn

MODEL = "documents"
_MARK = re.compile(r"\[(\d{1,4}(?:\s*,\s*\d{1,4})*)\]")
_FOOTNOTES = re.compile(r"\n+(?:\[\^\d+\]: .*(?:\n|\Z))+\s*\Z")  # of an answer of ours that a client sends back
_FOOTNOTE_MARK = re.compile(r"\[\^(\d+)\]")
_DATA_URL = re.compile(r"data:image/[\w.+-]+;base64,(.*)", re.DOTALL)
QUOTE = 160  # characters of a quote in a footnote


class ImageUrl(BaseModel):
    """A picture within the message."""

    url: str = Field(description="data:image/png;base64,... : nothing is fetched from elsewhere")


class Part(BaseModel):
    """A piece of a message."""

    type: Literal["text", "image_url"]
    text: str = Field(default="", max_length=schema.MAX_MESSAGE)
    image_url: ImageUrl | None = None


class ChatMessage(BaseModel):
    """A message of the conversation. Those of the system and of tools are passed over: the documents answer."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None


class ChatIn(BaseModel):
    """A conversation whose last message asks."""

    model_config = ConfigDict(extra="allow")

    model: str = Field(default=MODEL, max_length=200)
    messages: list[ChatMessage] = Field(min_length=1, max_length=schema.MAX_MESSAGES + 1)
    stream: bool | None = False
    scope: schema.ScopeIn = Field(default=schema.ScopeIn(), description="not OpenAI's: the documents that are asked")


class SaidOut(BaseModel):
    """The answer; its citations, as ``/api/v1/ask`` has them, in a field that is not OpenAI's."""

    role: Literal["assistant"] = "assistant"
    content: str
    citations: list[schema.CitationOut]


class ChoiceOut(BaseModel):
    """The one answer that there is."""

    index: int = 0
    message: SaidOut
    finish_reason: Literal["stop"] = "stop"


class ChatOut(BaseModel):
    """An answer. ``outcome`` and ``notices``, which are not OpenAI's, say what it came to."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[ChoiceOut]
    outcome: Outcome
    notices: list[str]


def asked(chat: ChatIn) -> schema.AskIn:
    """Return the last message as a question after the others.

    Raises:
        NotFoundError: there is no such model.
        SourceError: the last message asks nothing, is too long, or has a picture that is only named.
    """
    if chat.model != MODEL:
        raise NotFoundError(f"There is no model {chat.model!r} here. Ask {MODEL!r}.")
    spoken = [one for one in chat.messages if one.role in ("user", "assistant")]
    if not spoken or spoken[-1].role != "user":
        raise SourceError("The last message is to be the user's, and ask something.")
    question, picture = _text(spoken[-1]), _picture(spoken[-1])
    if len(question) > schema.MAX_QUESTION:
        raise SourceError(f"The question has {len(question):,} characters; at most {schema.MAX_QUESTION:,} are read.")
    history = [
        schema.Message(role="user" if one.role == "user" else "assistant", content=_remembered(one))
        for one in spoken[:-1]
    ]
    return schema.AskIn(question=question, history=history, scope=chat.scope, picture=picture)


def _text(message: ChatMessage) -> str:
    if isinstance(message.content, list):
        return "\n".join(part.text for part in message.content if part.text)
    return message.content or ""


def _remembered(message: ChatMessage) -> str:
    """A message as the conversation has it: of our own answers without the footnotes."""
    text = _text(message)
    if message.role == "assistant":
        text = _FOOTNOTE_MARK.sub(r"[\1]", _FOOTNOTES.sub("", text))
    return text[: schema.MAX_MESSAGE]


def _picture(message: ChatMessage) -> str:
    urls = [part.image_url.url for part in message.content or [] if isinstance(part, Part) and part.image_url]
    if not urls:
        return ""
    if (found := _DATA_URL.fullmatch(urls[-1])) is None:
        raise SourceError("Pictures are taken as data:image/...;base64,... within the message; nothing is fetched.")
    return found[1]


def with_footnotes(answer: schema.AnswerOut) -> str:
    """Return the answer as Markdown in which the marks of its citations are footnotes, with these below it."""
    known = {one.n for one in answer.citations}

    def mark(found: re.Match[str]) -> str:
        numbers = [int(n) for n in found[1].split(",")]
        return "".join(f"[^{n}]" for n in numbers) if known.issuperset(numbers) else found[0]

    text = _MARK.sub(mark, answer.answer)
    notes = "\n".join(_footnote(one, is_checked=answer.outcome == "answered") for one in answer.citations)
    return f"{text}\n\n{notes}" if notes else text


def _footnote(citation: schema.CitationOut, *, is_checked: bool) -> str:
    checked = ""
    if is_checked:
        checked = ", checked" if citation.checked else ", not checked"
    quote = shortened(one_line(citation.quote), QUOTE)
    return f"[^{citation.n}]: {citation.source}, page {citation.page}{checked}: “{quote}”"


def completion(answer: schema.AnswerOut) -> ChatOut:
    """Return a whole answer."""
    said = SaidOut(content=with_footnotes(answer), citations=answer.citations)
    return ChatOut(
        id=_new_id(),
        created=int(time.time()),
        model=MODEL,
        choices=[ChoiceOut(message=said)],
        outcome=answer.outcome,
        notices=answer.notices,
    )


def chunks(turns: Iterator[Turn], service: Service) -> Iterator[dict[str, Any]]:
    """Yield an answer in pieces, as it is made.

    What a model drafts may still change when its citations are looked up and checked, so drafts and sub-questions come as
    ``reasoning_content``, which clients show apart, and the answer as ``content`` once it is checked, a paragraph at a time.
    """
    base = {"id": _new_id(), "object": "chat.completion.chunk", "created": int(time.time()), "model": MODEL}

    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
        return {**base, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}

    yield chunk({"role": "assistant", "content": ""})
    progress, last = _Progress(), None
    for last in turns:
        if text := progress.new(last):
            yield chunk({"reasoning_content": text})
    if last is None:
        return
    answer = service.shown(last)
    for paragraph in re.split(r"(?<=\n\n)", with_footnotes(answer)):
        yield chunk({"content": paragraph})
    citations = [one.model_dump(mode="json") for one in answer.citations]
    yield chunk({"citations": citations}, "stop", outcome=answer.outcome, notices=answer.notices)


class _Progress:
    """What of an answer in the making has been told already."""

    def __init__(self) -> None:
        self._asked: list[str] = []
        self._draft = ""

    def new(self, turn: Turn) -> str:
        """Return what is new in ``turn``: sub-questions, then a draft as it grows."""
        told = []
        for part in turn.parts:
            if part.question not in self._asked:
                self._asked.append(part.question)
                told.append(f"Searching: {one_line(part.question)}\n")
        if turn.answer.startswith(self._draft) and turn.stage in ("retrieve", "answer"):
            told.append(turn.answer[len(self._draft) :])
            self._draft = turn.answer
        return "".join(told)


def models() -> Sequence[dict[str, Any]]:
    """Return the one model that there is."""
    return [{"id": MODEL, "object": "model", "created": 0, "owned_by": "document-assistant"}]


def _new_id() -> str:
    return f"chatcmpl-{secrets.token_hex(12)}"
