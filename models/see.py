"""A question about a picture, answered by a model that sees: a chat model, or one that runs here."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from PIL.Image import Image

from config import Settings
from errors import ModelError
from models.chat import load_chat_model
from models.local_vision import LocalVisionModel
from models.prompts import LOOK, WHAT_IS_SHOWN
from models.tags import TAGS

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

REMEMBERED = 6  # earlier messages of the conversation that the model is told


class Seer(Protocol):
    """What answers questions about a picture."""

    @property
    def name(self) -> str:
        """Return the model's name, for people."""
        ...

    def ask(self, question: str, picture: Image, history: Sequence[BaseMessage] = ()) -> str:
        """Return what the model says; "" as the question asks for a description.

        Args:
            history: what was said before, oldest first; a model without a memory may pass it over.

        Raises:
            ModelError: it cannot be loaded, or does not answer.
        """
        ...


class ChatSeer:
    """A chat model that sees, named as CHAT_MODEL is, within the same limits."""

    def __init__(self, name: str, settings: Settings, instructions: str = LOOK) -> None:
        self.name = name
        self._settings = settings
        self._instructions = instructions

    def ask(self, question: str, picture: Image, history: Sequence[BaseMessage] = ()) -> str:
        """Return what the model says; see ``Seer``."""
        from langchain_core.messages import HumanMessage, SystemMessage

        model = load_chat_model(self.name, self._settings)
        data = base64.b64encode(_file(picture, self._settings)).decode()
        content: list[str | dict[str, object]] = [
            {"type": "text", "text": question or WHAT_IS_SHOWN},
            {"type": "image", "base64": data, "mime_type": "image/png"},
        ]
        earlier = list(history)[-REMEMBERED:]
        text = str(
            model.invoke([SystemMessage(self._instructions), *earlier, HumanMessage(content=content)]).text
        ).strip()
        if not text:
            raise ModelError(f"{self.name} said nothing of the picture. Is it a model that sees pictures?")
        return text


class LocalSeer:
    """A model of transformers that runs here: a folder or a name on the hub. A captioner says the same whatever it is asked,
    and none remembers what was said before."""

    def __init__(self, path: str, settings: Settings) -> None:
        self._model = LocalVisionModel(path)
        self._settings = settings
        self.name = f"hf:{self._model.name}"

    def ask(self, question: str, picture: Image, history: Sequence[BaseMessage] = ()) -> str:
        """Return what the model says; see ``Seer``."""
        captions = self._model.loaded.kind == "caption"
        text, *_ = self._model.answer(_file(picture, self._settings), "" if captions else question or WHAT_IS_SHOWN)
        if not text:
            raise ModelError(f"{self.name} said nothing of the picture.")
        return text


def _file(picture: Image, settings: Settings) -> bytes:
    """The picture as PNG, as large as the settings allow."""
    small = picture.copy()
    small.thumbnail((settings.vision_side, settings.vision_side))
    buffer = io.BytesIO()
    small.save(buffer, "PNG")
    return buffer.getvalue()


# By what stands before the first colon of VISION_MODEL; all else is the name of a chat model.
SEERS: dict[str, Callable[[str, Settings], Seer]] = {"hf": LocalSeer}


def load_seer(settings: Settings, instructions: str = LOOK) -> Seer | None:
    """Return what answers questions about pictures by the settings; None where VISION_MODEL is not set, or names what
    answers none.

    Args:
        settings: name the model.
        instructions: what a chat model is told before the question.
    """
    named = settings.vision_model
    kind, _, name = named.partition(":")
    if not named or kind == TAGS:
        return None
    if kind in SEERS and not name.endswith(".gguf"):  # which chat models are, at hf: too
        return SEERS[kind](name, settings)
    return ChatSeer(named, settings, instructions)
