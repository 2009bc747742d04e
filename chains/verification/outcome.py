"""What a model wrote is an answer where the check has found a part of it borne out."""

from __future__ import annotations

from dataclasses import replace

from records import Chunk, Turn

UNSUPPORTED = (
    "No sentence of this answer is borne out by the passages it rests on. It is shown as the chat model wrote it, and not "
    "held to be an answer."
)


def held(turn: Turn) -> tuple[Turn, tuple[str, ...]]:
    """Return a checked ``turn`` and what is to be said of it; one that a model answered, and of which no sentence is borne
    out, with nothing called an answer.

    What cites a picture, or what a model said of one, cannot be compared with words, and is left as it is.
    """
    by_model = turn.outcome == "answered" and any(part.text for part in turn.parts)
    seen = any(_is_seen(one.chunk) for one in turn.citations)
    if not by_model or seen or any(one.checked for one in turn.statements):
        return turn, ()
    parts = (replace(one, outcome="passages") if one.outcome == "answered" else one for one in turn.parts)
    return replace(turn, outcome="passages", parts=tuple(parts)), (UNSUPPORTED,)


def _is_seen(chunk: Chunk) -> bool:
    return bool(chunk.author or chunk.picture)
