"""Readers stand with the vectors: a query names its own labels alone, and what the catalog says counts at once."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import agree, chunk, put

from records import GUEST, Access, Principal, Scope
from store.auth.access import View
from store.database.locking import lock_of
from store.index import Index
from store.maintenance.doctor import check, repair
from store.relabelling import to_relabel, unlabelled
from store.searches import ASKED
from store.vectors.chroma import ChromaIndex
from store.vectors.collection import READERS, _where
from store.waiting import expect

MakeIndex = Callable[..., Index]
LAW = Principal("ada", frozenset({"law"}))
CLOSED = [f"{n}.md" for n in range(ASKED * 2)]  # nearer to "mill" than what is open, and more than are asked for


def filled(index: Index) -> Index:
    """Closed sources about the mill, and one that is open to all."""
    expect(index.catalog, CLOSED, "", dict.fromkeys(CLOSED, Access(("law",))))
    for name in CLOSED:
        put(index, [chunk("the mill", id=name, source=name)])
    put(index, [chunk("the mill and the roof of a weir", source="open.md")])
    return index


def nearest(index: Index, principal: Principal, limit: int = 1) -> list[str]:
    return [one.source for one, _ in index.dense.search("mill", limit, Scope(principal=principal))]


def stored(index: Index) -> dict[str, Any]:
    """The readers of each chunk as Chroma has them."""
    collection = index.parts.vectors._collection(index.embedder.fingerprint)._handle  # type: ignore[attr-defined]
    found = collection.get(include=["metadatas"])
    return {id_: one.get(READERS) for id_, one in zip(found["ids"], found["metadatas"], strict=True)}


def test_a_query_names_labels_and_not_what_is_hidden() -> None:
    labels: list[dict[str, Any]] = [{READERS: {"$contains": "everyone"}}, {READERS: {"$contains": "law"}}]
    assert _where(Scope(), View(("everyone",)), "") == labels[0]
    assert _where(Scope(), View(("everyone", "law")), "a.md") == {
        "$and": [{"$or": labels}, {"source": {"$nin": ["a.md"]}}]
    }
    pending = View(("everyone",), shown=("b.md",), hidden=("c.md",))
    assert _where(Scope(), pending, "") == {
        "$and": [{"$or": [labels[0], {"source": {"$in": ["b.md"]}}]}, {"source": {"$nin": ["c.md"]}}]
    }


def test_vectors_know_their_readers_from_the_first_write(make_index: MakeIndex) -> None:
    index = filled(make_index())
    assert stored(index) == {name: ["law"] for name in CLOSED} | {"the mill and the roof of a weir": ["everyone"]}
    assert nearest(index, GUEST) == ["open.md"]
    assert [name for name, _ in index.dense.related("0.md", 20, LAW)] == [*sorted(CLOSED)[1:], "open.md"]
    assert index.remove("0.md", for_good=False) and index.removed.restore("0.md")
    assert stored(index)["0.md"] == ["law"]
    moved = [chunk("the mill", id="moved", source="moved.md")]
    assert index.move("1.md", moved, "2/2") and stored(index)["moved"] == ["law"]


def test_a_change_of_readers_holds_before_vectors_are_told_of_it_and_after(make_index: MakeIndex) -> None:
    index = filled(make_index())
    index.catalog.set_access("0.md", Access())
    index.catalog.set_access("open.md", Access(("law",)))
    for told in (False, True):
        if told:
            with index.recovery.writing():
                assert to_relabel(index.catalog, 5) == []
        assert stored(index)["0.md"] == (["everyone"] if told else ["law"])
        assert nearest(index, GUEST) == ["0.md"]
        assert nearest(index, Principal("bob", frozenset({"art"})), 2) == ["0.md"]
    assert index.embedder.embedded.count("the mill") == len(CLOSED)  # type: ignore[attr-defined]
    assert check(index).faults == () and agree(index)


def test_a_label_that_is_stale_shows_nothing(make_index: MakeIndex) -> None:
    """As if a program had been killed, or had written past the catalog."""
    index = filled(make_index())
    wrong = [chunk("the mill", id=name, source=name) for name in CLOSED]
    index.parts.vectors.relabel(index.embedder.fingerprint, [*wrong, chunk("never stored")], {})
    assert set(map(tuple, stored(index).values())) == {("everyone",)}
    assert nearest(index, GUEST, 9) == ["open.md"]
    assert [(one.kind, set(one.names)) for one in check(index).faults] == [("outdated vectors", set(CLOSED))]
    assert repair(index)[1].faults == ()
    assert stored(index)["0.md"] == ["law"]


@pytest.mark.parametrize("done", [False, True])
def test_a_store_of_version_8_is_labelled_as_it_stands(make_index: MakeIndex, done: bool) -> None:
    index = filled(make_index())
    collection = index.parts.vectors._collection(index.embedder.fingerprint)._handle  # type: ignore[attr-defined]
    ids = list(stored(index))
    collection.update(ids=ids, metadatas=[{READERS: None} for _ in ids])
    assert set(stored(index).values()) == {None}
    path, folder = index.catalog.path, index.folder
    index.close()
    with closing(sqlite3.connect(path)) as old:
        old.executescript("DROP TABLE unlabelled; UPDATE meta SET value = '8' WHERE key = 'schema';")
    index.embedder.embedded.clear()  # type: ignore[attr-defined]
    with lock_of(folder, "write", "").held():  # so that it waits
        again = make_index()
        if not done:
            assert len(unlabelled(again.catalog, 99)) == len(ids)
            assert nearest(again, GUEST) == ["open.md"]
            assert check_readers(again) == []
    if done:
        assert again.labeller.join(10)
        assert unlabelled(again.catalog, 1) == []
        assert stored(again)["0.md"] == ["law"] and nearest(again, GUEST) == ["open.md"]
        assert check(again).faults == ()
    assert again.embedder.embedded == []  # type: ignore[attr-defined]


def test_of_very_many_that_wait_for_labels_a_query_names_some(
    make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = filled(make_index())
    with index.catalog.transaction() as db:
        db.execute("INSERT INTO unlabelled SELECT source FROM sources")
    index.catalog.set_access("0.md", Access())  # which are read, and to be told of
    index.catalog.set_access("1.md", Access(("art",)))
    view = index.documents.view_of_vectors(LAW)
    assert view is not None and (len(set(view.shown)), view.hidden) == (len(CLOSED), ("1.md",))
    monkeypatch.setattr("store.documents.NAMED", 2)
    few = index.documents.view_of_vectors(LAW)
    assert few is not None and few.shown == view.shown[:2]
    assert len(nearest(index, LAW, 3)) == 3


def check_readers(index: Index) -> list[str]:
    """What is stored with other readers than are known to stand there: of what is still to be labelled, nothing is known."""
    chunks = list(index.catalog.all_chunks())
    return index.parts.vectors.outdated(index.embedder.fingerprint, chunks, index.parts.settled_readers())


def test_who_reads_one_in_a_hundred_finds_the_nearest_of_it(chroma_url: str) -> None:
    """As exact search does, which compares with all that is readable."""
    draw, vectors = np.random.default_rng(7), ChromaIndex(Path(), chroma_url, uuid.uuid4().hex[:12])
    rows = draw.standard_normal((2_000, 16))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    chunks = [chunk("x", id=f"{n:04d}", source=f"{n}.md") for n in range(len(rows))]
    readers = {one.source: ("few",) if n % 100 == 3 else ("many", "most") for n, one in enumerate(chunks)}
    vectors.upsert("few", chunks, rows.tolist(), readers)
    for question in rows[:5]:
        order = [n for n in np.argsort(-(rows @ question)) if n % 100 == 3]
        found = vectors.search("few", question.tolist(), 10, Scope(), View(("everyone", "few")))
        assert [id_ for id_, _ in found] == [f"{n:04d}" for n in order[:10]]
    vectors.close()


def test_few_chunks_are_compared_as_the_search_graph_would_have_them(
    make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = filled(make_index())
    put(index, [chunk("mill", id="table", source="open.md", kind="table"), chunk("a roof", source="open.md")])
    for scope in (
        Scope(principal=LAW, sources=("0.md", "1.md", "open.md")),
        Scope(principal=GUEST, sources=("0.md", "1.md", "open.md")),
        Scope(principal=LAW, sources=("open.md",), kinds=("table",)),
        Scope(principal=LAW, sources=("open.md", "unknown.md")),
        Scope(principal=GUEST, sources=("0.md",)),
    ):
        found = []
        for few in (0, 1 << 30):  # all here, all in Chroma
            monkeypatch.setattr("store.searches.FEW", few)
            found.append(index.dense.search("mill", 3, scope))
        here, there = found
        assert [one.id for one, _ in here] == [one.id for one, _ in there]
        assert [score for _, score in here] == pytest.approx([score for _, score in there], abs=1e-5)
