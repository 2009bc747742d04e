"""The retriever as LangChain's: what it gives, in every way of asking."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from asking import retrieve
from fakes import FakeEmbedder, chunk, put

from chains.pipeline import retriever_of
from chains.retrieval.retriever import Retriever, hits_of
from config import Settings
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


class Together(FakeEmbedder):
    """Notes which questions it embeds in one batch."""

    languages = frozenset({"en"})

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[str]] = []

    def embed_queries(self, texts: list[str]) -> list[list[float]]:
        self.batches.append(texts)
        return [self.embed_query(text) for text in texts]


def test_questions_that_are_to_come_are_embedded_in_one_batch_where_they_will_be() -> None:
    """Not those in a language that the embedder was not made for, and none where nothing is searched by vectors."""
    embedder = Together()

    def prepare(steps: tuple[str, ...], *questions: str) -> None:
        resources: Any = SimpleNamespace(settings=Settings(steps=steps), embedder=embedder)
        Retriever(resources).prepare(questions)

    prepare(("dense", "lexical"), "Where is the weir?", "大坝在哪里？", "Who built the old quay?")
    prepare(("dense",), "Where is the weir?")  # one is no batch
    prepare(("lexical",), "Where is the weir?", "Who built the old quay?")
    assert embedder.batches == [["Where is the weir?", "Who built the old quay?"]]
