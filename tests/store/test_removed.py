"""What was removed comes back as it was for a while, and is found by nothing meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import FakeEmbedder, agree, chunk, document, fingerprint, put, table

from records import GUEST, OPERATOR, Access, Principal, Scope
from store.index import Index
from store.maintenance.backup import load, save
from store.maintenance.doctor import check
from store.uploads import kept

ALL = Scope(principal=OPERATOR)
MakeIndex = Callable[..., Index]


def fill(index: Index, source: str = "a.md") -> None:
    """A passage, a table and a picture, for the group law, under a name that somebody gave."""
    rows = index.assets.put_table(table(("Plant", "MWh"), ("Weir", "12")))
    picture, original = index.assets.put(b"a picture", ".png"), index.assets.put(b"the source", ".md")
    chunks = [
        chunk("the weir was built", id="1", source=source),
        chunk("Plant | MWh", id="2", source=source, kind="table", table=rows, ordinal=1),
        chunk("a gate", id="3", source=source, kind="image", picture=picture, ordinal=2),
    ]
    put(index, chunks, document(source, original=original))
    index.catalog.set_access(source, Access(("law",), "bob"))
    index.rename(source, "The weir")


def test_a_removed_source_is_found_by_nothing_and_comes_back_whole(make_index: MakeIndex) -> None:
    index = make_index()
    fill(index)
    before = (index.documents.source("a.md", OPERATOR), index.documents.chunks_of("a.md", OPERATOR))
    assets, embedded = set(index.assets.names()), list(index.embedder.embedded)  # type: ignore[attr-defined]
    assert index.remove("a.md", for_good=False)
    assert index.documents.sources(OPERATOR) == []
    assert index.documents.chunk("1", OPERATOR) is None
    assert index.dense.search("weir", 9, ALL) == index.lexical.search("weir", 9, ALL) == []
    assert set(index.assets.names()) == assets == index.catalog.assets()
    assert agree(index) and check(index).faults == ()
    (removed,) = index.removed.all(OPERATOR)
    assert removed.source == before[0]
    assert index.removed.restore("a.md")
    assert (index.documents.source("a.md", OPERATOR), index.documents.chunks_of("a.md", OPERATOR)) == before
    assert [found.id for found, _ in index.lexical.search("weir", 9, ALL)] == ["1"]
    assert "1" in [found.id for found, _ in index.dense.search("the weir was built", 9, ALL)]
    assert index.embedder.embedded[len(embedded) :] == []  # type: ignore[attr-defined]
    assert agree(index) and check(index).faults == ()
    assert not index.removed.restore("a.md") and index.removed.all(OPERATOR) == []


def test_who_could_not_read_it_does_not_see_that_it_was_removed(make_index: MakeIndex) -> None:
    index = make_index()
    fill(index)
    index.remove("a.md", for_good=False)
    law = Principal(name="carol", groups=frozenset({"law"}))
    assert [len(index.removed.all(one)) for one in (GUEST, Principal(name="eve"), law, OPERATOR)] == [0, 0, 1, 1]


def test_when_its_time_is_over_nothing_is_left(make_index: MakeIndex) -> None:
    index = make_index()
    upload = index.uploads / "0123456789ab" / "a.md"
    upload.parent.mkdir(parents=True)
    upload.write_text("the weir")
    fill(index, str(upload))
    index.remove(str(upload), for_good=False)
    assert index.jobs.left() == []  # the file that is kept is not taken in again by itself
    when = index.removed.all(OPERATOR)[0].when
    assert index.removed.purge(when) == []
    assert index.removed.purge(when + 1) == [str(upload)]
    assert (list(index.assets.names()), kept(index.uploads), index.catalog.rows("SELECT * FROM removed_vectors")) == (
        [],
        [],
        [],
    )
    assert not index.removed.restore(str(upload))


def test_what_the_command_removes_is_gone_whether_it_waited_or_not(make_index: MakeIndex) -> None:
    index = make_index()
    fill(index)
    index.remove("a.md", for_good=False)
    assert index.remove("a.md")
    assert not index.remove("a.md")
    assert list(index.assets.names()) == [] and agree(index)


def test_what_was_taken_in_again_is_not_overwritten(make_index: MakeIndex) -> None:
    index = make_index()
    fill(index)
    index.remove("a.md", for_good=False)
    put(index, [chunk("the new weir", id="9")])
    assert index.removed.all(OPERATOR) == [] and not index.removed.restore("a.md")
    index.remove("a.md", for_good=False)
    assert agree(index)
    assert [one.source.chunks for one in index.removed.all(OPERATOR)] == [1]


def test_a_kill_on_the_way_back_leaves_it_removed(make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    index = make_index()
    fill(index)
    index.remove("a.md", for_good=False)
    with monkeypatch.context() as patched:
        patched.setattr("store.removed._insert", _killed)
        with pytest.raises(KeyboardInterrupt):
            index.removed.restore("a.md")
    assert not agree(index)
    index.recovery.repair_if_idle()
    assert agree(index) and index.documents.sources(OPERATOR) == []
    assert index.removed.restore("a.md") and agree(index)


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_after_another_model_it_is_embedded_anew(make_index: MakeIndex, tmp_path: Path) -> None:
    index = make_index()
    fill(index)
    index.remove("a.md", for_good=False)
    other = FakeEmbedder()
    index = make_index(embedder=other)
    assert index.removed.restore("a.md")
    assert len(other.embedded) >= 2 and agree(index)


def test_a_name_stays_when_a_source_is_read_again(make_index: MakeIndex) -> None:
    index = make_index()
    fill(index)
    put(index, [chunk("another text", id="9")])
    assert [one.name for one in index.documents.sources(OPERATOR)] == ["The weir"]
    index.rename("a.md", "")
    assert [one.name for one in index.documents.sources(OPERATOR)] == [""]
    assert not index.rename("b.md", "Nothing")


def test_backups_have_names_and_nothing_that_was_removed(make_index: MakeIndex, tmp_path: Path) -> None:
    index = make_index()
    fill(index)
    index.put(document("b.md"), [chunk("a secret", id="8", source="b.md")], fingerprint(), "2026-01-02T03:04:05+00:00")
    index.remove("b.md", for_good=False)
    save(index, tmp_path / "backup.zip")
    other = make_index(tmp_path / "other")
    load(other, tmp_path / "backup.zip")
    assert [(one.source, one.name) for one in other.documents.sources(OPERATOR)] == [("a.md", "The weir")]
    assert other.removed.all(OPERATOR) == []
