"""What answers a question, behind one door: the extractive reader, a chat model, or what others add to ``ANSWERERS``."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from chains.retrieval.base import Resources
from config import Settings
from errors import ModelError
from models.prompts import PROMPTS, Prompts
from records import Citation, Hit, Principal, Statement, SubAnswer, Turn

log = logging.getLogger(__name__)

EXTRACTIVE = "extractive"
# Found for a question; the first ``top_k`` of the settings are shown, and read by the extractive reader.
READ_HITS = 40
Retrieve = Callable[[str], tuple[Hit, ...]]  # READ_HITS hits for a question at most, best first
# whether the places that these citations name bear the statement out; None when that cannot be told
IsSupported = Callable[[Statement, Sequence[Citation], Principal], bool | None]


class Answerer(Protocol):
    """The steps of an answer. Each takes a turn and yields ever fuller copies of it; the last one counts."""

    name: str

    def condense(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``standalone``: the question, understandable without the history."""
        ...

    def decompose(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``parts`` with sub-questions."""
        ...

    def answer(self, turn: Turn, retrieve: Retrieve) -> Iterator[Turn]:
        """Fill the parts with hits, statements and citations."""
        ...

    def synthesise(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``answer`` and ``statements`` from the parts, at least one of which has found something."""
        ...


@dataclass(frozen=True, kw_only=True)
class Context:
    """What an answerer is made from."""

    settings: Settings
    resources: Resources
    is_supported: IsSupported
    prompts: Prompts = PROMPTS


class StandIn:
    """An answerer that goes over to a second one when the model of the first cannot be reached, and says so."""

    def __init__(self, first: Answerer, second: Answerer) -> None:
        self.name = first.name
        self._first = first
        self._second = second

    def condense(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``standalone``."""
        return self._try(turn, lambda answerer, one: answerer.condense(one))

    def decompose(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``parts``."""
        return self._try(turn, lambda answerer, one: answerer.decompose(one))

    def answer(self, turn: Turn, retrieve: Retrieve) -> Iterator[Turn]:
        """Fill the parts."""
        return self._try(turn, lambda answerer, one: answerer.answer(one, retrieve))

    def synthesise(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``answer`` and ``statements``."""
        return self._try(turn, lambda answerer, one: answerer.synthesise(one))

    def _try(self, turn: Turn, step: Callable[[Answerer, Turn], Iterator[Turn]]) -> Iterator[Turn]:
        if turn.model != self._second.name:
            try:
                yield from step(self._first, turn)
                return
            except ModelError as error:
                log.warning("%s The %s reader stands in.", error, self._second.name)
                notice = f"{error} What follows was answered without it."
                turn = replace(turn, model=self._second.name, notices=(*turn.notices, notice))
        yield from step(self._second, turn)


def with_part(turn: Turn, position: int, part: SubAnswer) -> Turn:
    return replace(turn, parts=(*turn.parts[:position], part, *turn.parts[position + 1 :]))
