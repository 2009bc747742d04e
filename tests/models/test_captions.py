"""What a vision model is asked of a picture, and what becomes of its answer."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import settings_at
from langchain_core.language_models import FakeListChatModel
from PIL import Image
from seeing import Seeing, square
from stand_in_server import KEY, StandIn

from config import Settings
from errors import ModelError
from models.caption import ChatCaptioner, LocalCaptioner, load_captioner
from models.prompts import CAPTION, CAPTION_ABOUT
from models.said import NotDescribed, Said
from vision.scaled import scaled

SETTINGS = Settings()


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Seeing:
    seeing = Seeing()
    monkeypatch.setattr("models.caption.load_chat_model", lambda name, settings: seeing)
    return seeing


def test_a_picture_is_described_and_its_tokens_are_counted(model: Seeing) -> None:
    found = ChatCaptioner("some:model", SETTINGS).describe(square("#ff0000"), "report, page 2")
    assert found == Said(text="A #ff0000 square.", tokens_in=100, tokens_out=10)
    ChatCaptioner("some:model", SETTINGS).describe(square("#ff0000"), "")
    assert model.prompts == [f"{CAPTION}{CAPTION_ABOUT}report, page 2", CAPTION]


def test_a_picture_is_sent_with_its_longer_side_at_the_cap(model: Seeing) -> None:
    captioner = ChatCaptioner("some:model", replace(SETTINGS, vision_side=100))
    for size in ((400, 200), (50, 1000), (100, 30)):
        captioner.describe(square("#ff0000", size), "")
    assert [size for _, *size in model.seen] == [[100, 50], [5, 100], [100, 30]]


def test_what_is_no_picture_is_a_fault_of_the_picture(model: Seeing) -> None:
    with pytest.raises(NotDescribed, match="some:model was not shown a picture: not a readable picture"):
        ChatCaptioner("some:model", SETTINGS).describe(b"GIF89a", "")
    assert model.seen == []


def test_what_a_model_thinks_to_itself_is_no_description(monkeypatch: pytest.MonkeyPatch) -> None:
    thinking = FakeListChatModel(responses=["<think>A bar? Two.</think>Two bars.", "<think>A bar? Two. Or"])
    monkeypatch.setattr("models.caption.load_chat_model", lambda name, settings: thinking)
    assert ChatCaptioner("some:model", SETTINGS).describe(square("#ff0000"), "").text == "Two bars."
    with pytest.raises(NotDescribed, match="said nothing"):
        ChatCaptioner("some:model", SETTINGS).describe(square("#ff0000"), "")


def test_silence_is_a_failure() -> None:
    with pytest.raises(NotDescribed, match="said nothing"):
        LocalCaptionerSaying("").describe(square("#ff0000"), "")


class LocalCaptionerSaying(LocalCaptioner):
    """A local captioner whose model says ``text``."""

    def __init__(self, text: str) -> None:
        super().__init__("tiny", SETTINGS)
        self._model.question = lambda long: ""  # type: ignore[method-assign]
        self._model.answer = lambda picture, question: (text, 0, 1)  # type: ignore[method-assign]


def test_a_photo_stays_jpeg_and_an_odd_format_becomes_png() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (300, 200), "#808080").save(buffer, "JPEG")
    assert scaled(buffer.getvalue(), 300) == (buffer.getvalue(), "image/jpeg")
    small, media_type = scaled(buffer.getvalue(), 30)
    assert (media_type, Image.open(io.BytesIO(small)).size) == ("image/jpeg", (30, 20))
    buffer = io.BytesIO()
    Image.new("P", (20, 10)).save(buffer, "GIF")
    small, media_type = scaled(buffer.getvalue(), 1024)
    assert (media_type, Image.open(io.BytesIO(small)).format) == ("image/png", "PNG")


@pytest.mark.parametrize(
    ("name", "kind", "author"),
    [
        ("ollama:qwen2.5vl", ChatCaptioner, "ollama:qwen2.5vl"),
        ("hf:org/blip", LocalCaptioner, "hf:org/blip"),
        ("hf:org/repo/model.gguf", ChatCaptioner, "hf:org/repo/model.gguf"),
    ],
)
def test_the_setting_names_what_describes(tmp_path: Path, name: str, kind: type, author: str) -> None:
    found = load_captioner(settings_at(tmp_path, vision_model=name))
    assert (type(found), found.name) == (kind, author)


def test_a_folder_is_named_without_its_path(tmp_path: Path) -> None:
    assert load_captioner(settings_at(tmp_path, vision_model=f"hf:{tmp_path}")).name == f"hf:{tmp_path.name}"


# --- a server that speaks OpenAI's protocol ----------------------------------------------------------------------------


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    pytest.importorskip("langchain_openai", reason="requirements-dev.txt installs langchain-openai")
    monkeypatch.setenv("CHAT_API_KEY", KEY)
    with StandIn() as started:
        yield started


def test_a_server_is_sent_the_scaled_picture_and_its_tokens_are_counted(server: StandIn) -> None:
    settings = replace(SETTINGS, chat_base_url=server.url, vision_side=64)
    said = ChatCaptioner("openai:fine", settings).describe(square("#ff0000", (128, 32)), "report, page 2")
    assert said == Said(text="The weir was built in 1931.", tokens_in=11, tokens_out=6)
    text, image = server.asked[0]["messages"][-1]["content"]
    assert text["text"].endswith("report, page 2")
    kind, _, data = image["image_url"]["url"].partition(",")
    assert kind == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as sent:
        assert sent.size == (64, 16)


def test_a_busy_server_is_asked_again_and_a_key_it_echoes_is_hidden(server: StandIn) -> None:
    settings = replace(SETTINGS, chat_base_url=server.url, chat_retries=1)
    assert ChatCaptioner("openai:is busy once", settings).describe(square("#ff0000"), "").text
    with pytest.raises(ModelError, match="did not answer") as caught:
        ChatCaptioner("openai:echoes the key", settings).describe(square("#ff0000"), "")
    assert KEY not in str(caught.value)
