"""Throttling of logins: how long somebody who failed has to wait before the next try."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

FREE = 5  # failures without a wait
LONGEST = {"name": 60.0, "address": 900.0}  # seconds; less for a name, since anybody can fail with it
EXPIRES = 3600.0  # seconds after the last failure
MAX_KEYS = 20_000  # names and addresses


class LoginThrottle:
    """Failures by name and by address. From the sixth on, one waits twice as long after each: 1, 2, 4 ... seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[tuple[str, str], tuple[int, float]] = {}  # how many, and when the last was
        self._lock = Lock()

    def wait(self, name: str, address: str) -> float:
        """Return the seconds until the next try is looked at; 0.0 for at once."""
        with self._lock:
            return max(self._wait(("name", name)), self._wait(("address", address)))

    def _wait(self, key: tuple[str, str]) -> float:
        failed, last = self._failures.get(key, (0, 0.0))
        if failed < FREE:
            return 0.0
        pause = min(2.0 ** min(failed - FREE, 20), LONGEST[key[0]])
        return max(0.0, last + pause - self._clock())

    def failed(self, name: str, address: str) -> None:
        """Record a failure."""
        now = self._clock()
        with self._lock:
            for key in (("name", name), ("address", address)):
                count, last = self._failures.pop(key, (0, now))
                self._failures[key] = (1 if now - last > EXPIRES else count + 1, now)
            while len(self._failures) > MAX_KEYS:  # the longest ago first
                self._failures.pop(next(iter(self._failures)))

    def succeeded(self, name: str) -> None:
        """Clear the failures of a name. Those of the address stay: one account of one's own opens no others."""
        with self._lock:
            self._failures.pop(("name", name), None)
