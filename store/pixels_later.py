"""Putting off the slow second reading of pixels, so that an answer is shown before it was read again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_put_off: ContextVar[list[str] | None] = ContextVar("put_off", default=None)


@contextmanager
def pixels_later() -> Iterator[list[str]]:
    """Within it no pixels are read by ``Originals``, in this thread; the list names the assets that would have been."""
    wanted: list[str] = []
    token = _put_off.set(wanted)
    try:
        yield wanted
    finally:
        _put_off.reset(token)


def is_put_off(asset: str) -> bool:
    """Tell whether pixels are to be read later, and note that those of ``asset`` were wanted."""
    wanted = _put_off.get()
    if wanted is not None:
        wanted.append(asset)
    return wanted is not None
