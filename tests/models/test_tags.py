"""Zero-shot tags: probabilities that a reader can work out, and the lists they come from."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from errors import SettingsError
from models.tags import PROMPT, SCALE, Tagger, load_labels

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
    assert tagger.description(PICTURE) == "chart, red, rust"
    assert tagger.description(PICTURE, "Figure 4: Output.") == "Figure 4: Output. chart, red, rust"


def test_where_nothing_stands_out_there_is_no_tag() -> None:
    even = {f"label {n}": 0.0 for n in range(5)}
    tagger = Tagger(lambda texts: [[0.0, 1.0] for _ in texts], {"any": tuple(even)})
    assert tagger.tags(PICTURE) == []  # a fifth each
    assert tagger.description(PICTURE) == ""


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
