"""Folders of other versions, full disks and disks that cannot be written to: a clear word, and nothing broken."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from fakes import FakeEmbedder, agree, chunk, put, settings_at

from errors import StoreError
from records import Access, Scope
from store.catalog import Catalog
from store.index import Index
from store.maintenance.doctor import check
from store.schema import SCHEMA_VERSION
from store.vectors.server import connect, parse_url

MakeIndex = Callable[..., Index]
VERSION_1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE sources (
    source TEXT PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, pages INTEGER NOT NULL, chunks INTEGER NOT NULL,
    whenever TEXT NOT NULL, content_hash TEXT NOT NULL, original TEXT NOT NULL, losses TEXT NOT NULL,
    stamp TEXT NOT NULL, parser TEXT NOT NULL, assets TEXT NOT NULL);
CREATE TABLE chunks (id TEXT PRIMARY KEY, source TEXT NOT NULL, ordinal INTEGER NOT NULL, record TEXT NOT NULL);
CREATE INDEX chunks_of_source ON chunks (source, ordinal);
CREATE TABLE journal (id TEXT PRIMARY KEY);
INSERT INTO meta VALUES ('schema', '1');
INSERT INTO sources VALUES ('a.md', 'markdown', 'A', 1, 0, '2026', 'h', '', '[]', '5/6', 'p', '[]');
"""


def test_a_catalog_of_version_1_opens_and_is_used(make_index: MakeIndex, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    old = sqlite3.connect(tmp_path / "data" / "catalog.sqlite")
    old.executescript(VERSION_1)
    old.close()
    index = make_index()
    assert [source.title for source in index.catalog.sources()] == ["A"]
    put(index, [chunk("the weir", source="b.md")])
    assert index.remove("a.md")
    assert agree(index)
    assert index.catalog.meta("schema") == str(SCHEMA_VERSION)


VERSION_3 = """
ALTER TABLE sources ADD COLUMN space TEXT NOT NULL DEFAULT '';
UPDATE sources SET space = (SELECT key FROM embedded e WHERE e.source = sources.source);
DROP TABLE embedded;
DROP TABLE names;
DROP TABLE removed;
DROP TABLE removed_vectors;
UPDATE meta SET value = '3' WHERE key = 'schema';
"""


def test_a_catalog_of_version_3_keeps_its_sources_and_their_vectors(make_index: MakeIndex, chroma_url: str) -> None:
    index = make_index()
    put(index, [chunk("the weir")])
    put(index, [chunk("the roofs", source="b.md")])
    index.catalog.set_access("a.md", Access(("law",), "bob"))
    before = index.catalog.sources()
    space, name = index.embedder.fingerprint, index.catalog.meta("index")
    assert connect(parse_url(chroma_url)).get_collection(f"chunks-{space}-{name}").count() == 2
    path = index.catalog.path
    index.close()
    with closing(sqlite3.connect(path)) as old:
        old.executescript(VERSION_3)
    index.embedder.embedded.clear()  # type: ignore[attr-defined]
    again = make_index()
    assert again.catalog.sources() == before
    assert again.catalog.keys() == {("a.md", "text"): space, ("b.md", "text"): space}
    assert check(again).faults == ()
    assert agree(again)
    assert again.embedder.embedded == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("version", [str(SCHEMA_VERSION + 1), "999", "x"])
def test_a_newer_catalog_is_refused_and_left_as_it_is(tmp_path: Path, version: str) -> None:
    path = tmp_path / "catalog.sqlite"
    catalog = Catalog(path)
    catalog.set_meta("schema", version)
    catalog.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=f"newer version of this program .schema {version}") as raised:
        Catalog(path)
    assert "Update this program" in str(raised.value)
    assert path.read_bytes() == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("a disk of its own cannot be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def opened(folder: Path) -> Index:
    return Index(settings_at(folder), FakeEmbedder("space"))  # type: ignore[arg-type]


def fill(folder: Path) -> Path:
    """Takes all room but a few bytes."""
    path = folder / "filler"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT)
    for size in (1 << 20, 1 << 12, 1 << 6, 1):
        with suppress(OSError):
            while True:
                os.write(handle, b"\0" * size)
    os.close(handle)
    return path


def test_a_full_disk_is_named_and_breaks_nothing(small_disk: Path) -> None:
    with opened(small_disk) as index:
        put(index, [chunk("the weir", source="a.md")])
        filler = fill(small_disk)
        with pytest.raises(StoreError, match=r"space|full|disk|Cannot write"):
            for number in range(50):
                index.assets.put(b"picture" * 1000, ".png")
                put(index, [chunk(f"note {number} {part}" * 50, source=f"{number}.md") for part in range(20)])
        with pytest.raises(StoreError):
            index.assets.put(bytes(100_000), ".png")
        assert [one.id for one, _ in index.lexical.search("weir", 5, Scope())] == ["the weir"]  # asking goes on
        assert [one.id for one, _ in index.dense.search("weir", 1, Scope())] == ["the weir"]
        filler.unlink()
        put(index, [chunk("the roofs", source="b.md")])
    with opened(small_disk) as index, index.recovery.writing():
        index.recovery.sweep()
        assert agree(index)
        assert {"a.md", "b.md"} <= {source.source for source in index.catalog.sources()}


def test_a_disk_that_cannot_be_written_to_is_named_and_breaks_nothing(small_disk: Path) -> None:
    with opened(small_disk) as index:
        put(index, [chunk("the weir", source="a.md")])
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(StoreError, match=rf"{small_disk}.*(?:read|write|open)"), opened(small_disk) as index:
        put(index, [chunk("the roofs", source="b.md")])
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    with opened(small_disk) as index:
        put(index, [chunk("the roofs", source="b.md")])
        assert agree(index)
