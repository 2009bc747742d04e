"""What a vision model says of a figure. It stands beside caption and text of the figure, never instead of them."""

from __future__ import annotations

import base64
import hashlib
import logging
from dataclasses import replace
from pathlib import Path

from errors import ModelError
from models.chat import load_chat_model
from records import Document, Element, Loss
from store.assets import Assets

PROMPT = (
    "Describe this figure from a document so that it can be found and understood without being seen. Say what kind of "
    "figure it is and what it shows. Name axes, series and units. Give every number that can be read together with what it "
    "means. State only what is visible. Plain sentences, at most 200 words."
)
logger = logging.getLogger(__name__)


class Captioner:
    """Describes the pictures of documents with ``model`` ("provider:name"); with "" it leaves them as they are.

    Answers are kept in ``cache`` by picture, prompt and model: a picture is paid for once.
    """

    def __init__(self, model: str, cache: Path) -> None:
        self._name = model
        self._cache = cache

    def describe(self, document: Document, assets: Assets) -> Document:
        """``document`` with a description at every picture; a picture the model fails on is a loss."""
        if not self._name:
            return document
        elements: list[Element] = []
        losses = list(document.losses)
        for element in document.elements:
            if element.kind == "image" and element.picture is not None:
                try:
                    said = self._say(assets.read(element.picture.asset))
                    element = replace(element, description=said, author=self._name)
                except ModelError as error:
                    losses.append(Loss(f"description of a figure on page {element.page}", str(error)))
            elements.append(element)
        return replace(document, elements=tuple(elements), losses=tuple(losses))

    def _say(self, picture: bytes) -> str:
        key = hashlib.sha256(f"{self._name}\n{PROMPT}\n".encode() + picture).hexdigest()[:40]
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
            answer = load_chat_model(self._name).invoke([HumanMessage(content=content)])
        except ModelError:
            raise
        except Exception as error:
            raise ModelError(f"{self._name} did not describe a picture ({type(error).__name__}: {error}).") from error
        return " ".join(str(answer.text).split())
