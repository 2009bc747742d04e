"""Two machines with one catalog in PostgreSQL, one Chroma server and one shared folder: each sees what the other does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FakeEmbedder, chunk, document, fingerprint, settings_at

from config import Settings
from errors import SettingsError
from records import OPERATOR, Access, Scope
from store.database.chunk_changes import ChunkChanges
from store.index import Index
from store.maintenance import doctor

WITHIN = 5.0  # seconds on a busy machine; half a second on a quiet one
Opener = Callable[[str], Index]


@pytest.fixture
def machine(tmp_path: Path, chroma_url: str, catalog_url: str) -> Iterator[Opener]:
    """Opens the store on the machine of a name, with a data folder of its own."""
    embedder, opened = FakeEmbedder(), []

    def open_on(name: str) -> Index:
        settings = replace(
            settings_at(tmp_path / name, chroma_url), catalog_url=catalog_url, shared_dir=str(tmp_path / "shared")
        )
        opened.append(Index(settings, embedder))
        return opened[-1]

    yield open_on
    for index in opened:
        index.close()


def put(index: Index, source: str, *texts: str) -> None:
    chunks = [chunk(text, source=source, ordinal=n) for n, text in enumerate(texts)]
    index.put(document(source), chunks, fingerprint(), "2026-01-01T00:00:00+00:00")


def words(index: Index, question: str) -> list[str]:
    return [found.id for found, _ in index.lexical.search(question, 5, Scope(principal=OPERATOR))]


def nearest(index: Index, question: str) -> list[str]:
    return [found.id for found, _ in index.dense.search(question, 5, Scope(principal=OPERATOR))]


def soon(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + WITHIN
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_each_sees_what_the_other_writes_and_removes(machine: Opener) -> None:
    one, other = machine("one"), machine("other")
    put(one, "a.md", "the weir is high", "turbines turn")
    assert words(one, "weir") == nearest(one, "weir")[:1] == ["the weir is high"]  # at once, where it was written
    assert nearest(other, "weir")[:1] == ["the weir is high"]
    assert soon(lambda: words(other, "weir") == ["the weir is high"])
    put(other, "a.md", "turbines turn", "the dam is low")
    assert soon(lambda: words(one, "dam") == ["the dam is low"])
    assert words(one, "weir") == []
    assert one.remove("a.md")
    assert soon(lambda: other.parts.lexical.open().ids() == [])
    assert nearest(other, "turbines") == []
    put(one, "b.md", "sluices slide")
    third = machine("third")  # which comes later
    assert words(third, "sluices") == ["sluices slide"]
    assert [doctor.check(index).faults for index in (one, third)] == [(), ()]


def test_readers_named_on_one_count_on_the_other(machine: Opener) -> None:
    one, other = machine("one"), machine("other")
    put(one, "a.md", "the weir is high")
    guest = replace(OPERATOR, everything=False, name="guest")
    assert soon(lambda: len(other.lexical.search("weir", 5, Scope(principal=guest))) == 1)
    one.catalog.set_access("a.md", Access(("finance",)))
    assert other.lexical.search("weir", 5, Scope(principal=guest)) == []
    assert other.dense.search("weir", 5, Scope(principal=guest)) == []


def test_one_writes_at_a_time_and_whoever_dies_lets_go(machine: Opener) -> None:
    one, other = machine("one"), machine("other")
    with one.parts.write_lock.if_free() as free, other.parts.write_lock.if_free() as also:
        assert (free, also) == (True, False)
    with other.parts.write_lock.if_free() as free:
        assert free
    job = one.jobs.begin(["a.md"])
    assert other.jobs.left() == []  # the other machine is at it
    assert other.parts.job_files.dead() == ([], True)
    job._held.close()  # as when its program is killed
    assert other.jobs.left() == ["a.md"]
    stray = other.assets.put(b"left by it", ".png")
    other.recovery.repair_if_idle()
    assert (list(other.assets.names()), other.parts.job_files.exist()) == ([], False), stray


def test_who_was_away_for_long_reads_the_catalog_whole(machine: Opener, catalog_url: str) -> None:
    one = machine("one")
    put(one, "a.md", "the weir is high")
    with closing(machine("other")):
        pass
    for text in ("the dam is low", "sluices slide"):
        put(one, "a.md", text)
    changes = ChunkChanges(catalog_url)
    assert changes.since(0, 2) == (["the weir is high"], 2)  # it came, and it went for the next
    changes.forget(1)
    assert changes.since(0, 10) is None
    assert changes.since(changes.last() + 1, 10) is None
    again = machine("other")
    assert again.parts.lexical.open().ids() == ["sluices slide"]


def test_a_shared_catalog_needs_a_shared_chroma(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="CHROMA_URL"):
        Index(Settings(data_dir=tmp_path, catalog_url="postgresql:///x"), FakeEmbedder())
