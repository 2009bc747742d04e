"""What a vision model says of a picture: a chat model that sees, or a captioner that runs here."""

from __future__ import annotations

import base64
from collections.abc import Callable
from threading import Lock
from typing import Protocol

from config import Settings
from errors import ModelError
from models.chat import load_chat_model
from models.chat.thoughts import without_thoughts
from models.local_vision import LocalVisionModel
from models.prompts import CAPTION, CAPTION_ABOUT, caption_version
from models.said import CannotDescribe, NotDescribed, Said
from models.tag_captions import TagCaptioner
from models.tags import TAGS
from vision.scaled import scaled


class Captioner(Protocol):
    """What describes pictures. Called from several threads at once."""

    name: str  # stands as the author of its words
    prompt: str  # version of what it is asked: when it changes, pictures are described again

    def describe(self, picture: bytes, about: str) -> Said:
        """Return what the model says of an encoded picture.

        Args:
            about: where it stands and what is printed with it; for a model that reads such things.

        Raises:
            CannotDescribe: it cannot be loaded; nothing more is asked of it then.
            ModelError: it does not answer, or says nothing.
        """
        ...


class ChatCaptioner:
    """A chat model that sees, named as CHAT_MODEL is, within the same limits."""

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self.prompt = caption_version()
        self._settings = settings

    def describe(self, picture: bytes, about: str) -> Said:
        """Return what the model says of an encoded picture, which it is shown at the size that the settings allow.

        Raises:
            ModelError: it cannot be loaded, does not answer, or says nothing.
        """
        from langchain_core.messages import HumanMessage

        data, media_type = _scaled(picture, self._settings.vision_side, self.name)
        image = {"type": "image", "base64": base64.b64encode(data).decode(), "mime_type": media_type}
        asked = CAPTION + (f"{CAPTION_ABOUT}{about}" if about else "")
        try:
            model = load_chat_model(self.name, self._settings)
        except ModelError as error:
            raise CannotDescribe(f"VISION_MODEL={self.name} cannot be used. {error}") from error
        answer = model.invoke([HumanMessage(content=[{"type": "text", "text": asked}, image])])
        used = answer.usage_metadata or {"input_tokens": 0, "output_tokens": 0}
        text = " ".join(without_thoughts(str(answer.text)).split())
        if not text:
            raise NotDescribed(f"{self.name} said nothing of a picture. Is it a model that sees pictures?")
        return Said(text=text, tokens_in=used["input_tokens"], tokens_out=used["output_tokens"])


class LocalCaptioner:
    """A model of transformers on this machine: a folder or a name on the hub."""

    def __init__(self, path: str, settings: Settings) -> None:
        self._model = LocalVisionModel(path)
        self._side = settings.vision_side
        self._lock = Lock()
        self._unusable: CannotDescribe | None = None
        self.name = f"hf:{self._model.name}"
        self.prompt = caption_version(self._model.short_question)

    def describe(self, picture: bytes, about: str) -> Said:
        """Return what the model says of an encoded picture; only one that chats is told what it is ``about``.

        Raises:
            CannotDescribe: it cannot be loaded.
            ModelError: it says nothing.
        """
        asked = self._question(CAPTION + (f"{CAPTION_ABOUT}{about}" if about else ""))
        text, tokens_in, tokens_out = self._model.answer(_scaled(picture, self._side, self.name)[0], asked)
        if not text:
            raise NotDescribed(f"{self.name} said nothing of a picture.")
        return Said(text=text, tokens_in=tokens_in, tokens_out=tokens_out)

    def _question(self, long: str) -> str:
        """What the model is to be asked, for which it is loaded; one that cannot be is not tried again."""
        with self._lock:
            if self._unusable is None:
                try:
                    return self._model.question(long)
                except ModelError as error:
                    self._unusable = CannotDescribe(str(error))
            raise self._unusable


def _scaled(picture: bytes, side: int, name: str) -> tuple[bytes, str]:
    try:
        return scaled(picture, side)
    except ValueError as error:
        raise NotDescribed(f"{name} was not shown a picture: {error}.") from error


# By what stands before the first colon of VISION_MODEL; all else is the name of a chat model.
CAPTIONERS: dict[str, Callable[[str, Settings], Captioner]] = {"hf": LocalCaptioner, TAGS: TagCaptioner}


def load_captioner(settings: Settings) -> Captioner:
    """Return what ``settings`` name to describe pictures. A model that runs here is loaded with its first picture.

    Raises:
        ModelError: none is named.
    """
    named = settings.vision_model
    if not named:
        raise ModelError(
            "No vision model is set. Name one that sees pictures, e.g. VISION_MODEL=ollama:qwen2.5vl or "
            "VISION_MODEL=hf:Salesforce/blip-image-captioning-base."
        )
    kind, _, name = named.partition(":")
    if kind in CAPTIONERS and not name.endswith(".gguf"):  # which chat models are, at hf: too
        return CAPTIONERS[kind](name, settings)
    return ChatCaptioner(named, settings)
