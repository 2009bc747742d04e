"""Deletions may take the ways to other vectors out of Chroma's search graph: that is seen and mended."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from fakes import agree, chunk, put

from records import OPERATOR, Scope
from store.index import Index
from store.vectors import Vectors

MakeIndex = Callable[..., Index]
TEXTS = ("the weir", "the mill", "the roof")


@pytest.fixture
def index(make_index: MakeIndex) -> Index:
    opened = make_index()
    put(opened, [chunk(text) for text in TEXTS])
    put(opened, [chunk("the old boat", source="b.md")])
    return opened


def hide(monkeypatch: pytest.MonkeyPatch, *ids: str) -> None:
    """As if no search led to ``ids`` until they are put in anew."""
    hidden = set(ids)
    put_anew = Vectors.put_anew

    def repaired(self: Vectors, missed: Sequence[str]) -> None:
        hidden.difference_update(missed)
        put_anew(self, missed)

    monkeypatch.setattr(Vectors, "unfound", lambda self, known: sorted(hidden & set(known)))
    monkeypatch.setattr(Vectors, "put_anew", repaired)


def found(index: Index, question: str) -> list[str]:
    return [one.text for one, _ in index.dense.search(question, 1, Scope(principal=OPERATOR))]


def test_what_is_put_in_anew_is_as_it_was(index: Index) -> None:
    before = index.vectors.stored(TEXTS)
    index.vectors.put_anew(TEXTS[:2])
    after = index.vectors.stored(TEXTS)
    assert after.keys() == before.keys()
    assert all(after[id_] == pytest.approx(before[id_]) for id_ in TEXTS)
    assert found(index, "mill") == ["the mill"]
    assert agree(index)


def test_all_that_is_there_is_found(index: Index) -> None:
    assert index.vectors.unfound(sorted(TEXTS)) == []


def test_work_that_deletes_looks_whether_the_rest_is_found(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "the mill")
    index.end(index.begin([]))
    assert index.vectors.unfound(TEXTS) == ["the mill"]  # nothing was deleted: nobody looks
    index.remove("b.md")
    index.end(index.begin([]))
    assert index.vectors.unfound(TEXTS) == []
    assert agree(index)


def test_leaving_an_index_looks_too(index: Index, make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "the mill")
    index.remove("b.md")
    index.close()
    assert make_index().vectors.unfound(TEXTS) == []


def test_a_kill_over_it_loses_nothing(index: Index, make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        """Stands for SIGKILL."""

    def killed(self: Vectors, ids: Sequence[str]) -> None:
        self.delete(ids)
        raise Killed

    hide(monkeypatch, "the mill")
    monkeypatch.setattr(Vectors, "put_anew", killed)
    index.remove("b.md")
    with pytest.raises(Killed):
        index.repair_after_deletions()
    assert index.vectors.known(TEXTS) == {"the weir", "the roof"}
    monkeypatch.undo()
    again = make_index()
    assert again.vectors.known(TEXTS) == set(TEXTS)
    assert found(again, "mill") == ["the mill"]
    assert agree(again)
