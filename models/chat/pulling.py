"""Waiting for a model that ends: by the clock, or because the question was stopped.

Neither a read that hangs nor a synchronous stream that stalls can be broken off from outside in Python. So the provider's
iterator is worked through in a thread of its own, and it is the waiting for that thread that ends. A thread left behind
closes its stream with the next item, or dies of the client's own time-out for reading.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any, Generic, TypeVar

from errors import StoppedError

LOOK_SECONDS = 0.05  # between two looks at the clock

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long a call may take, and how often it is tried again."""

    total_seconds: float  # waits and retries included
    token_seconds: float  # to the first token, and between two
    retries: int = 0


class Clock:
    """The time of one call, from when this is made."""

    def __init__(self, limits: Limits, stops: tuple[Event, ...]) -> None:
        self._limits = limits
        self._stops = stops
        self._began = time.monotonic()

    @property
    def is_stopped(self) -> bool:
        """Whether nobody waits for the answer any more."""
        return any(stop.is_set() for stop in self._stops)

    def check(self, silent_since: float | None = None) -> None:
        """Return when there is time left.

        Args:
            silent_since: when the last token came, as ``time.monotonic`` tells it; None where none is waited for.

        Raises:
            TimeoutError: there is none.
            StoppedError: the question was stopped.
        """
        if self.is_stopped:
            raise StoppedError("The question was stopped.")
        now = time.monotonic()
        if now - self._began >= self._limits.total_seconds:
            raise TimeoutError(f"it took longer than {self._limits.total_seconds:g} s, which CHAT_TIMEOUT allows")
        if silent_since is not None and now - silent_since >= self._limits.token_seconds:
            raise TimeoutError(
                f"it was silent for {self._limits.token_seconds:g} s, which is what CHAT_TOKEN_TIMEOUT allows"
            )

    def wait(self, seconds: float) -> None:
        """Sleep, and raise as ``check`` does as soon as it would."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left, LOOK_SECONDS))


class Pulled(Generic[T]):
    """The items of ``make()``, made in a thread of its own; ``for item in pulled`` raises what the making raised, or what
    the clock does."""

    def __init__(self, make: Callable[[], Iterator[T]], clock: Clock) -> None:
        self._clock = clock
        self._left = Event()
        self._made: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()  # an item, or the end
        Thread(target=copy_context().run, args=(self._work, make), name="chat model", daemon=True).start()

    def _work(self, make: Callable[[], Iterator[T]]) -> None:
        end: BaseException = StopIteration()
        items: Iterator[T] | None = None
        try:
            items = make()
            for item in items:
                self._made.put((item, None))
                if self._left.is_set() or self._clock.is_stopped:
                    break
        except BaseException as error:  # noqa: BLE001  raised again where it is waited for
            end = error
        with suppress(Exception):
            if (close := getattr(items, "close", None)) is not None:
                close()  # and the connection with it: the server stops writing
        self._made.put((None, end))

    def __iter__(self) -> Iterator[T]:
        try:
            while True:
                item, end = self._next()
                self._clock.check()
                if isinstance(end, StopIteration):
                    return
                if end is not None:
                    raise end
                yield item
        finally:
            self._left.set()

    def _next(self) -> tuple[Any, BaseException | None]:
        since = time.monotonic()
        while True:
            with suppress(Empty):
                return self._made.get(timeout=LOOK_SECONDS)
            self._clock.check(since)
