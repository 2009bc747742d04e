"""A chat model that sees: it names the colour of a picture. And documents with pictures, without a parser."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from langchain_core.language_models.fake_chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from PIL import Image
from pydantic import Field

from errors import ModelError
from ingest.workers import Loaded, Workers
from records import Document, Element, Line, Picture
from store.assets import Assets


class Seeing(BaseChatModel):
    """Says "A COLOUR square." of a picture by its top left pixel, for 100 tokens in and 10 out.

    Colours in ``failing`` break it as often as they are to; ``during`` is called with each colour before the answer.
    """

    failing: dict[str, int] = Field(default_factory=dict)
    prompts: list[str] = Field(default_factory=list)
    seen: list[tuple[str, int, int]] = Field(default_factory=list)  # colour, width, height of each picture shown
    during: Any = None

    @property
    def _llm_type(self) -> str:
        return "seeing"

    @property
    def colours(self) -> list[str]:
        """The colours it was asked about."""
        return [colour for colour, *_ in self.seen]

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        text, image = messages[-1].content
        assert isinstance(text, dict)
        assert isinstance(image, dict)
        self.prompts.append(text["text"])
        with Image.open(io.BytesIO(base64.b64decode(image["base64"]))) as opened:
            colour = "#{:02x}{:02x}{:02x}".format(*opened.convert("RGB").tobytes()[:3])
            self.seen.append((colour, *opened.size))
        if self.during:
            self.during(colour)
        if self.failing.get(colour, 0):
            self.failing[colour] -= 1
            raise ModelError("The chat model some:model did not answer (refused).")
        used = {"input_tokens": 100, "output_tokens": 10, "total_tokens": 110}
        message = AIMessage(content=f"A {colour}\nsquare.", usage_metadata=used)
        return ChatResult(generations=[ChatGeneration(message=message)])


def square(colour: str, size: tuple[int, int] = (8, 8)) -> bytes:
    """A PNG of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


class Lines(Workers):
    """Reads files whose lines are text, or pictures written as ``#ff0000 CAPTION``; counts what it reads."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.read_sources: list[str] = []

    def load_all(self, known_hashes: Mapping[str, str]) -> dict[str, Loaded]:
        return {source: self.load(source, known_hash) for source, known_hash in known_hashes.items()}

    def load(self, source: str, known_hash: str) -> Loaded:
        data = Path(source).read_bytes()
        content_hash = hashlib.sha256(data).hexdigest()
        if content_hash == known_hash:
            return Loaded(content_hash=content_hash)
        self.read_sources.append(source)
        assets = Assets(self._settings.data_dir / "assets")
        elements = tuple(_element(line, n, assets) for n, line in enumerate(data.decode().splitlines(), 1))
        title = Path(source).stem
        document = Document(
            source=source, kind="text", title=title, pages=len(elements), elements=elements, original=assets.put(data)
        )
        return Loaded(content_hash=content_hash, kind="text", document=document)


def _element(line: str, page: int, assets: Assets) -> Element:
    if not line.startswith("#"):
        return Element(kind="text", lines=(Line(line),), page=page)
    colour, _, caption = line.partition(" ")
    picture = Picture(asset=assets.put(square(colour), ".png"), width=8, height=8)
    return Element(kind="image", caption=caption, picture=picture, page=page, section=("Colours",))
