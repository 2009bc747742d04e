"""Deletions may take the ways to other vectors out of Chroma's search graph: that is seen and repaired."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from fakes import agree, chunk, put

from records import OPERATOR, Scope
from store.index import Index
from store.maintenance.doctor import repair
from store.vectors.collection import Collection

MakeIndex = Callable[..., Index]
TEXTS = ("the weir", "the mill", "the roof")


@pytest.fixture
def index(make_index: MakeIndex) -> Index:
    opened = make_index()
    put(opened, [chunk(text) for text in TEXTS])
    put(opened, [chunk("the old boat", source="b.md")])
    return opened


def hide(monkeypatch: pytest.MonkeyPatch, *ids: str) -> None:
    """As if no search led to ``ids`` until they are put in anew, or the graph is."""
    hidden = set(ids)
    put_anew = Collection.put_anew

    def repaired(self: Collection, missed: Sequence[str]) -> None:
        hidden.difference_update(missed)
        put_anew(self, missed)

    def rebuilt(self: Collection) -> None:
        hidden.clear()
        rebuild(self)

    rebuild = Collection.rebuild
    monkeypatch.setattr(Collection, "rebuild", rebuilt)
    monkeypatch.setattr(Collection, "unreachable", lambda self, known: sorted(hidden & set(known)))
    monkeypatch.setattr(Collection, "put_anew", repaired)


def unreachable(index: Index) -> list[str]:
    return index.parts.vectors.unreachable(index.embedder.fingerprint, sorted(TEXTS))


def known(index: Index) -> set[str]:
    return index.parts.vectors.ids(index.embedder.fingerprint, TEXTS)


def found(index: Index, question: str) -> list[str]:
    return [one.text for one, _ in index.dense.search(question, 1, Scope(principal=OPERATOR))]


def test_what_is_put_in_anew_is_as_it_was(index: Index) -> None:
    vectors, space = index.parts.vectors, index.embedder.fingerprint
    before = vectors.stored(space, TEXTS)
    vectors.repair(space, TEXTS[:2])
    after = vectors.stored(space, TEXTS)
    assert after.keys() == before.keys()
    assert all(after[id_] == pytest.approx(before[id_]) for id_ in TEXTS)
    assert found(index, "mill") == ["the mill"]
    assert agree(index)


def test_a_graph_built_anew_holds_what_it_held(index: Index) -> None:
    vectors, space = index.parts.vectors, index.embedder.fingerprint
    ids = sorted(vectors.ids(space))
    before = vectors.stored(space, ids)
    vectors.repair(space, ids)  # all there is
    assert vectors.stored(space, ids) == {id_: pytest.approx(before[id_]) for id_ in ids}
    assert found(index, "mill") == ["the mill"]
    assert agree(index)


def test_all_that_is_there_is_found(index: Index) -> None:
    assert unreachable(index) == []


def test_work_that_deletes_looks_whether_the_rest_is_found(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "the mill")
    index.jobs.end(index.jobs.begin([]))
    assert unreachable(index) == ["the mill"]  # nothing was deleted: nobody looks
    index.remove("b.md")
    index.jobs.end(index.jobs.begin([]))
    assert unreachable(index) == []
    assert agree(index)


def test_leaving_an_index_looks_too(index: Index, make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "the mill")
    index.remove("b.md")
    index.close()
    assert unreachable(make_index()) == []


def test_the_doctor_builds_the_graph_anew(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "the mill")
    before, after = repair(index)
    assert [(fault.kind, fault.names) for fault in before.faults] == [("vectors not found by search", ("the mill",))]
    assert after.faults == ()
    assert found(index, "mill") == ["the mill"]
    assert agree(index)


def test_a_kill_over_a_graph_built_anew_loses_nothing(
    index: Index, make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Stands for SIGKILL."""

    def killed(self: Collection) -> None:
        self.drop()
        raise Killed

    hide(monkeypatch, "the mill")
    monkeypatch.setattr(Collection, "rebuild", killed)
    with pytest.raises(Killed):
        repair(index)
    monkeypatch.undo()
    again = make_index()
    assert found(again, "mill") == ["the mill"]
    assert agree(again)


def test_a_kill_over_it_loses_nothing(index: Index, make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        """Stands for SIGKILL."""

    def killed(self: Collection, ids: Sequence[str]) -> None:
        self.delete(ids)
        raise Killed

    hide(monkeypatch, "the mill")
    monkeypatch.setattr(Collection, "put_anew", killed)
    index.remove("b.md")
    with pytest.raises(Killed):
        index.recovery.repair_after_deletions()
    assert known(index) == {"the weir", "the roof"}
    monkeypatch.undo()
    again = make_index()
    assert known(again) == set(TEXTS)
    assert found(again, "mill") == ["the mill"]
    assert agree(again)
