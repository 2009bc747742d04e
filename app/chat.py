"""Turns -> messages of the chat. Nothing here knows how an answer is found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, Literal

import gradio as gr
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from app.asked_picture import picture_markdown
from app.stopping import Stop
from app.text import counted, escaped_markdown, sanitized, shortened
from app.words import citation_label, location
from chains.answering.synthesis import say_out_of_corpus
from records import Citation, SubAnswer, Turn
from text.citation_marks import NO_SOURCE

UPDATE_SECONDS = 0.2  # a browser that redraws a chat more often than this pins its CPU
SHOWN_HITS = 5
STOPPED = "*Stopped.*"
STOPPED_DRAFT = "*Stopped before it was checked.*"
REDACTED = "This answer rested on a source that you may not read any more."
_MARK = re.compile(r"\[(\d{1,4}(?:\s*,\s*\d{1,4})*)\]")
# What comes after a step is done.
_NEXT = {
    "": "Reading the question",
    "condense": "Splitting the question",
    "decompose": "Searching the documents",
    "retrieve": "Reading what was found",
    "read": "Reading the cited place a second time",
    "answer": "Writing the answer",
}
# What is said below an answer that is not checked yet, by the step that came last.
_WRITING = "Not checked yet: it is still being written."
_UNCHECKED = {
    "retrieve": _WRITING,
    "answer": _WRITING,
    "summarise": _WRITING,
    "read": "Not checked yet: the cited place is being read a second time.",
    "synthesise": "Not checked yet: the citations are being checked.",
}


@dataclass(frozen=True)
class Exchange:
    """A question and its answer as far as it has come."""

    turn: Turn
    status: Literal["running", "done", "stopped", "failed"] = "running"
    error: str = ""
    stop: Stop = field(default_factory=Stop, compare=False, repr=False)


Conversation = tuple[Exchange, ...]


def history(conversation: Conversation) -> tuple[BaseMessage, ...]:
    """Return the earlier questions and answers as messages, for the question that comes next."""
    messages: list[BaseMessage] = []
    for exchange in conversation:
        messages.append(HumanMessage(exchange.turn.question or "What is this picture?"))
        if exchange.turn.answer:
            messages.append(AIMessage(exchange.turn.answer))
    return tuple(messages)


def redacted(conversation: Conversation, hidden: frozenset[str]) -> Conversation:
    """Return ``conversation`` with nothing left of the answers that rest on, or came near, one of the sources ``hidden``."""
    return tuple(
        replace(exchange, turn=_redacted(exchange.turn), status="done")
        if exchange.status != "running" and not hidden.isdisjoint(_sources(exchange.turn))
        else exchange
        for exchange in conversation
    )


def _redacted(turn: Turn) -> Turn:
    """What was asked, without what was answered."""
    return Turn(question=turn.question, picture=turn.picture, answer=REDACTED, outcome="nothing")


def _sources(turn: Turn) -> Iterator[str]:
    for citation in turn.citations:
        yield citation.chunk.source
    for hits in (turn.hits, *(part.hits for part in turn.parts)):
        yield from (hit.chunk.source for hit in hits)


def rate_limited(turns: Iterable[Turn], seconds: float = UPDATE_SECONDS) -> Iterator[Turn]:
    """Yield ``turns`` without those that come too soon after the one before; a new stage and the last one always come."""
    shown_at, shown, latest = float("-inf"), None, None
    for latest in turns:
        now = monotonic()
        if now - shown_at >= seconds or shown is None or latest.stage != shown.stage:
            shown_at, shown = now, latest
            yield latest
    if latest is not None and latest is not shown:
        yield latest


def messages(conversation: Conversation) -> list[Any]:
    """Return the chat as Gradio shows it (``gr.ChatMessage``): question, steps, answer, for each exchange."""
    before = (b"", *(exchange.turn.picture for exchange in conversation))
    return [
        message
        for number, (exchange, picture) in enumerate(zip(conversation, before, strict=False))
        for message in _exchange(number, exchange, picture)
    ]


def exchange_at(conversation: Conversation, message: int) -> int | None:
    """Return which exchange (from 0) the message with this index (from 0) in ``messages`` belongs to."""
    end = 0
    for number, exchange in enumerate(conversation):
        end += sum(1 for _ in _exchange(number, exchange))
        if message < end:
            return number
    return None


def cite_key(exchange: int, item: int) -> str:
    """Return the name of a piece of evidence on the page: of the ``exchange``-th question (from 0), number ``item``."""
    return f"cite-{exchange}-{item}"


def _exchange(number: int, exchange: Exchange, picture_before: bytes = b"") -> Iterator[Any]:
    turn, running = exchange.turn, exchange.status == "running"
    yield gr.ChatMessage(role="user", content=_question(turn, picture_before))
    if turn.standalone and turn.standalone.strip() != turn.question.strip():
        yield _step("Understood as", escaped_markdown(turn.standalone), log=shortened(turn.standalone, 90))
    stage = _NEXT.get(turn.stage, "Checking the citations")
    for part in turn.parts:
        yield from _thought(part.reasoning, pending=running and not part.done and not part.text)
        yield _part(part, stage if running and not part.done else "", folded=bool(turn.answer))
    yield from _thought(turn.reasoning)
    if running and not turn.answer and all(part.done for part in turn.parts):
        yield _step(stage, "", pending=True)
    if turn.answer:
        # in the answer's own bubble and below it, so that nothing moves when it goes
        said = f"\n\n*{_UNCHECKED[turn.stage]}*" if running and turn.stage in _UNCHECKED else ""
        yield gr.ChatMessage(role="assistant", content=with_links(turn, number, running=running) + said)
    if exchange.status == "failed":
        yield gr.ChatMessage(
            role="assistant", content=f"⚠ This question could not be answered. {escaped_markdown(exchange.error)}"
        )
    elif exchange.status == "stopped":
        yield gr.ChatMessage(role="assistant", content=STOPPED_DRAFT if turn.answer else STOPPED)


def _question(turn: Turn, picture_before: bytes) -> str:
    if not turn.picture:
        return escaped_markdown_lines(turn.question)
    said = [escaped_markdown_lines(turn.question)] if turn.question else []
    return "\n\n".join([*said, picture_markdown(turn.picture, picture_before)])


def _step(title: str, content: str, *, log: str = "", pending: bool = False) -> Any:
    status = "pending" if pending else "done"
    return gr.ChatMessage(role="assistant", content=content, metadata={"title": title, "log": log, "status": status})


def _thought(reasoning: str, *, pending: bool = False) -> Iterator[Any]:
    """What a model thought before it answered, behind a fold; nothing of it is part of the answer, nor checked."""
    if reasoning:
        yield _step("What the model thought", escaped_markdown_lines(reasoning), log="not checked", pending=pending)


def _part(part: SubAnswer, stage: str, *, folded: bool) -> Any:
    """A sub-question and what was found; ``stage`` is what is being done for it, "" when it is done. Gradio opens a step that
    is pending and folds it when it is done: below it nothing may stand by then that is read, so it is ``folded`` before."""
    lines = ["No certain answer; the nearest passages:"] if part.outcome == "passages" else []
    lines += [escaped_markdown(statement.text) for statement in part.statements]
    if part.abstained:
        lines.append(escaped_markdown(" ".join(["Nothing in the documents answers this.", *say_out_of_corpus([part])])))
    if part.hits:
        lines.append("Passages read, best first:")
        lines.append("\n".join(f"- {escaped_markdown(location(hit.chunk))}" for hit in _first_by_location(part)))
    log = stage or (counted(len(part.hits), "passage") if part.hits else "")
    return _step(
        escaped_markdown(shortened(part.question, 120)), "\n\n".join(lines), log=log, pending=bool(stage) and not folded
    )


def _first_by_location(part: SubAnswer) -> Sequence[Any]:
    by_location = {location(hit.chunk): hit for hit in reversed(part.hits)}
    return [hit for hit in part.hits if by_location[location(hit.chunk)] is hit][:SHOWN_HITS]


def with_links(turn: Turn, number: int, *, running: bool = False) -> str:
    """Return the answer as Markdown in which the marks [1] or [1, 2] of its citations are links, and nothing else is; behind
    a sentence for which there is no source a warning stands, and in a mark that the check did not confirm, once that is not
    ``running`` any more."""
    citations = {citation.n: citation for citation in turn.citations}
    doubted = set() if running else {n for n, citation in citations.items() if not citation.checked} - turn.nearest
    pieces, end = [], 0
    for match in _MARK.finditer(turn.answer):
        numbers = [int(n) for n in match.group(1).split(",")]
        if not all(n in citations for n in numbers):
            continue
        pieces.append(_warned(turn.answer[end : match.start()]))
        pieces += [_mark(number, citations[n], n in doubted) for n in numbers]
        end = match.end()
    return "".join([*pieces, _warned(turn.answer[end:])])


def _warned(text: str) -> str:
    return sanitized(text).replace(sanitized(NO_SOURCE), "*⚠ no source*")


def _mark(number: int, citation: Citation, doubted: bool) -> str:
    """A mark; its title says what it stands for to those who hear the page, and to whoever copies the answer."""
    warning = " ⚠" if doubted else ""
    title = escaped_markdown(citation_label(citation.chunk)).replace('"', "&quot;")
    return f'[&#91;{citation.n}{warning}&#93;](#{cite_key(number, citation.n)} "{title}")'


def escaped_markdown_lines(text: str) -> str:
    """Return ``text`` escaped for Markdown, with its line breaks."""
    return "  \n".join(escaped_markdown(line) for line in text.splitlines()) or "…"
