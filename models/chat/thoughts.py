"""What a reasoning model writes down before its answer, in tags of its own."""

from __future__ import annotations

import re

_OPEN = r"<(?:think|thinking|reasoning|thought)>"
_CLOSE = r"</(?:think|thinking|reasoning|thought)>"
_THOUGHT = re.compile(rf"{_OPEN}(.*?)(?:{_CLOSE}|\Z)", re.DOTALL | re.IGNORECASE)
_ONLY_CLOSED = re.compile(rf"\A(.*?){_CLOSE}", re.DOTALL | re.IGNORECASE)  # the template of some models opens it
_TAGS = ("<think>", "<thinking>", "<reasoning>", "<thought>")


def split(raw: str) -> tuple[str, str]:
    """Return the answer and the reasoning of ``raw``, which stands in ``<think>`` tags, the last one perhaps still open."""
    thoughts = [match[1].strip() for match in _THOUGHT.finditer(raw)]
    rest = _THOUGHT.sub("", raw)
    if closed := _ONLY_CLOSED.match(rest):
        thoughts.insert(0, closed[1].strip())
        rest = rest[closed.end() :]
    return rest.lstrip(), "\n\n".join(filter(None, thoughts))


def without_thoughts(raw: str) -> str:
    """Return the answer of ``raw`` alone."""
    return split(raw)[0]


def without_tag_begun(text: str) -> str:
    """Return ``text`` without the beginning of a tag at its end, of which more is to come."""
    at = text.rfind("<")
    return text[:at] if at >= 0 and any(tag.startswith(text[at:].lower()) for tag in _TAGS) else text
