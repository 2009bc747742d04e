"""The box in which questions are asked: written, spoken, and with a picture. What else is dropped into it is added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from app.chat import Conversation
from config import Settings
from errors import FetchError
from ingest.connectors.address import is_url
from ingest.connectors.files import read_file
from ingest.parsers.registry import known_suffixes
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
        placeholder="Ask, or drop files and links here to add them",
        container=False,
        scale=9,
        lines=1,
        max_lines=6,
        autofocus=True,
        submit_btn=True,
        stop_btn=False,
        sources=["upload", "microphone"] if hears else ["upload"],
        file_types=sorted({*PICTURES, *(RECORDINGS if hears else []), *known_suffixes()}),
        file_count="multiple",
    )


@dataclass(frozen=True)
class Additions:
    """What was put into the box to be added; ``text`` is a question that came with it."""

    files: tuple[str | Path, ...] = ()
    links: tuple[str, ...] = ()
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.files or self.links)


def additions(value: str | Mapping[str, Any]) -> Additions:
    """Return what in the box is to be added: documents, with all that came with them; several pictures without a word; and
    links, where there is nothing else. One picture, or a recording, is a question."""
    text, files = _parts(value)
    suffixes = [file.suffix.lower() for file in files]
    documents = any(one in known_suffixes() and one not in (*PICTURES, *RECORDINGS) for one in suffixes)
    pictures = len(files) > 1 and not text and all(one in PICTURES for one in suffixes)
    words = text.split()
    links = tuple(words) if words and all(is_url(word) for word in words) else ()
    if not (documents or pictures or (links and not files)):
        return Additions()
    return Additions(tuple(files), links, "" if links else text)


def asked(value: str | Mapping[str, Any], conversation: Conversation, settings: Settings) -> Turn:
    """Return what was put into the box, as a turn. A recording is heard; the picture of the conversation stays while
    questions speak of it, until another one comes.

    Raises:
        FetchError: a file is none that can be asked about, or there are several pictures.
        ModelError: a recording cannot be heard.
    """
    text, files = _parts(value)
    picture = b""
    if sum(file.suffix.lower() in PICTURES for file in files) > 1:
        raise FetchError("Ask about one picture at a time. Several without a word are added to your documents.")
    for file in files:
        if file.suffix.lower() in PICTURES:
            picture = read_file(file, settings.max_image_bytes)
        elif file.suffix.lower() in RECORDINGS:
            text = f"{text} {transcribe(file, settings.speech_model)}"
        else:
            raise FetchError(f"{file.name} is of a kind that is neither a question nor a document that can be read.")
    text = text.strip()
    return Turn(question=text, picture=picture or carried(text, conversation))


def carried(question: str, conversation: Conversation) -> bytes:
    """Return the picture that ``question`` goes on about: the last one of ``conversation``, b"" where it asks for none."""
    if not question or not (speaks_of_picture(question) or intent_of(question) != "documents"):
        return b""
    return next((one.turn.picture for one in reversed(conversation) if one.turn.picture), b"")


def _parts(value: str | Mapping[str, Any]) -> tuple[str, list[Path]]:
    if isinstance(value, str):
        return value.strip(), []
    return str(value.get("text") or "").strip(), [Path(_path(file)) for file in value.get("files") or ()]


def _path(file: Any) -> str:
    return str(file.get("path", "")) if isinstance(file, Mapping) else str(file)
