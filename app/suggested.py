"""Suggested questions as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote as quoted

from app.text import escaped, shortened


def suggestions_html(questions: Sequence[str], kept: str = "") -> str:
    """Return ``questions`` as buttons; ``kept`` is the id of the conversation, which the browser remembers."""
    chips = "".join(
        f'<button type="button" class="chip" data-key="{quoted(one, safe="")}">{escaped(shortened(one, 90))}</button>'
        for one in questions
    )
    group = f'<div class="scope" role="group" aria-label="Questions that may come next">{chips}</div>' if chips else ""
    return f'<div data-chat="{escaped(kept)}">{group}</div>'
