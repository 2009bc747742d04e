"""Suggested questions as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote as quoted

from app.text import escaped, shortened


def suggestions_html(questions: Sequence[str]) -> str:
    """Return ``questions`` as buttons; "" for none."""
    if not questions:
        return ""
    chips = "".join(
        f'<button type="button" class="chip" data-act="pick" data-key="{quoted(one, safe="")}">{escaped(shortened(one, 90))}'
        "</button>"
        for one in questions
    )
    return f'<div class="scope" role="group" aria-label="Questions that may come next">{chips}</div>'
