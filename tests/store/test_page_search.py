"""Whole pages of PDFs by what they show: filled from originals, searched, hidden and removed with their source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from asking import retrieve
from fakes import FakeImageEmbedder, chunk, document, put
from PIL import Image

from config import Settings
from errors import ModelError, SettingsError
from models.page_model import MultiVectorPageModel, maxsim
from records import OPERATOR, Access, Scope
from store.index import Index
from store.maintenance.doctor import check
from store.page_search import PageSearch
from store.spaces import PICTURES, SPACES, space_of_pictures

MakeIndex = Callable[..., Index]
EVERYTHING = Scope(principal=OPERATOR)
PAINT = {"red": (1, 0, 0), "blue": (0, 0, 1), "green": (0, 1, 0)}


def pdf(*colours: str) -> bytes:
    """A page painted in each colour."""
    made = pymupdf.open()
    for colour in colours:
        page = made.new_page(width=100, height=80)
        page.draw_rect(page.rect, fill=PAINT[colour], color=PAINT[colour])
    data: bytes = made.tobytes()
    return data


def take_in(index: Index, source: str, *colours: str) -> None:
    """A PDF of these pages with two chunks on each."""
    asset = index.assets.put(pdf(*colours), ".pdf")
    chunks = [
        chunk("Spillway", id=f"{source} {page}{part}", source=source, page=page, ordinal=2 * page + (part == "b"))
        for page in range(1, len(colours) + 1)
        for part in "ab"
    ]
    put(index, chunks, replace(document(source, original=asset), kind="pdf"))


@pytest.fixture
def index(make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch) -> Index:
    fake = FakeImageEmbedder()
    monkeypatch.setitem(SPACES, PICTURES, lambda settings: space_of_pictures(fake, settings))
    opened = make_index()
    take_in(opened, "a.pdf", "red", "blue")
    take_in(opened, "b.pdf", "green")
    return opened


def found(index: Index, question: str, scope: Scope = EVERYTHING) -> list[str]:
    assert index.pages is not None
    return [one.id for one, _ in index.pages.search(question, 5, scope)]


def test_a_page_has_one_vector_and_is_found_by_it(index: Index) -> None:
    assert found(index, "blue") == []
    assert (index.fill_pages(), index.fill_pages()) == (3, 0)
    assert found(index, "blue")[0] == "a.pdf 2a"
    assert sorted(found(index, "blue")) == ["a.pdf 1a", "a.pdf 2a", "b.pdf 1a"]
    assert found(index, "blue", Scope(sources=("b.pdf",), principal=OPERATOR)) == ["b.pdf 1a"]
    assert check(index).faults == ()


def test_pages_go_and_hide_with_their_source(index: Index) -> None:
    index.fill_pages()
    index.catalog.set_access("b.pdf", Access(readers=("board",)))
    assert "b.pdf 1a" not in found(index, "green", Scope())
    index.remove("a.pdf")
    assert found(index, "blue") == ["b.pdf 1a"]
    assert check(index).faults == ()


class PowerCut(Exception):
    """Stands for whatever ends a process."""


def test_a_fill_that_is_killed_goes_on(index: Index, make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(*_: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr(index.catalog, "finish", cut)
        with pytest.raises(PowerCut):
            index.fill_pages()
    again = make_index()
    assert again.fill_pages() == 1  # those of the first source had been stored
    assert len(found(again, "blue")) == 3
    assert check(again).faults == ()


def test_what_stands_on_a_page_is_ranked_by_it_where_the_settings_say_so(index: Index) -> None:
    index.fill_pages()
    settings = replace(index.settings, steps=("pictures",), image_embed_pages="yes")
    hits = retrieve(index, "a blue picture", EVERYTHING, settings)
    assert [hit.chunk.id for hit in hits[:2]] == ["a.pdf 2a", "a.pdf 2b"]
    assert dict(hits[0].ranks) == {"pages": 1}
    assert retrieve(index, "a blue picture", EVERYTHING, replace(settings, image_embed_pages="no")) == ()
    with pytest.raises(SettingsError, match="neither yes nor no"):
        _ = Settings(image_embed_pages="perhaps").embeds_pages


class HalvesReader:
    """Encodes a page as the mean colours of its left and right half, and a question as the colours that it names."""

    def __init__(self) -> None:
        self.read = 0

    def encode_pages(self, pages: Sequence[Image.Image]) -> list[np.ndarray]:
        self.read += len(pages)
        halves = [
            (one.crop((0, 0, one.width // 2, one.height)), one.crop((one.width // 2, 0, *one.size))) for one in pages
        ]
        return [np.array(FakeImageEmbedder().embed_pictures(both), np.float32) for both in halves]

    def encode_question(self, question: str) -> np.ndarray:
        named = [colour for colour in PAINT if colour in question]
        return np.array(FakeImageEmbedder().embed_texts(named), np.float32)


def test_a_page_model_orders_the_nearest_pages(index: Index) -> None:
    half = pymupdf.open("pdf", pdf("red"))
    half[0].draw_rect((50, 0, 100, 80), fill=PAINT["blue"], color=PAINT["blue"])
    purple = pymupdf.open()
    purple.new_page(width=100, height=80).draw_rect((0, 0, 100, 80), fill=(0.5, 0, 0.5), color=(0.5, 0, 0.5))
    for name, made in (("half", half), ("purple", purple)):
        asset = index.assets.put(made.tobytes(), ".pdf")
        page = chunk("Spillway", id=name, source=f"{name}.pdf")
        put(index, [page], replace(document(f"{name}.pdf", original=asset), kind="pdf"))
    index.fill_pages()
    # one vector a page: both are a mixture of red and blue
    assert set(found(index, "red and blue")[:2]) == {"half", "purple"}
    assert index.pictures is not None
    reader = HalvesReader()
    search = PageSearch(index.documents, index.parts, index.pictures, index.originals, reader)
    ranking = search.search("red and blue", 2, EVERYTHING)
    # each word finds a half of its own: 1 + 1; of purple each has the cosine 1 / sqrt 2
    assert [(one.id, round(score, 1)) for one, score in ranking] == [("half", 2.0), ("purple", 1.4)]
    before = reader.read
    search.search("green", 2, EVERYTHING)
    assert reader.read == before  # pages are read once
    index.catalog.set_access("half.pdf", Access(readers=("board",)))
    assert "half" not in [one.id for one, _ in search.search("red and blue", 5, Scope())]


def test_maxsim_adds_up_the_best_for_each_word() -> None:
    words, patches = np.eye(2, dtype=np.float32), np.array([[0.6, 0.8], [1.0, 0.0], [0.0, 0.5]], np.float32)
    assert maxsim(words, patches) == pytest.approx(1.0 + 0.8)


def test_a_page_model_that_cannot_be_loaded_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="PAGE_MODEL"):
        MultiVectorPageModel(str(tmp_path)).encode_question("red")


def test_without_an_image_embedder_there_are_none(make_index: MakeIndex) -> None:
    index = make_index()
    assert index.pages is None
    with pytest.raises(SettingsError, match="IMAGE_EMBED_MODEL"):
        index.fill_pages()
