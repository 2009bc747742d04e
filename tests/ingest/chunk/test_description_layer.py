"""What a model says of pictures, as a layer over chunks."""

from __future__ import annotations

from dataclasses import replace

from fakes import chunk, count_words
from hypothesis import given
from hypothesis import strategies as st

from ingest.chunk.chunker import Window, numbered
from ingest.chunk.descriptions import described, undescribed
from records import Chunk, Description

WINDOW = Window(12, count_words)


def picture(name: str, text: str = "", page: int = 1) -> Chunk:
    return replace(chunk(text, page=page, context="report"), kind="image", picture=name, element=name)


def said(name: str, text: str = "Two bars.", author: str = "some:model") -> dict[str, Description]:
    return {name: Description(picture=name, text=text, author=author)}


def texts(chunks: list[Chunk]) -> list[tuple[str, str]]:
    return [(one.text, one.author) for one in chunks]


def test_a_description_follows_the_last_chunk_of_its_picture() -> None:
    chunks = [chunk("before"), picture("p", "Figure 1"), picture("p", "212"), picture("q", "Figure 2")]
    found = described(chunks, said("p"), WINDOW)
    assert texts(found) == [
        ("before", ""),
        ("Figure 1", ""),
        ("212", ""),
        ("Two bars.", "some:model"),
        ("Figure 2", ""),
    ]
    assert [one.ordinal for one in found] == [0, 1, 2, 3, 4]
    assert (found[3].picture, found[3].context, found[3].kind, found[3].spans) == ("p", "report", "image", ())


def test_a_long_description_is_cut_to_the_embedders_window() -> None:
    found = described([picture("p")], said("p", "One bar is high. " * 6), WINDOW)
    assert len(found) == 3  # five tokens a sentence; twelve in all, one of them the context's
    assert all(count_words(one.searched_text) <= 12 for one in found)


def test_a_description_stands_in_for_a_chunk_without_words_and_gives_its_place_back() -> None:
    bare = list(numbered([picture("p", page=2), picture("p", page=3)]))
    laid = described(bare, said("p"), WINDOW)
    assert [(one.text, one.page) for one in laid] == [("Two bars.", 2), ("", 3)]
    assert undescribed(laid) == bare


words = st.sampled_from(["", "Figure 1", "212 MWh"])
pictures = st.builds(picture, st.sampled_from("pqr"), words, st.integers(1, 2))
plain = st.lists(pictures | st.builds(chunk, st.sampled_from(["Weir.", "Roofs."])), max_size=8).map(
    lambda chunks: [replace(one, bbox=(0.0, float(n), 9.0, n + 1.0)) for n, one in enumerate(chunks)]
)
descriptions = st.dictionaries(st.sampled_from("pqr"), st.sampled_from(["Bars.", "A line. " * 9]), max_size=3).map(
    lambda texts: {name: said(name, text)[name] for name, text in texts.items()}
)


@given(plain, descriptions, descriptions)
def test_layers_are_laid_and_taken_off_without_a_trace(
    chunks: list[Chunk], first: dict[str, Description], second: dict[str, Description]
) -> None:
    bare = list(numbered(chunks))
    assert described(described(bare, first, WINDOW), second, WINDOW) == described(bare, second, WINDOW)
    laid = described(bare, first, WINDOW)
    assert len({one.id for one in laid}) == len(laid)
    assert {one.id for one in bare if one.text} <= {one.id for one in laid}
    shown = {one.picture for one in laid if one.author}
    assert shown == first.keys() & {one.picture for one in bare}
