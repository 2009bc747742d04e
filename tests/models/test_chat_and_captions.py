"""Chat models by name, and what one says of a picture."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from fakes import document
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field

from errors import ModelError
from models.caption import PROMPT, Captioner
from models.chat import load_chat_model
from records import Document, Element, Picture
from store.assets import Assets


class Seeing(FakeListChatModel):
    """Describes each picture by how many bytes it has; an empty one breaks it."""

    responses: list[str] = Field(default_factory=list)
    asked: list[Any] = Field(default_factory=list)

    def _generate(self, messages: Any, *args: Any, **kwargs: Any) -> ChatResult:
        self.asked.append(messages[0].content)
        size = len(base64.b64decode(messages[0].content[1]["base64"]))
        if size == 0:
            raise ConnectionError("refused")
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=f"A chart\nof {size} bytes."))])


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Seeing:
    seeing = Seeing(asked=[])
    monkeypatch.setattr("models.caption.load_chat_model", lambda name: seeing)
    return seeing


def with_pictures(assets: Assets, *pictures: bytes) -> Document:
    elements = [
        Element(
            kind="image", page=n, caption="Figure", picture=Picture(asset=assets.put(data, ".png"), width=1, height=1)
        )
        for n, data in enumerate(pictures, 1)
    ]
    return document(elements=[Element(kind="text"), *elements])


def test_pictures_are_described_beside_what_they_say_themselves(model: Seeing, tmp_path: Path) -> None:
    assets = Assets(tmp_path / "assets")
    described = Captioner("some:model", tmp_path / "cache").describe(with_pictures(assets, b"12345"), assets)
    text, image = described.elements
    assert (text.description, text.author) == ("", "")
    assert (image.description, image.author, image.caption) == ("A chart of 5 bytes.", "some:model", "Figure")
    assert model.asked[0][0] == {"type": "text", "text": PROMPT}


def test_a_picture_is_paid_for_once(model: Seeing, tmp_path: Path) -> None:
    assets = Assets(tmp_path / "assets")
    one = with_pictures(assets, b"12345", b"12345", b"1")
    first = Captioner("some:model", tmp_path / "cache").describe(one, assets)
    again = Captioner("some:model", tmp_path / "cache").describe(one, assets)
    assert first == again
    assert len(model.asked) == 2
    Captioner("other:model", tmp_path / "cache").describe(one, assets)
    assert len(model.asked) == 4


def test_a_picture_that_the_model_fails_on_is_a_loss_and_asked_for_again(model: Seeing, tmp_path: Path) -> None:
    assets = Assets(tmp_path / "assets")
    captioner = Captioner("some:model", tmp_path / "cache")
    described = captioner.describe(with_pictures(assets, b"", b"1"), assets)
    assert [element.description for element in described.elements] == ["", "", "A chart of 1 bytes."]
    (loss,) = described.losses
    assert loss.what == "description of a figure on page 1"
    assert "some:model did not describe a picture (ConnectionError: refused)" in loss.why
    captioner.describe(with_pictures(assets, b""), assets)
    assert len(model.asked) == 3


def test_without_a_vision_model_nothing_is_asked(model: Seeing, tmp_path: Path) -> None:
    assets = Assets(tmp_path / "assets")
    one = with_pictures(assets, b"1")
    assert Captioner("", tmp_path / "cache").describe(one, assets) is one
    assert model.asked == []
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("name", ["nonsense:model", "model without a provider", ""])
def test_a_model_that_cannot_be_loaded_is_named(name: str) -> None:
    with pytest.raises(ModelError, match=f"'{name}'"):
        load_chat_model(name)
