"""What OpenAI's chat completions say, for clients that know nothing else: messages in; an answer, with its citations as
Markdown footnotes and in a field of their own, out.

Fields as in https://platform.openai.com/docs/api-reference/chat. What belongs to a language model alone (temperature, tools)
is accepted and not used.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.doors import schema
from app.text import one_line, shortened
from errors import NotFoundError, SourceError
from models.chat.usage import TokenUsage, Used
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


class StreamOptions(BaseModel):
    """How an answer is streamed."""

    include_usage: bool | None = Field(default=False, description="whether a last piece tells the tokens")


class ChatIn(BaseModel):
    """A conversation whose last message asks."""

    model_config = ConfigDict(extra="allow")

    model: str = Field(default=MODEL, max_length=200)
    messages: list[ChatMessage] = Field(min_length=1, max_length=schema.MAX_MESSAGES + 1)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
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


class UsageOut(BaseModel):
    """Tokens of all calls of chat models that the question took; none where the reader answers without one."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatOut(BaseModel):
    """An answer. ``outcome`` and ``notices``, which are not OpenAI's, say what it came to."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[ChoiceOut]
    usage: UsageOut
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
    text = _marked(answer.answer, {one.n for one in answer.citations})
    notes = _footnotes(answer)
    return f"{text}\n\n{notes}" if notes else text


def _marked(text: str, known: set[int]) -> str:
    """The text with the marks of citations that are ``known`` as footnotes'."""

    def mark(found: re.Match[str]) -> str:
        numbers = [int(n) for n in found[1].split(",")]
        return "".join(f"[^{n}]" for n in numbers) if known.issuperset(numbers) else found[0]

    return _MARK.sub(mark, text)


def _footnotes(answer: schema.AnswerOut) -> str:
    return "\n".join(_footnote(one, is_checked=answer.outcome == "answered") for one in answer.citations)


def _footnote(citation: schema.CitationOut, *, is_checked: bool) -> str:
    checked = ""
    if is_checked:
        checked = ", checked" if citation.checked else ", not checked"
    quote = shortened(one_line(citation.quote), QUOTE)
    return f"[^{citation.n}]: {citation.source}, page {citation.page}{checked}: “{quote}”"


def completion(answer: schema.AnswerOut, used: Used) -> ChatOut:
    """Return a whole answer, for which ``used`` tokens were taken."""
    said = SaidOut(content=with_footnotes(answer), citations=answer.citations)
    return ChatOut(
        id=_new_id(),
        created=int(time.time()),
        model=MODEL,
        choices=[ChoiceOut(message=said)],
        usage=_usage(used),
        outcome=answer.outcome,
        notices=answer.notices,
    )


def _usage(used: Used) -> UsageOut:
    return UsageOut(prompt_tokens=used.input, completion_tokens=used.output, total_tokens=used.input + used.output)


def chunks(
    turns: Iterator[Turn], shown: Callable[[Turn], schema.AnswerOut], usage: TokenUsage | None = None
) -> Iterator[dict[str, Any]]:
    """Yield an answer in pieces, as it is made; a last one tells the tokens where ``usage`` counted them.

    What a model drafts may still change when its citations are looked up, so drafts and sub-questions come as
    ``reasoning_content``, which clients show apart. The answer comes as ``content`` as soon as it is put together and its
    citations have their numbers, before they are checked; what the check has to say, and the footnotes, come after it.

    Args:
        shown: an answer as it goes out.
    """
    base = {"id": _new_id(), "object": "chat.completion.chunk", "created": int(time.time()), "model": MODEL}

    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
        return {**base, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}

    yield chunk({"role": "assistant", "content": ""})
    progress, last, told = _Progress(), None, ""
    for last in turns:
        if text := progress.new(last):
            yield chunk({"reasoning_content": text})
        if not told and last.stage == "synthesise" and last.statements:
            told = last.answer
            for paragraph in _paragraphs(_marked(told, {one.n for one in last.citations})):
                yield chunk({"content": paragraph})
    if last is None:
        return
    answer = shown(last)
    for paragraph in _paragraphs(_left(answer, told)):
        yield chunk({"content": paragraph})
    citations = [one.model_dump(mode="json") for one in answer.citations]
    yield chunk({"citations": citations}, "stop", outcome=answer.outcome, notices=answer.notices)
    if usage is not None:
        yield {**base, "choices": [], "usage": _usage(usage.total).model_dump()}


def _left(answer: schema.AnswerOut, told: str) -> str:
    """What of an answer is still to be said after ``told``: what the check put before it, what differs, and footnotes."""
    if not told:
        return with_footnotes(answer)
    text = answer.answer.removesuffix(told) if answer.answer.endswith(told) else answer.answer
    left = [_marked(text.strip(), {one.n for one in answer.citations}), _footnotes(answer)]
    return "".join(f"\n\n{one}" for one in left if one)


def _paragraphs(text: str) -> list[str]:
    return [one for one in re.split(r"(?<=\n\n)(?=\S)", text) if one]


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
