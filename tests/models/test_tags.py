"""Zero-shot tags: probabilities that a reader can work out, and the lists they come from."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import FakeImageEmbedder, chunk, put
from pictures_drawn import encoded
from PIL import Image

from config import Settings
from errors import SettingsError
from ingest.describe import Describing
from models.caption import load_captioner
from models.said import NotDescribed
from models.see import load_seer
from models.tag_captions import TagCaptioner
from models.tags import PROMPT, SCALE, Tagger, load_labels
from records import OPERATOR, Scope
from store.index import Index

# Vectors of unit length in a plane; the picture lies at 0 degrees.
ANGLES = {"chart": 0.0, "map": 60.0, "photo": 90.0, "red": 10.0, "rust": 10.0, "blue": 180.0}
PICTURE = [1.0, 0.0]


def embed(texts: list[str]) -> list[list[float]]:
    by_prompt = {PROMPT.format(label): math.radians(angle) for label, angle in ANGLES.items()}
    return [[math.cos(by_prompt[text]), math.sin(by_prompt[text])] for text in texts]


def test_the_best_of_each_list_with_its_share() -> None:
    tagger = Tagger(embed, {"kind": ("chart", "map", "photo"), "colour": ("red", "rust", "blue")})
    tags = tagger.tags(PICTURE)
    # cosines 1, .5, 0 times 100: of e^100 against e^50 and e^0 next to all goes to the first; red and rust share evenly
    assert [(tag.label, tag.of, round(tag.probability, 6)) for tag in tags] == [
        ("chart", "kind", 1.0),
        ("red", "colour", 0.5),
        ("rust", "colour", 0.5),
    ]
    assert SCALE == 100
    assert tagger.description(PICTURE) == "chart, red"


def test_where_nothing_stands_out_there_is_no_tag() -> None:
    even = {f"label {n}": 0.0 for n in range(5)}
    tagger = Tagger(lambda texts: [[0.0, 1.0] for _ in texts], {"any": tuple(even)})
    assert tagger.tags(PICTURE) == []  # a fifth each
    assert tagger.description(PICTURE) == "label 0"  # a description takes the best there is


def test_our_own_lists_can_be_read_and_have_no_label_twice() -> None:
    lists = load_labels()
    labels = [label for own in lists.values() for label in own]
    assert set(lists) == {"kind", "subject", "look"}
    assert len(labels) == len(set(labels)) > 100


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "labels.txt"
    file.write_text("# mine\n[part]\nvalve\npump\nvalve\n\n[state]\nnew\nworn\n")
    assert load_labels(str(file)) == {"part": ("valve", "pump"), "state": ("new", "worn")}
    file.write_text("# nothing\n")
    with pytest.raises(SettingsError, match="no list of labels"):
        load_labels(str(file))
    with pytest.raises(SettingsError, match="PICTURE_LABELS="):
        load_labels(str(tmp_path / "none.txt"))


def test_labels_describe_figures_in_the_index(make_index: Callable[..., Index], tmp_path: Path) -> None:
    """By the layer of descriptions, as any model that writes: VISION_MODEL=tags:clip-ViT-B-32."""
    (tmp_path / "labels.txt").write_text("[colour]\nred\ngreen\nblue\n[sky]\nred sky\nblue sky\n")
    settings = Settings(vision_model="tags:x", picture_labels=str(tmp_path / "labels.txt"))
    fake = FakeImageEmbedder("same")
    captioner = TagCaptioner("x", settings, fake)
    said = captioner.describe(encoded(Image.new("RGB", (20, 20), "blue")), "about")
    assert (said.text, captioner.name) == ("blue, blue sky", "tags:fake colours")
    with pytest.raises(NotDescribed, match="not a readable picture"):
        captioner.describe(b"junk", "")
    (tmp_path / "labels.txt").write_text("[colour]\nred\nblue\n")
    assert TagCaptioner("x", settings, fake).prompt != captioner.prompt  # other labels describe anew

    index = make_index()
    asset = index.assets.put(encoded(Image.new("RGB", (20, 20), "red")), ".png")
    put(index, [chunk("Spillway", source="weir.md", kind="image", picture=asset)])
    describing = Describing(index, captioner)
    describing.describe("weir.md")
    describing.close()
    (found, _) = index.lexical.search("red sky", 5, Scope(principal=OPERATOR))[0]
    assert (found.text, found.author, found.picture) == ("red, red sky", "tags:fake colours", asset)
    assert isinstance(load_captioner(settings), TagCaptioner)
    assert load_seer(settings) is None
