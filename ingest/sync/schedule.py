"""When a sync runs next: after its own time, or, while its place fails, after a wait that doubles up to a day."""

from __future__ import annotations

import re

from errors import SettingsError

FIRST_WAIT = 60.0  # seconds after the first failure
LONGEST_WAIT = 86_400.0  # seconds
SHORTEST = 10.0  # seconds from one run to the next
_UNITS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}


def seconds_of(text: str) -> float:
    """Return the seconds of a time such as ``90s``, ``15m``, ``6h`` or ``1d``.

    Raises:
        SettingsError: it is none, or shorter than ``SHORTEST``.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd])", text.strip().lower())
    seconds = float(found[1]) * _UNITS[found[2]] if found else 0.0
    if seconds < SHORTEST:
        raise SettingsError(f"--every {text!r} is no time. Write 90s, 15m, 6h or 1d; the shortest is {SHORTEST:.0f}s.")
    return seconds


def wait_after(failures: int) -> float:
    """Return the seconds to wait after ``failures`` failed runs in a row: 60, 120, 240, ... 86,400 from the twelfth on."""
    return min(FIRST_WAIT * 2.0 ** min(failures - 1, 30), LONGEST_WAIT)


def next_due(now: float, every: float, failures: int) -> float:
    """Return when to run next, in seconds since 1970, after a run that ended ``now``."""
    return now + (wait_after(failures) if failures else every)
