"""Streams that run at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from chains.answering.generative.parallel import in_parallel


def test_what_comes_after_another_begins_when_that_has_ended() -> None:
    done: list[str] = []

    def job(name: str) -> Iterator[str]:
        yield f"{name} begins"
        done.append(name)
        yield f"{name} ends"

    def last() -> Iterator[str]:
        assert set(done) == {"a", "b"}
        yield from job("c")

    said = list(in_parallel([lambda: job("a"), lambda: job("b"), last], [set(), set(), {0, 1}]))
    assert [item for position, item in said if position == 0] == ["a begins", "a ends"]
    assert said[-2:] == [(2, "c begins"), (2, "c ends")]
    assert len(said) == 6


def test_a_failure_is_raised_where_the_caller_waits() -> None:
    def fails() -> Iterator[int]:
        yield 1
        raise ConnectionError("cut")

    found = []
    with pytest.raises(ConnectionError, match="cut"):
        for item in in_parallel([fails], [set()]):
            found.append(item)
    assert found == [(0, 1)]


def test_jobs_stop_when_nobody_listens_any_more() -> None:
    closed, ended = threading.Event(), threading.Event()

    def endless() -> Iterator[int]:
        try:
            yield 0
            closed.wait(20)
            while True:
                yield 1
        finally:
            ended.set()

    stream = in_parallel([endless], [set()])
    assert next(stream) == (0, 0)
    stream.close()  # type: ignore[attr-defined]
    closed.set()
    assert ended.wait(20)


def test_no_jobs_end_at_once() -> None:
    assert list(in_parallel([], [])) == []
