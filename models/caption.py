"""What a vision model says of a picture."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from errors import ModelError
from models.chat import load_chat_model

PROMPT = (
    "Describe this figure from a document so that it can be found and understood without being seen. Say what kind of "
    "figure it is and what it shows. Name axes, series and units. Give every number that can be read together with what it "
    "means. State only what is visible. Plain sentences, at most 200 words."
)


class Captioner:
    """A describer of pictures: the chat model ``model`` ("provider:name"), and ``cache``, a folder that keeps its answers
    by picture, prompt and model, so that a picture is paid for once."""

    def __init__(self, model: str, cache: Path) -> None:
        self.model = model
        self._cache = cache

    def describe(self, picture: bytes) -> str:
        """Return what the model says of a PNG.

        Raises:
            ModelError: it cannot be loaded, or does not answer.
        """
        key = hashlib.sha256(f"{self.model}\n{PROMPT}\n".encode() + picture).hexdigest()[:40]
        kept = self._cache / f"{key}.txt"
        if kept.is_file():
            return kept.read_text(encoding="utf-8")
        text = self._ask(picture)
        self._cache.mkdir(parents=True, exist_ok=True)
        draft = kept.with_suffix(".draft")
        draft.write_text(text, encoding="utf-8")
        draft.replace(kept)
        return text

    def _ask(self, picture: bytes) -> str:
        from langchain_core.messages import HumanMessage

        content: list[str | dict[str, object]] = [
            {"type": "text", "text": PROMPT},
            {"type": "image", "base64": base64.b64encode(picture).decode(), "mime_type": "image/png"},
        ]
        try:
            answer = load_chat_model(self.model).invoke([HumanMessage(content=content)])
        except ModelError:
            raise
        except Exception as error:
            raise ModelError(f"{self.model} did not describe a picture ({type(error).__name__}: {error}).") from error
        return " ".join(str(answer.text).split())
