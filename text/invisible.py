"""Signs that nobody sees, and that keep words from being found."""

from __future__ import annotations

import re

_NEVER = r"[\u00ad\u2060\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069]"
# Zero-width blanks and joiners say something in scripts from Arabic to Khmer, and join the parts of an emoji.
_NEEDED = r"[\u0600-\u109f\u1780-\u17ff\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]"
_INVISIBLE = re.compile(rf"{_NEVER}|(?<!{_NEEDED})[\u200b-\u200d]")


def without_invisible(text: str) -> str:
    """Return ``text`` without soft hyphens, marks of direction and byte order, and zero-width blanks and joiners where no
    script needs them."""
    return _INVISIBLE.sub("", text)
