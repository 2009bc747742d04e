"""The user behind an event of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gradio as gr

from app.text import escaped
from errors import AccessError
from records import Principal

if TYPE_CHECKING:
    from app.assistant import Assistant


def current_user(assistant: Assistant, request: gr.Request | None) -> Principal:
    """Return who sent ``request``; somebody else than who opened the page is told to load it again."""
    try:
        return assistant.principal(request)
    except AccessError as error:
        raise gr.Error(escaped(str(error)), print_exception=False) from error
