"""Answers left before their end."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest

from app.stopping import Stop, until_stopped
from errors import ModelError
from records import Turn

ASKED = Turn(question="q")


def test_turns_come_in_their_order_to_their_end() -> None:
    turns = [Turn(question=str(n)) for n in range(50)]
    stop = Stop()
    assert list(until_stopped(stop, iter(turns))) == turns
    assert stop.left.is_set()
    assert not stop.asked.is_set()


def test_what_the_making_raises_comes_after_what_it_made() -> None:
    def failing() -> Iterator[Turn]:
        yield ASKED
        raise ModelError("no answer")

    seen = []
    with pytest.raises(ModelError, match="no answer"):
        for turn in until_stopped(Stop(), failing()):
            seen.append(turn)
    assert seen == [ASKED]


def test_a_silent_model_is_left_at_once_and_ends_with_its_next_turn() -> None:
    silence, ended = Event(), Event()

    def silent() -> Iterator[Turn]:
        try:
            yield ASKED
            silence.wait(30)
            yield ASKED
            yield ASKED
        finally:
            ended.set()

    stop = Stop()
    turns = until_stopped(stop, silent())
    assert next(turns) == ASKED
    stop.ask()
    assert list(turns) == []
    assert not ended.is_set()
    silence.set()
    assert ended.wait(10)


def test_dropping_waits_until_the_answer_has_been_left() -> None:
    stop = Stop()
    turns = until_stopped(stop, iter([ASKED]))
    next(turns)
    turns.close()  # type: ignore[attr-defined]
    stop.drop(seconds=0)
    assert stop.dropped
    assert stop.left.is_set()
