"""Pictures of a document get the words of a model, beside their own."""

from __future__ import annotations

from pathlib import Path

from fakes import document
from web_page import MemoryAssets

from errors import ModelError
from ingest.caption import with_descriptions
from models.caption import Captioner
from records import Document, Element, Picture


class Sizes(Captioner):
    """Describes a picture by how many bytes it has; an empty one breaks it."""

    def describe(self, picture: bytes) -> str:
        if not picture:
            raise ModelError("some:model did not describe a picture.")
        return f"A chart of {len(picture)} bytes."


def described(*pictures: bytes) -> Document:
    assets = MemoryAssets()
    elements = [
        Element(
            kind="image", page=n, caption="Figure", picture=Picture(asset=assets.put(data, ".png"), width=1, height=1)
        )
        for n, data in enumerate(pictures, 1)
    ]
    return with_descriptions(
        document(elements=[Element(kind="text"), *elements]), assets, Sizes("some:model", Path("none"))
    )


def test_pictures_are_described_beside_what_they_say_themselves() -> None:
    text, image = described(b"12345").elements
    assert (text.description, text.author) == ("", "")
    assert (image.description, image.author, image.caption) == ("A chart of 5 bytes.", "some:model", "Figure")


def test_a_picture_that_the_model_fails_on_is_a_loss() -> None:
    found = described(b"", b"1")
    assert [element.description for element in found.elements] == ["", "", "A chart of 1 bytes."]
    (loss,) = found.losses
    assert (loss.what, loss.why) == (
        "description of a figure on page 1",
        "some:model did not describe a picture.",
    )
