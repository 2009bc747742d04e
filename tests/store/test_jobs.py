"""Jobs that a killed program left: who goes on with it, and what becomes of assets nobody uses."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import agree, chunk, document, put

from records import Element, Picture
from store.index import Index
from store.uploads import remove_upload
from store.writer import AssetsGone

MakeIndex = Callable[..., Index]


def test_what_was_begun_waits_and_what_is_in_does_not(make_index: MakeIndex) -> None:
    index = make_index()
    job = index.jobs.begin(["a.md", "b.md", "c.md"])
    put(index, [chunk("the weir", source="a.md")])
    assert make_index().jobs.left() == []  # somebody is at it
    job.close(tidy=False)
    assert make_index().jobs.left() == ["b.md", "c.md"]
    index.jobs.cancel(["b.md"])
    assert make_index().jobs.left() == ["c.md"]


def test_a_removed_source_does_not_come_back(make_index: MakeIndex) -> None:
    index = make_index()
    put(index, [chunk("the weir", source="a.md")])
    index.jobs.begin(["a.md", "b.md"]).close(tidy=False)
    index.remove("a.md")
    assert make_index().jobs.left() == ["b.md"]


def test_assets_of_killed_jobs_are_swept_at_the_next_start(make_index: MakeIndex) -> None:
    index = make_index()
    job = index.jobs.begin(["a.md"])
    index.assets.put(b"pixels", ".png")
    make_index()
    assert len(list(index.assets.names())) == 1  # the job lives
    job.close(tidy=False)
    assert list(make_index().assets.names()) == []


def test_an_asset_that_another_program_removed_is_noticed(make_index: MakeIndex) -> None:
    index = make_index()
    asset = index.assets.put(b"pixels", ".png")
    element = Element(kind="image", picture=Picture(asset=asset, width=1, height=1))
    index.assets.remove(asset)
    with pytest.raises(AssetsGone, match=r"a\.md"):
        put(index, [chunk("the weir")], document(elements=[element]))
    assert agree(index)


def test_a_copy_of_an_upload_goes_with_its_source(make_index: MakeIndex) -> None:
    index = make_index()
    copy = index.uploads / "0123456789ab" / "notes.md"
    copy.parent.mkdir(parents=True)
    copy.write_text("the weir")
    assert index.jobs.left() == [str(copy)]  # kept, and then its program was killed
    put(index, [chunk("the weir", source=str(copy))])
    assert index.jobs.left() == []
    index.remove(str(copy))
    assert not copy.parent.exists()


def test_a_copy_that_could_not_be_taken_in_is_not_kept(make_index: MakeIndex) -> None:
    index = make_index()
    copy = index.uploads / "0123456789ab" / "bad.md"
    copy.parent.mkdir(parents=True)
    copy.write_text("")
    index.jobs.cancel([str(copy)])
    assert not copy.exists()


def test_files_that_are_no_copies_are_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "mine.md"
    mine.write_text("")
    remove_upload(str(mine), tmp_path / "data" / "uploads")
    assert mine.exists()


def test_an_unfinished_copy_is_swept_when_it_is_old(make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    index = make_index()
    draft = index.uploads / "0123456789ab" / ".draft-notes.md"
    draft.parent.mkdir(parents=True)
    draft.write_text("half")
    os.utime(draft, (1, 1))  # of the file it was copied from; says nothing
    make_index()
    assert draft.exists()
    monkeypatch.setattr("store.uploads.DRAFT_SECONDS", -1.0)
    make_index()
    assert not draft.exists()
