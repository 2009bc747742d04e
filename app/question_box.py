"""The box in which questions are asked: written, spoken, and with a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from app.chat import Conversation
from config import Settings
from errors import FetchError
from ingest.connectors.files import read_file
from models.speech import can_hear, transcribe
from records import Turn
from text.english.picture_words import intent_of, speaks_of_picture

PICTURES = [".png", ".jpg", ".jpeg", ".webp"]
RECORDINGS = [".wav", ".mp3", ".webm", ".ogg", ".m4a", ".flac"]


def question_box(settings: Settings) -> Any:
    """Build the box; the microphone is there where the packages that hear are installed."""
    hears = can_hear(settings.speech_model)
    return gr.MultimodalTextbox(
        elem_id="ask",
        label="Question",
        show_label=False,
        placeholder="Ask about your documents",
        container=False,
        scale=9,
        lines=1,
        max_lines=6,
        autofocus=True,
        submit_btn=True,
        stop_btn=False,
        sources=["upload", "microphone"] if hears else ["upload"],
        file_types=[*PICTURES, *(RECORDINGS if hears else [])],
        file_count="single",
    )


def asked(value: str | Mapping[str, Any], conversation: Conversation, settings: Settings) -> Turn:
    """Return what was put into the box, as a turn. A recording is heard; the picture of the conversation stays while
    questions speak of it, until another one comes.

    Raises:
        FetchError: a file is none that can be asked about.
        ModelError: a recording cannot be heard.
    """
    text = value if isinstance(value, str) else str(value.get("text") or "")
    files = [] if isinstance(value, str) else [Path(_path(file)) for file in value.get("files") or ()]
    picture = b""
    for file in files:
        if file.suffix.lower() in PICTURES:
            picture = read_file(file, settings.max_image_bytes)
        elif file.suffix.lower() in RECORDINGS:
            text = f"{text} {transcribe(file, settings.speech_model)}"
        else:
            raise FetchError(f"{file.name} is neither a picture nor a recording. Add documents under Documents.")
    text = text.strip()
    return Turn(question=text, picture=picture or carried(text, conversation))


def carried(question: str, conversation: Conversation) -> bytes:
    """Return the picture that ``question`` goes on about: the last one of ``conversation``, b"" where it asks for none."""
    if not question or not (speaks_of_picture(question) or intent_of(question) != "documents"):
        return b""
    return next((one.turn.picture for one in reversed(conversation) if one.turn.picture), b"")


def _path(file: Any) -> str:
    return str(file.get("path", "")) if isinstance(file, Mapping) else str(file)
