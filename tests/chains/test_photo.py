"""A picture with a question about the picture itself: fakes look at it, so that what becomes of what they say is seen."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from chat_models import Scripted
from fakes import FakeImageEmbedder, chunk, document, put
from langchain_core.messages import AIMessage, HumanMessage
from pictures_drawn import drawn, encoded
from PIL import Image

from chains.photo import ABSENT, UNCHECKED, Eyes, PhotoIntent, look, wanted
from chains.pipeline import build
from config import Settings
from errors import ModelError
from models.see import ChatSeer, LocalSeer, load_seer
from records import BBox, FoundObject, Hit, Turn
from store.index import Index
from store.spaces import PICTURES, SPACES, space_of_pictures

MakeIndex = Callable[..., Index]
PICTURE = encoded(drawn(1))  # 640 x 480
RED = encoded(Image.new("RGB", (64, 48), "red"))


class FakeDetector:
    """Finds a box of half the picture for each thing it knows."""

    name = "fake detector"

    def __init__(self, *known: str) -> None:
        self._known = known

    def find(self, picture: Image.Image, things: Sequence[str]) -> list[FoundObject]:
        box = (0.0, 0.0, picture.width / 2, picture.height / 2)
        return [FoundObject(label=thing, score=0.9, bbox=box) for thing in things if thing in self._known]


class FakeSegmenter:
    def masks(self, picture: Image.Image, boxes: Sequence[BBox]) -> list[Any]:
        return [np.ones((picture.height, picture.width), dtype=bool) for _ in boxes]


class Broken:
    """A model that cannot be reached."""

    name = "broken"

    def _fail(self, *_: object, **__: object) -> Any:
        raise ModelError("broken cannot be loaded.")

    find = masks = ask = _fail


class FakeSeer:
    name = "fake seer"

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[int, int], int]] = []

    def ask(self, question: str, picture: Image.Image, history: Sequence[object] = ()) -> str:
        self.asked.append((question, picture.size, len(history)))
        return "A weir in spring."


@pytest.fixture
def index(make_index: MakeIndex) -> Index:
    opened = make_index()
    put(opened, [chunk("The weir was built in 1931.", source="weir.md")])
    return opened


def asked(question: str, index: Index, picture: bytes = PICTURE, hits: tuple[Hit, ...] = (), **eyes: Any) -> Turn:
    return look(Turn(question=question, picture=picture, picture_hits=hits), Eyes(**eyes), index.documents)


def test_things_are_found_boxed_and_counted(index: Index) -> None:
    turn = asked("Where are the valve and the pump?", index, detector=FakeDetector("valve"), segmenter=FakeSegmenter())
    assert turn.answer == "In the picture: valve: 1 found; pump: none found."
    assert turn.objects == (FoundObject(label="valve", score=0.9, bbox=(0.0, 0.0, 320.0, 240.0)),)
    assert Image.open(io.BytesIO(turn.drawn)).size == (640, 480)
    assert (turn.outcome, turn.model) == ("answered", "fake detector")


def test_boxes_are_in_pixels_of_the_file_however_large(index: Index) -> None:
    large = encoded(Image.new("RGB", (3200, 800), "white"))
    turn = asked("Where is the valve?", index, large, detector=FakeDetector("valve"))
    assert turn.objects[0].bbox == (0.0, 0.0, 1600.0, 400.0)
    assert Image.open(io.BytesIO(turn.drawn)).size == (1600, 400)  # what is shown need not be larger


def test_nothing_found_is_said_and_nothing_is_drawn(index: Index) -> None:
    turn = asked("Where is the valve?", index, detector=FakeDetector())
    assert turn.answer == "In the picture: valve: none found."
    assert (turn.abstained, turn.drawn, turn.objects) == (True, b"", ())


def test_a_description_is_said_to_be_unchecked_and_hears_the_conversation(index: Index) -> None:
    seer = FakeSeer()
    history = (HumanMessage("What is this?"), AIMessage("A weir."))
    turn = look(Turn(question="What is this?", picture=PICTURE, history=history), Eyes(seer=seer), index.documents)
    assert turn.answer == f"{UNCHECKED}\n\n{ABSENT}\n\nA weir in spring."
    assert not any(statement.checked for statement in turn.statements)
    assert seer.asked == [("What is this?", (640, 480), 2)]


def test_where_the_documents_have_it_they_are_asked(index: Index) -> None:
    place = Hit(chunk=chunk("Spillway", source="weir.md", kind="image", title="Weir"), score=1.0)
    seer = FakeSeer()
    turn = asked("When was it built?", index, hits=(place,), seer=seer)
    assert (turn.answer, turn.scope.sources, seer.asked) == ("", ("weir.md",), [])
    described = asked("What is this?", index, hits=(place,), seer=seer)
    assert described.answer == f"This picture stands in Weir. [1]\n\n{UNCHECKED}\n\nA weir in spring."
    # where no document has it, the model that sees is asked instead
    assert asked("When was it built?", index, seer=seer).answer.endswith("A weir in spring.")


@pytest.mark.parametrize("question", ["Where is the valve?", "What is this?"])
def test_a_model_that_fails_is_said(index: Index, question: str) -> None:
    turn = asked(question, index, detector=Broken(), seer=Broken())
    assert turn.abstained
    assert "broken cannot be loaded." in turn.answer
    assert ABSENT in turn.answer
    boxes = asked("Where is the valve?", index, detector=FakeDetector("valve"), segmenter=Broken())
    assert boxes.drawn
    assert boxes.answer.startswith("broken cannot be loaded.")


def test_without_any_model_it_is_as_it_was(index: Index) -> None:
    turn = asked("Where is the valve?", index)
    assert (turn.answer, turn.abstained) == (f"{ABSENT} Ask without it to search them all.", True)


def test_what_is_wanted_is_told_by_the_chat_model_else_by_rule(index: Index) -> None:
    said = PhotoIntent(intent="find", things=["gauge"])
    assert wanted("Is the gauge there?", Eyes(model=Scripted(answers={"gauge": said}))) == ("find", ("gauge",))
    assert wanted("Where is the gauge?", Eyes(model=Scripted(answers={"gauge": RuntimeError("down")}))) == (
        "find",
        ("gauge",),
    )
    assert wanted("Is the gauge there?", Eyes()) == ("documents", ())


@pytest.fixture
def coloured(make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch) -> Index:
    """Two figures of one colour each, and an embedder that sees colours."""
    fake = FakeImageEmbedder()
    monkeypatch.setitem(SPACES, PICTURES, lambda settings: space_of_pictures(fake, settings))
    opened = make_index()
    for page, colour in enumerate(("red", "blue"), start=1):
        asset = opened.assets.put(encoded(Image.new("RGB", (40, 40), colour)), ".png")
        figure = chunk("", id=colour, source=f"{colour}.pdf", kind="image", title=colour, page=page, picture=asset)
        put(opened, [figure], replace(document(f"{colour}.pdf"), kind="pdf"))
    return opened


def test_a_stranger_is_compared_with_the_figures(coloured: Index) -> None:
    stranger = encoded(Image.new("RGB", (300, 200), (200, 20, 20)))
    turn = build(coloured, coloured.settings).invoke(Turn(question="", picture=stranger))
    assert turn.answer == (
        f"{ABSENT}\n\nA figure that looks like it stands on page 1 of red. [1]\n\n"
        "A figure that looks like it stands on page 2 of blue. [2]"
    )
    assert turn.outcome == "passages"
    assert turn.nearest == {1, 2}
    assert not any(citation.checked for citation in turn.citations)


def test_labels_describe_where_no_model_sees(coloured: Index, tmp_path: Any) -> None:
    (tmp_path / "labels.txt").write_text("[colour]\nred\ngreen\nblue\n[other]\nred sky\nblue sky\n")
    settings = replace(coloured.settings, picture_labels=str(tmp_path / "labels.txt"))
    with Index(settings, coloured.embedder) as index:
        turn = build(index, settings).invoke(Turn(question="What is this?", picture=RED))
    assert "red, red sky." in turn.answer
    assert UNCHECKED in turn.answer


def test_the_chat_model_is_shown_the_picture_and_what_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    said: dict[str, Any] = {}

    class Sees(Scripted):
        def _answer(self, messages: list[Any]) -> str:
            said["types"] = [message.type for message in messages]
            text, image = messages[-1].content
            said["size"] = Image.open(io.BytesIO(base64.b64decode(image["base64"]))).size
            said["asked"] = text["text"]
            return " A weir. "

    monkeypatch.setattr("models.see.load_chat_model", lambda name, settings: Sees(answers={}))
    history = [HumanMessage("What is this?"), AIMessage("A weir.")]
    seer = ChatSeer("fake:sees", Settings(vision_side=40))
    assert seer.ask("How old?", Image.new("RGB", (80, 20)), history) == "A weir."
    assert said == {"types": ["system", "human", "ai", "human"], "size": (40, 10), "asked": "How old?"}
    monkeypatch.setattr("models.see.load_chat_model", lambda name, settings: Scripted(answers={"picture": " "}))
    with pytest.raises(ModelError, match="said nothing of the picture"):
        seer.ask("", Image.new("RGB", (8, 8)))


def test_what_sees_is_chosen_by_the_name_of_the_vision_model() -> None:
    assert load_seer(Settings()) is None
    assert isinstance(load_seer(Settings(vision_model="ollama:qwen2.5vl")), ChatSeer)
    assert isinstance(load_seer(Settings(vision_model="hf:Salesforce/blip-vqa-base")), LocalSeer)
    assert isinstance(load_seer(Settings(vision_model="hf:OWNER/REPO/FILE.gguf")), ChatSeer)
