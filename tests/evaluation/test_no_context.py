"""Search without context, for the ablation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fakes import chunk, put

from evaluation.no_context import NoContext
from records import Scope
from store.index import Index

MakeIndex = Callable[..., Index]


def index_of(make_index: MakeIndex) -> Index:
    index = make_index()
    put(index, [chunk("the weir stood still", source="a.md", context="Turbines")])
    put(index, [chunk("the roofs of the quay", source="b.md", context="Turbines"), chunk("nothing", source="b.md")])
    return index


def test_words_of_the_context_find_nothing(make_index: MakeIndex, tmp_path: Path) -> None:
    index = index_of(make_index)
    no_context = NoContext(index, tmp_path)
    assert index.lexical.search("turbines", 5, Scope()) != []
    assert no_context.lexical("turbines", 5, Scope()) == []
    assert [one.source for one, _ in no_context.lexical("weir", 5, Scope())] == ["a.md"]


def test_dense_search_is_exact_and_keeps_to_the_scope(make_index: MakeIndex, tmp_path: Path) -> None:
    no_context = NoContext(index_of(make_index), tmp_path)
    found = no_context.dense("the roofs of the quay", 5, Scope())
    assert (found[0][0].text, round(found[0][1], 4)) == ("the roofs of the quay", 1.0)
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert {one.source for one, _ in no_context.dense("the roofs of the quay", 5, Scope(sources=("a.md",)))} == {"a.md"}
    assert len(no_context.dense("the roofs of the quay", 2, Scope())) == 2


def test_vectors_are_kept(make_index: MakeIndex, tmp_path: Path) -> None:
    index = index_of(make_index)
    first = NoContext(index, tmp_path).dense("weir", 3, Scope())
    index.embedder.embedded.clear()  # type: ignore[attr-defined]
    assert NoContext(index, tmp_path).dense("weir", 3, Scope()) == first
    assert index.embedder.embedded == []  # type: ignore[attr-defined]
