"""Every kind of disagreement is named and repaired; what agrees is left alone."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FakeEmbedder, agree, chunk, document, put, vector_ids

from records import Chunk, Element, Picture
from store.index import Index
from store.maintenance.doctor import check, repair
from text.embedded import embedded_text

MakeIndex = Callable[..., Index]


@pytest.fixture
def index(make_index: MakeIndex) -> Index:
    """Two sources: one with a picture and an original, one with words alone."""
    index = make_index()
    picture, original = index.assets.put(b"pixels", ".png"), index.assets.put(b"bytes", ".md")
    element = Element(kind="image", picture=Picture(asset=picture, width=1, height=1))
    whole = document("a.md", elements=[element], original=original)
    put(index, [chunk("the weir", picture=picture), chunk("the turbines", ordinal=1)], whole)
    put(index, [chunk("the roofs", source="b.md")])
    return index


def found(index: Index) -> dict[str, tuple[str, ...]]:
    return {fault.kind: fault.names for fault in check(index).faults}


def execute(index: Index, statement: str, *values: str) -> None:
    with sqlite3.connect(index.catalog.path) as db:
        db.execute(statement, values)
    db.close()


def test_a_sound_index_has_no_faults(index: Index) -> None:
    report = check(index)
    assert (report.sources, report.chunks, report.assets, report.waiting, report.faults) == (2, 3, 2, 0, ())


def lose_vector(index: Index) -> None:
    index.parts.vectors.delete(index.embedder.fingerprint, ["the weir"])


def add_vector(index: Index, one: Chunk, text: str) -> None:
    index.parts.vectors.upsert(index.embedder.fingerprint, [one], index.embedder.embed_documents([text]), {})


def stray_vector(index: Index) -> None:
    add_vector(index, chunk("nobody"), "nobody")


def old_vector(index: Index) -> None:
    (one,) = index.catalog.chunks(["the weir"]).values()
    add_vector(index, replace(one, page=7), embedded_text(one))


def lose_words(index: Index) -> None:
    index.parts.lexical.open().write(add=(), delete=["the weir"])


def stray_words(index: Index) -> None:
    index.parts.lexical.open().write(add=[chunk("nobody")], delete=())


def stray_asset(index: Index) -> None:
    index.assets.put(b"nobody", ".png")


def draft(index: Index) -> None:
    (next(index.assets.folder.glob("*")) / ".draft-x").write_bytes(b"half")


def stray_chunk(index: Index) -> None:
    execute(index, "INSERT INTO chunks SELECT 'stray', 'c.md', 0, record FROM chunks LIMIT 1")


@pytest.mark.parametrize(
    ("harm", "kinds"),
    [
        (lose_vector, {"missing vectors"}),
        (stray_vector, {"orphaned vectors"}),
        (old_vector, {"outdated vectors"}),
        (lose_words, {"not in the lexical index"}),
        (stray_words, {"orphans in the lexical index"}),
        (stray_asset, {"orphaned assets"}),
        (draft, {"orphaned assets"}),
        (stray_chunk, {"chunks do not match their source"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_fault_is_named_and_repaired(index: Index, harm: Callable[[Index], None], kinds: set[str]) -> None:
    harm(index)
    assert set(found(index)) == kinds
    before, after = repair(index)
    assert {fault.kind for fault in before.faults} == kinds
    assert after.faults == ()
    assert agree(index)
    assert [one.id for one, _ in index.lexical.search("weir", 5, scope=_everything())] == ["the weir"]
    assert index.dense.search("the weir", 1, scope=_everything())[0][0].id == "the weir"


def _everything():  # type: ignore[no-untyped-def]
    from records import Scope

    return Scope()


@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_a_source_that_lost_an_asset_waits_to_be_read_again(index: Index, harm: str) -> None:
    (picture,) = (name for name in index.catalog.assets() if name.endswith(".png"))
    path = index.assets.path(picture)
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(b"other")
    assert found(index) == {"missing assets" if harm == "gone" else "damaged assets": (picture,)}
    repair(index)
    assert index.jobs.left() == ["a.md"]
    known = index.catalog.fingerprint("a.md")
    assert known is not None
    assert known.content_hash == ""  # so that it is read although it has not changed


def test_damaged_words_are_written_anew(index: Index, make_index: MakeIndex) -> None:
    index.close()
    (index.folder / "words" / "meta.json").write_text("{")
    again = make_index()
    assert set(found(again)) == {"lexical index damaged"}
    assert repair(again)[1].faults == ()
    assert agree(again)


def test_removed_words_write_themselves(index: Index, make_index: MakeIndex) -> None:
    index.close()
    shutil.rmtree(index.folder / "words")
    assert agree(make_index())


def test_words_of_another_version_write_themselves(index: Index, make_index: MakeIndex) -> None:
    import tantivy

    index.close()
    shutil.rmtree(index.folder / "words")
    (index.folder / "words").mkdir()
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("other")
    tantivy.Index(builder.build(), path=str(index.folder / "words"))
    assert agree(make_index())


def test_another_embedder_is_named_and_its_vectors_are_made(index: Index, make_index: MakeIndex) -> None:
    other = make_index(embedder=FakeEmbedder())
    assert found(other) == {"vectors of another embedding model": ("the roofs", "the turbines", "the weir")}
    assert repair(other)[1].faults == ()
    assert agree(other)
    assert other.parts.vectors.spaces() == {other.embedder.fingerprint}  # the old one's are gone


def test_an_interrupted_change_of_embedder_leaves_each_source_in_one_space(index: Index, make_index: MakeIndex) -> None:
    other = make_index(embedder=FakeEmbedder())
    put(other, [chunk("the roofs", source="b.md")])
    assert found(other) == {"vectors of another embedding model": ("the turbines", "the weir")}
    assert vector_ids(index) == {"the turbines", "the weir"}


def test_assets_on_their_way_in_are_no_fault(index: Index) -> None:
    job = index.jobs.begin(["c.md"])
    index.assets.put(b"soon", ".png")
    report = check(index)
    assert (report.faults, report.waiting) == ((), 1)
    index.jobs.end(job)
    assert len(list(index.assets.names())) == 2  # nobody came to need it
    assert index.jobs.left() == ["c.md"]


def test_collections_of_two_indexes_on_one_server_are_apart(
    index: Index, make_index: MakeIndex, tmp_path: Path
) -> None:
    other = make_index(tmp_path / "other", embedder=index.embedder)
    put(other, [chunk("the fish pass", source="f.md")])
    assert check(index).faults == check(other).faults == ()
    assert vector_ids(other) == {"the fish pass"}
