"""Chat models by name, and what one says of a picture."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field

from errors import ModelError
from models.caption import PROMPT, Captioner
from models.chat import load_chat_model


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


def test_a_picture_is_described_and_paid_for_once(model: Seeing, tmp_path: Path) -> None:
    for _ in range(2):
        assert Captioner("some:model", tmp_path / "cache").describe(b"12345") == "A chart of 5 bytes."
    assert [content[0] for content in model.asked] == [{"type": "text", "text": PROMPT}]
    Captioner("some:model", tmp_path / "cache").describe(b"1")
    Captioner("other:model", tmp_path / "cache").describe(b"12345")
    assert len(model.asked) == 3


def test_a_failure_is_not_remembered(model: Seeing, tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ModelError, match=r"some:model did not describe a picture \(ConnectionError: refused\)"):
            Captioner("some:model", tmp_path / "cache").describe(b"")
    assert len(model.asked) == 2


@pytest.mark.parametrize("name", ["nonsense:model", "model without a provider", ""])
def test_a_model_that_cannot_be_loaded_is_named(name: str) -> None:
    with pytest.raises(ModelError, match=f"'{name}'"):
        load_chat_model(name)
