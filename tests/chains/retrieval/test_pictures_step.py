"""The step ``pictures``: a list of its own, and a second look at the figures among the hits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from asking import retrieve
from fakes import FakeImageEmbedder, chunk, put
from pictures_drawn import encoded
from PIL import Image

from chains.pipeline import resources_of
from chains.retrieval.base import Query
from chains.retrieval.picture_hits import look_again, picture_weight
from errors import SettingsError
from records import Chunk, Hit, Scope
from store.index import Index
from store.spaces import PICTURES, SPACES, space_of_pictures
from text.english.picture_words import intent_of, things_in

MakeIndex = Callable[..., Index]


@pytest.fixture
def index(make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch) -> Index:
    """Three figures without a word in common with any question here."""
    fake = FakeImageEmbedder()
    monkeypatch.setitem(SPACES, PICTURES, lambda settings: space_of_pictures(fake, settings))
    opened = make_index()
    for colour in ("red", "green", "blue"):
        asset = opened.assets.put(encoded(Image.new("RGB", (40, 40), colour)), ".png")
        put(opened, [chunk("Spillway", id=colour, source=f"{colour}.md", kind="image", picture=asset)])
    put(opened, [chunk("A blue ribbon was cut.", id="words", source="words.md")])
    return opened


def found(index: Index, question: str, *steps: str, scope: Scope = Scope()) -> list[str]:  # noqa: B008
    return [hit.chunk.id for hit in retrieve(index, question, scope, replace(index.settings, steps=steps))]


def test_it_finds_by_pixels_what_no_word_says(index: Index) -> None:
    assert found(index, "a picture that is blue", "lexical") == ["words"]
    assert found(index, "a picture that is blue", "pictures")[0] == "blue"
    assert found(index, "a picture that is blue", "lexical", "pictures")[0] == "blue"


def test_words_that_ask_for_no_picture_halve_what_it_counts(index: Index) -> None:
    assert (picture_weight("a picture of it"), picture_weight("blue ribbon")) == (1.0, 0.5)
    (words, blue, *_) = retrieve(
        index, "blue ribbon", Scope(), replace(index.settings, steps=("lexical", "pictures"), rrf_k=20)
    )
    assert [words.chunk.id, blue.chunk.id] == ["words", "blue"]
    assert dict(blue.ranks) == {"pictures": 1}


def test_a_scope_without_pictures_has_none(index: Index) -> None:
    assert found(index, "a blue picture", "pictures", scope=Scope(kinds=("text",))) == []
    assert found(index, "a blue picture", "pictures", scope=Scope(sources=("red.md",))) == ["red"]


def test_the_second_look_moves_figures_among_their_places(index: Index) -> None:
    order = ("red", "words", "green", "blue")
    # of three figures, k = 20: blue 1/23 + 1/21, red 1/21 + 1/23 (red and green are equally far, by id green 1/22 + 1/22)
    assert looked_at(index, "blue all over", order) == ["blue", "words", "red", "green"]
    # of four hits: blue 1/24 + 1/21, red 1/21 + 1/23, green 1/23 + 1/22, and the words 1/22 alone
    assert looked_at(index, "a picture, blue all over", order) == ["red", "blue", "green", "words"]


def looked_at(index: Index, question: str, order: tuple[str, ...]) -> list[str]:
    chunks = {one.id: one for source in ("red", "green", "blue", "words") for one in _chunks(index, f"{source}.md")}
    hits = tuple(Hit(chunk=chunks[id_], score=1.0 / place) for place, id_ in enumerate(order, start=1))
    seen = look_again(Query(question, Scope(), resources_of(index, index.settings)), hits)
    assert [hit.score for hit in seen] == [hit.score for hit in hits]
    return [hit.chunk.id for hit in seen]


def _chunks(index: Index, source: str) -> list[Chunk]:
    return list(index.catalog.chunks_of(source))


def test_without_an_image_embedder_it_does_nothing(make_index: MakeIndex) -> None:
    index = make_index()
    put(index, [chunk("The weir.", id="weir")])
    assert found(index, "a picture of the weir", "pictures") == []
    assert found(index, "a picture of the weir", "lexical", "pictures") == ["weir"]


@pytest.mark.parametrize(
    ("question", "intent", "things"),
    [
        ("Where is the valve?", "find", ("valve",)),
        ("Mark the pump and all the hoses, please.", "find", ("pump", "hoses")),
        ("How many boats are there in this photo?", "find", ("boats",)),
        ("Where is this from?", "documents", ()),
        ("Which page shows this?", "documents", ()),
        ("What is this?", "describe", ()),
        ("Describe it.", "describe", ()),
        ("What does the chart show?", "describe", ()),
        ("When was it built?", "documents", ()),
    ],
)
def test_what_a_question_wants_of_a_picture(question: str, intent: str, things: tuple[str, ...]) -> None:
    assert (intent_of(question), things_in(question)) == (intent, things)


def test_a_tag_leaves_the_figures_that_have_it(index: Index, tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("[colour]\nred\ngreen\nblue\n")
    settings = replace(index.settings, picture_labels=str(tmp_path / "labels.txt"))
    with Index(settings, index.embedder) as labelled:
        assert found(labelled, "spillway", "lexical", scope=Scope(tags=("blue",))) == ["blue"]
        assert set(found(labelled, "spillway", "lexical", scope=Scope(tags=("blue", "red")))) == {"blue", "red"}
        assert found(labelled, "spillway", "lexical", scope=Scope(tags=("blue",), sources=("red.md",))) == []
        with pytest.raises(SettingsError, match=r"'pink' is no tag. Choose from: blue, green, red"):
            found(labelled, "spillway", "lexical", scope=Scope(tags=("pink",)))


def test_a_tag_without_an_image_embedder_says_what_to_set(make_index: MakeIndex) -> None:
    index = make_index()
    put(index, [chunk("The weir.", id="weir")])
    with pytest.raises(SettingsError, match="IMAGE_EMBED_MODEL"):
        found(index, "the weir", "lexical", scope=Scope(tags=("map",)))
