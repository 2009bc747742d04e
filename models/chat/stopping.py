"""Whether the question that a chat model is asked for is still wanted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event

_stop: ContextVar[Event | None] = ContextVar("stop", default=None)


@contextmanager
def stopped_by(event: Event) -> Iterator[None]:
    """Let calls of chat models in this context end, with a ``StoppedError``, once ``event`` is set."""
    token = _stop.set(event)
    try:
        yield
    finally:
        _stop.reset(token)


def stop_event() -> Event | None:
    """Return the event that stops calls in this context; None where nothing does."""
    return _stop.get()
