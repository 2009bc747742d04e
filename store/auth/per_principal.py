"""What takes a while to make and differs from reader to reader, kept until the catalog changes."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from records import Principal

T = TypeVar("T")
KEPT = 32  # readers


class PerPrincipal(Generic[T]):
    """What ``make`` gives for each reader. Safe to use from several threads."""

    def __init__(self, make: Callable[[Principal], T]) -> None:
        self._make = make
        self._made: dict[tuple[bool, tuple[str, ...]], T] = {}
        self._stamp: tuple[object, ...] = ()
        self._lock = Lock()

    def of(self, principal: Principal, stamp: tuple[object, ...]) -> T:
        """Return it for ``principal``; it is made again when ``stamp``, which changes with the catalog, has changed."""
        key = (principal.everything, principal.labels)
        with self._lock:
            if self._stamp != stamp:
                self._made, self._stamp = {}, stamp
            if key not in self._made:
                if len(self._made) >= KEPT:
                    self._made.pop(next(iter(self._made)))
                self._made[key] = self._make(principal)
            return self._made[key]
