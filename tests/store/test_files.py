"""Assets and the catalog: files by content, and what exists."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import chunk, fingerprint
from hypothesis import given
from hypothesis import strategies as st

from errors import StoreError
from records import Cell, Chunk, Loss, Source, Span, Table
from store.assets import Assets
from store.catalog import Catalog
from store.serialisation import dump_chunk, load_chunk


def test_an_asset_is_named_by_its_content_and_kept_once(tmp_path: Path) -> None:
    assets = Assets(tmp_path)
    name = assets.put(b"pixels", ".PNG")
    assert name == hashlib.sha256(b"pixels").hexdigest()[:40] + ".png"
    assert assets.put(b"pixels", ".png") == name
    assert assets.put(b"other") != name
    assert assets.read(name) == b"pixels"
    assert len(list(assets.names())) == 2
    assert [path.name for path in tmp_path.rglob(".draft*")] == []


def test_a_removed_asset_is_gone(tmp_path: Path) -> None:
    assets = Assets(tmp_path)
    name = assets.put(b"pixels", ".png")
    assets.remove(name)
    assets.remove(name)
    assert list(assets.names()) == []
    with pytest.raises(StoreError, match=name):
        assets.read(name)


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "a" * 39, "a" * 40 + "/x", "A" * 40, "a" * 40 + ".", "a" * 40 + "\n"]
)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match="not the name of an asset"):
        Assets(tmp_path).path(name)


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "assets").write_text("")
    with pytest.raises(StoreError, match="Cannot write to"):
        Assets(tmp_path / "assets").put(b"x")


def test_a_table_comes_back_as_it_was(tmp_path: Path) -> None:
    table = Table(
        cells=(
            Cell(row=0, col=0, text="“Größe” | \n", rowspan=2, bbox=(1.0, 2.5, 3.0, 4.0)),
            Cell(row=0, col=1, text="", colspan=2),
        ),
        n_rows=2,
        n_cols=3,
        header_rows=1,
        caption="Table 1",
    )
    assets = Assets(tmp_path)
    assert assets.read_table(assets.put_table(table)) == table


boxes = st.tuples(*[st.floats(-1e4, 1e4)] * 4)
chunks = st.builds(
    Chunk,
    id=st.text(),
    source=st.text(),
    kind=st.sampled_from(["text", "table", "image"]),
    text=st.text(),
    context=st.text(),
    section=st.lists(st.text(), max_size=3).map(tuple),
    page=st.integers(1, 10**6),
    bbox=st.none() | boxes,
    spans=st.lists(st.builds(Span, st.integers(0, 9), st.integers(0, 9), boxes), max_size=3).map(tuple),
    author=st.text(),
)


@given(chunks)
def test_a_chunk_comes_back_as_it_was(one: Chunk) -> None:
    assert load_chunk(dump_chunk(one)) == one


SOURCE = Source(
    source="a.md",
    kind="markdown",
    title="A",
    pages=1,
    chunks=2,
    when="2026",
    content_hash="h",
    losses=(Loss("x", "y"),),
)


def test_the_catalog_keeps_sources_chunks_and_assets(tmp_path: Path) -> None:
    path = tmp_path / "new" / "catalog.sqlite"
    catalog = Catalog(path)
    later, earlier = chunk("later", ordinal=1), chunk("earlier", ordinal=0)
    catalog.replace_source(SOURCE, [later, earlier], fingerprint("h", "5/6", "p"), ["b.png", "a.png", "b.png"], {})
    catalog.close()
    catalog = Catalog(path)
    assert catalog.sources() == [SOURCE]
    assert catalog.fingerprint("a.md") == fingerprint("h", "5/6", "p")
    assert catalog.chunk_ids("a.md") == ["earlier", "later"]
    assert catalog.chunks_of("a.md") == [earlier, later]
    assert catalog.chunks(["later", "unknown"]) == {"later": later}
    assert catalog.assets() == catalog.assets_of("a.md") == {"a.png", "b.png"}
    catalog.touch("a.md", "7/8")
    assert catalog.fingerprint("a.md") == fingerprint("h", "7/8", "p")
    catalog.remove_source("a.md")
    assert (catalog.sources(), catalog.chunks(["later"]), catalog.assets()) == ([], {}, set())
    assert catalog.fingerprint("a.md") is None
    assert catalog.chunk_ids("a.md") == []
    assert catalog.assets_of("a.md") == set()
    catalog.close()


def test_more_chunks_are_fetched_than_one_query_can_name(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    many = [chunk(f"{n}", ordinal=n) for n in range(2000)]
    catalog.replace_source(SOURCE, many, fingerprint(), [], {})
    assert len(catalog.chunks([one.id for one in many])) == 2000
    catalog.close()


def test_a_change_that_fails_changes_nothing(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    catalog.replace_source(SOURCE, [chunk("kept")], fingerprint(), [], {})
    twice = [chunk("new"), chunk("also new", id="new")]
    with pytest.raises(StoreError, match="could not be written"):
        catalog.replace_source(replace(SOURCE, title="B"), twice, fingerprint(), [], {})
    assert [source.title for source in catalog.sources()] == ["A"]
    assert catalog.chunk_ids("a.md") == ["kept"]
    catalog.begin(["still", "writable"])
    catalog.begin(["still"])
    assert sorted(catalog.journal()) == ["still", "writable"]
    catalog.finish()
    assert catalog.journal() == []
    catalog.close()


def test_a_catalog_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    catalog = Catalog(path)
    catalog.set_meta("schema", "999")
    catalog.close()
    with pytest.raises(StoreError, match="schema 999"):
        Catalog(path)


def test_a_file_that_is_no_catalog_is_named(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(b"This is no database. " * 100)
    with pytest.raises(StoreError, match=r"catalog\.sqlite cannot be opened"):
        Catalog(path)


def test_a_reader_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    catalog = Catalog(path)
    catalog.replace_source(SOURCE, [chunk("kept")], fingerprint(), [], {})
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM chunks")
    assert catalog.chunk_ids("a.md") == ["kept"]
    writer.execute("ROLLBACK")
    writer.close()
    catalog.close()
