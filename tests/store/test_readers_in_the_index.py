"""Readers stand in the lexical index; what changes of them holds at once, before it is written there and after."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from fakes import chunk, put

from records import GUEST, Access, Principal, Scope
from store.database.read_pool import ReadPool
from store.index import Index
from store.relabelling import to_relabel
from store.searches import ASKED
from store.waiting import expect

MakeIndex = Callable[..., Index]
LAW = Principal("ada", frozenset({"law"}))


def seen(index: Index, principal: Principal) -> tuple[int, float, bool, tuple[str, ...]]:
    """What words and meaning find of "mill", and what is told of it."""
    scope, words = Scope(principal=principal), index.lexical
    rarity = words.idf(["mill"], principal)["mill"]
    found = len(words.search("mill", 5, scope)) + len(index.dense.search("mill", 5, scope))
    return found, rarity, words.holds("mill", principal), words.out_of_corpus(["mill"], scope)


@pytest.mark.parametrize("written", [False, True])
def test_a_change_of_readers_holds_at_once(make_index: MakeIndex, written: bool) -> None:
    index = make_index()
    put(index, [chunk("the mill", source="a.md")])
    put(index, [chunk("the weir", source="b.md")])
    open_to_all = seen(index, GUEST)
    assert open_to_all[2]
    for access in (Access(("law",)), Access(), Access(("user:ada",))):
        index.catalog.set_access("a.md", access)
        assert to_relabel(index.catalog, 5) == ["a.md"]
        if written:
            with index.recovery.writing():
                assert to_relabel(index.catalog, 5) == []
        guest, ada = seen(index, GUEST), seen(index, LAW)
        assert ada == open_to_all
        found = len(index.dense.search("mill", 5, Scope(principal=GUEST)))
        assert found == (1 if access.readers else 2)  # the weir is there, too
        assert guest[2:] == ((False, ("mill",)) if access.readers else open_to_all[2:])


def test_a_source_taken_in_for_some_is_written_so_at_once(make_index: MakeIndex) -> None:
    index = make_index()
    expect(index.catalog, ["a.md"], "", {"a.md": Access(("law",))})
    put(index, [chunk("the mill", source="a.md")])
    assert to_relabel(index.catalog, 5) == []
    assert index.lexical.holds("mill", LAW) and not index.lexical.holds("mill", GUEST)
    expect(index.catalog, ["a.md"], "", {"a.md": Access()})
    assert index.lexical.holds("mill", GUEST)
    put(index, [chunk("the mill", source="a.md"), chunk("the roof", source="a.md", ordinal=1)])
    with index.recovery.writing():
        pass
    assert to_relabel(index.catalog, 5) == [] and index.lexical.holds("mill", GUEST)


def test_who_reads_little_finds_it_behind_all_that_is_closed(make_index: MakeIndex) -> None:
    index = make_index()
    closed = [f"{n}.md" for n in range(ASKED * 2)]
    expect(index.catalog, closed, "", dict.fromkeys(closed, Access(("law",))))
    for name in closed:
        put(index, [chunk("the mill", id=name, source=name)])
    put(index, [chunk("the mill and the roof of a weir", source="open.md")])
    assert [one.source for one, _ in index.dense.search("mill", 1, Scope(principal=GUEST))] == ["open.md"]
    assert index.dense.search("mill", 1, Scope(sources=("0.md",), principal=GUEST)) == []
    assert len(index.dense.search("mill", 5, Scope(principal=LAW))) == 5


def test_a_reader_waits_for_no_writer(make_index: MakeIndex) -> None:
    index = make_index()
    put(index, [chunk("the mill", source="a.md")])
    before = index.documents.stamp()
    with index.catalog.transaction() as db:
        db.execute("UPDATE sources SET title = 'changed'")
        reading = Thread(target=lambda: index.documents.titles(GUEST))
        reading.start()
        reading.join(10)
        assert not reading.is_alive()
    assert index.documents.stamp() != before
    assert [title for _, title in index.documents.titles(GUEST)] == ["changed"]


def test_a_pool_lends_a_connection_once_and_opens_none_when_closed(tmp_path: Path) -> None:
    pool = ReadPool(tmp_path / "a.sqlite")
    with pool.connection() as one, pool.connection() as other:
        assert one is not other
        one.execute("CREATE TABLE a (b)")
        assert other.execute("SELECT * FROM a").fetchall() == []
    with pool.connection() as again:
        assert again in (one, other)
        pool.close()
        assert again.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(sqlite3.ProgrammingError), pool.connection():
        pass
