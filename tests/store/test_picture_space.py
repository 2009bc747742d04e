"""The space of pictures: filled at ingestion and afterwards, searched by words and by pictures, and as private as its
sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes import FakeImageEmbedder, chunk, document, put, vector_ids
from pictures_drawn import encoded
from PIL import Image

from errors import StoreError
from records import OPERATOR, Access, Principal, Scope
from store.index import Index
from store.maintenance.doctor import check, repair
from store.spaces import PICTURES, SPACES, TEXT, space_of_pictures

MakeIndex = Callable[..., Index]
EVERYTHING = Scope(principal=OPERATOR)
COLOURS = {"red": (230, 0, 0), "blue": (0, 0, 230), "violet": (160, 0, 160)}


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> FakeImageEmbedder:
    """An image embedder that every index has from here on."""
    fake = FakeImageEmbedder()
    monkeypatch.setitem(SPACES, PICTURES, lambda settings: space_of_pictures(fake, settings))
    return fake


def with_figures(index: Index, *colours: str) -> Index:
    for colour in colours:
        asset = index.assets.put(encoded(Image.new("RGB", (60, 40), COLOURS[colour])), ".png")
        source = f"{colour}.pdf"
        figure = chunk("A figure.", id=colour, source=source, kind="image", picture=asset)
        put(
            index,
            [figure, chunk(f"Words of {colour}.", source=source, ordinal=1)],
            replace(document(source), kind="pdf"),
        )
    return index


def found(index: Index, question: str, scope: Scope = EVERYTHING) -> list[str]:
    assert index.pictures is not None
    return [one.id for one, _ in index.pictures.search(question, 5, scope)]


def test_without_an_image_embedder_there_is_no_such_space(make_index: MakeIndex) -> None:
    index = with_figures(make_index(), "red")
    assert index.pictures is None
    assert list(index.spaces) == [TEXT]


def test_words_find_what_pictures_show(make_index: MakeIndex, model: FakeImageEmbedder) -> None:
    index = with_figures(make_index(), "red", "blue", "violet")
    assert vector_ids(index, PICTURES) == {"red", "blue", "violet"}  # figures alone
    assert found(index, "something red") == ["red", "violet", "blue"]
    assert found(index, "blue")[0] == "blue"
    assert model.pictures == 3
    assert check(index).faults == ()


def test_a_picture_finds_those_that_look_like_it(make_index: MakeIndex, model: FakeImageEmbedder) -> None:
    index = with_figures(make_index(), "red", "blue")
    assert index.pictures is not None
    ranking = index.pictures.similar(encoded(Image.new("RGB", (30, 30), (250, 10, 10))), 1, EVERYTHING)
    assert [one.id for one, _ in ranking] == ["red"]
    assert ranking[0][1] > 0.99


def test_what_may_not_be_read_is_not_found(make_index: MakeIndex, model: FakeImageEmbedder) -> None:
    index = with_figures(make_index(), "red", "blue")
    index.catalog.set_access("red.pdf", Access(readers=("board",)))
    guest, member = Scope(), Scope(principal=Principal(name="mia", groups=frozenset({"board"})))
    assert found(index, "red", guest) == ["blue"]
    assert found(index, "red", member)[0] == "red"
    assert index.pictures is not None
    assert [one.id for one, _ in index.pictures.similar(encoded(Image.new("RGB", (9, 9), "red")), 5, guest)] == ["blue"]


def test_a_removal_takes_the_vectors_with_it(make_index: MakeIndex, model: FakeImageEmbedder) -> None:
    index = with_figures(make_index(), "red", "blue")
    index.remove("red.pdf")
    assert vector_ids(index, PICTURES) == {"blue"}
    assert found(index, "red") == ["blue"]
    assert check(index).faults == ()


def test_what_was_there_before_is_embedded_without_parsing(
    make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_figures(make_index(), "red", "blue")
    first = FakeImageEmbedder()
    monkeypatch.setitem(SPACES, PICTURES, lambda settings: space_of_pictures(first, settings))
    index = make_index()
    assert found(index, "red") == []
    told: list[tuple[int, int]] = []
    assert index.fill(PICTURES, lambda done, total: told.append((done, total))) == 2
    assert told == [(1, 2), (2, 2)]
    assert found(index, "red") == ["red", "blue"]
    assert index.fill(PICTURES) == 0
    assert check(index).faults == ()
    # another model: its vectors take the place of the first one's
    second = FakeImageEmbedder()
    monkeypatch.setitem(SPACES, PICTURES, lambda settings: space_of_pictures(second, settings))
    other = make_index()
    with pytest.raises(StoreError, match="--embed-pictures"):
        found(other, "red")
    assert other.fill(PICTURES) == 2
    assert found(other, "blue") == ["blue", "red"]
    assert check(other).faults == ()
    assert other.parts.vectors.spaces() == set(other.parts.present_keys().values())


class PowerCut(Exception):
    """Stands for whatever ends a process."""


@pytest.mark.parametrize("step", ["upsert", "set_keys", "finish"])
def test_a_fill_that_is_killed_goes_on_where_it_was(
    step: str, make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_figures(make_index(), "red", "blue")
    fake = FakeImageEmbedder()
    monkeypatch.setitem(SPACES, PICTURES, lambda settings: space_of_pictures(fake, settings))
    index = make_index()

    def cut(*_: object, **__: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr(index.parts.vectors if step == "upsert" else index.catalog, step, cut)
        with pytest.raises(PowerCut):
            index.fill(PICTURES)
    again = make_index()
    again.fill(PICTURES)
    assert vector_ids(again, PICTURES) == {"red", "blue"}
    assert vector_ids(again) == {"red", "blue", "Words of red.", "Words of blue."}
    assert check(again).faults == ()


def test_a_picture_that_cannot_be_read_harms_no_other(make_index: MakeIndex, model: FakeImageEmbedder) -> None:
    index = make_index()
    put(
        index,
        [
            chunk("", id="none", source="n.md", kind="image"),
            chunk("", id="bad", source="n.md", kind="image", ordinal=1),
        ],
    )
    with_figures(index, "red")
    assert found(index, "red")[0] == "red"
    assert repair(index)[1].faults == ()
