"""What a step has to tell the reader of the answer: that a model could not be asked, or not about all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_collected: ContextVar[list[str] | None] = ContextVar("notices", default=None)


def note(text: str) -> None:
    """Add a notice to those of the question that is being worked on; nothing happens where nobody collects them."""
    notices = _collected.get()
    if notices is not None and text not in notices:
        notices.append(text)


@contextmanager
def collecting() -> Iterator[list[str]]:
    """Collect the notices of what is done meanwhile, each once."""
    notices: list[str] = []
    before = _collected.set(notices)
    try:
        yield notices
    finally:
        _collected.reset(before)
