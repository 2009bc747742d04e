"""The retriever as LangChain's: what it gives, in every way of asking."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from asking import retrieve
from fakes import FakeEmbedder, chunk, put

from chains.pipeline import retriever_of
from chains.retrieval.retriever import hits_of
from records import Scope
from store.index import Index

MakeIndex = Callable[..., Index]


def test_dense_and_lexical_rankings_are_fused(make_index: MakeIndex) -> None:
    index = make_index(embedder=FakeEmbedder())
    put(index, [chunk("the weir stood still", id="both"), chunk("weir", id="short"), chunk("roofs", id="none")])
    found = retrieve(index, "weir stood still", Scope(), index.settings)
    assert found[0].chunk.id == "both"
    assert found[0].ranks == (("dense", 1), ("lexical", 1))
    assert found[0].score == 1.0
    assert {hit.chunk.id: [name for name, _ in hit.ranks] for hit in found}["none"] == ["dense"]
    assert len(retrieve(index, "weir", Scope(), replace(index.settings, top_k=2))) == 2
    assert retrieve(index, "weir", Scope(sources=("other.md",)), index.settings) == ()


@pytest.fixture
def index(make_index: MakeIndex) -> Index:
    opened = make_index()
    weir = chunk("the weir stood still", page=3, title="Report", section=("Plants",), bbox=(1, 2, 3, 4), ordinal=7)
    put(opened, [weir])
    return opened


def test_a_document_says_where_it_stands_and_how_it_was_found(index: Index) -> None:
    (document,) = retriever_of(index, index.settings).invoke("weir")
    assert (document.id, document.page_content) == ("the weir stood still", "the weir stood still")
    assert document.metadata == {
        "source": "a.md",
        "title": "Report",
        "section": ["Plants"],
        "page": 3,
        "bbox": (1, 2, 3, 4),
        "kind": "text",
        "element": "",
        "ordinal": 7,
        "score": 1.0,
        "ranks": {"dense": 1, "lexical": 1},
    }
    (hit,) = hits_of([document])
    assert hit.chunk.page == 3


def test_it_is_asked_in_every_way(index: Index) -> None:
    retriever = retriever_of(index, index.settings)
    found = retriever.invoke("weir")
    assert retriever.batch(["weir", "weir"]) == [found, found]
    assert asyncio.run(retriever.ainvoke("weir")) == found


def test_within_another_scope_it_finds_other_things(index: Index) -> None:
    retriever = retriever_of(index, index.settings)
    assert retriever.within(Scope(sources=("b.md",))).invoke("weir") == []
    assert len(retriever.invoke("weir")) == 1
