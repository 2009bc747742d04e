"""A chat model that is asked of three passages about a weir."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from chat_models import Scripted
from fakes import chunk, put
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk

from chains.pipeline import build
from records import Turn
from store.index import Index

QUESTION = "When was the weir built?"
PLAN, ANSWER = "You plan how", "from the numbered passages"
TEXTS = ("The weir was built in 1931.", "The roofs gained 8.6% in 2025.", "The weir lies on the river Aldra.")


def report(index: Index) -> Index:
    """``index`` with the passages in it."""
    put(index, [chunk(text, title="Report", section=("Plants",), page=2) for text in TEXTS])
    return index


class Streamed(Scripted):
    """Streams messages as they are given: the answer is a list of them."""

    def _stream(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        for message in self._answer(messages):
            yield ChatGenerationChunk(message=message)


def snapshots(index: Index, model: Scripted, question: str = QUESTION, **settings: Any) -> list[Turn]:
    return list(build(index, replace(index.settings, **settings), model).stream(Turn(question=question)))


def ask(index: Index, model: Scripted, question: str = QUESTION, **settings: Any) -> Turn:
    return snapshots(index, model, question, **settings)[-1]


def says(answer: Any) -> Scripted:
    return Scripted(answers={PLAN: None, ANSWER: answer})
