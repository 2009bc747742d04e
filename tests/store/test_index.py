"""The store as one thing: what is put, replaced and removed, and what a crash in between leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEmbedder, agree, chunk, document, fingerprint, put, settings_at, text, vector_ids

from errors import StoreError
from records import Chunk, Document, Element, Loss, Picture, Scope
from store.index import Index
from store.new_document import NewDocument

EVERYTHING = Scope()
MakeIndex = Callable[..., Index]


def version(index: Index, number: int) -> tuple[Document, list[Chunk]]:
    """One of two versions of a document: a chunk and a picture that stay, and one of each that changes."""
    kept, changed, original, whole = (
        index.assets.put(data, suffix)
        for data, suffix in (
            (b"kept", ".png"),
            (b"changed %d" % number, ".png"),
            (b"original %d" % number, ".pdf"),
            (b"[%d]" % number, ".json"),
        )
    )
    elements = [
        Element(kind="image", picture=Picture(asset=asset, width=1, height=1), page=1) for asset in (kept, changed)
    ]
    chunks = [
        chunk("the weir stays", id="stays", ordinal=0),
        chunk(f"turbine number {number}", id=f"v{number}", ordinal=1, table=whole, picture=changed),
    ]
    return document(elements=elements, original=original), chunks


def put_version(index: Index, number: int) -> None:
    doc, chunks = version(index, number)
    put(index, chunks, doc)


def sweep(index: Index) -> None:
    with index.recovery.writing():
        index.recovery.sweep()


def ids(ranking: list[tuple[Chunk, float]]) -> list[str]:
    return [one.id for one, _ in ranking]


def test_what_is_put_is_found_both_ways_as_it_was_put(make_index: MakeIndex) -> None:
    index = make_index()
    doc, chunks = version(index, 1)
    source = index.put(doc, chunks, fingerprint("abc"), "2026-01-02T03:04:05+00:00")
    assert index.dense.search("turbine", 1, EVERYTHING)[0][0] == chunks[1]
    assert ids(index.lexical.search("turbine", 5, EVERYTHING)) == ["v1"]
    assert index.catalog.sources() == [source]
    assert (source.chunks, source.content_hash, source.original) == (2, "abc", doc.original)
    assert agree(index)


def test_several_documents_are_put_as_each_by_itself(make_index: MakeIndex) -> None:
    index = make_index()
    put_version(index, 1)
    doc, chunks = version(index, 2)
    other = chunk("the roofs of the quay", source="b.md")
    entries = [NewDocument(doc, chunks, fingerprint("abc")), NewDocument(document("b.md"), [other], fingerprint("def"))]
    sources = index.put_all(entries, "2026-01-02T03:04:05+00:00")
    assert [(source.source, source.chunks, source.content_hash) for source in sources] == [
        ("a.md", 2, "abc"),
        ("b.md", 1, "def"),
    ]
    assert index.catalog.sources() == sources
    assert index.catalog.chunk_ids("a.md") == ["stays", "v2"]
    assert ids(index.lexical.search("quay", 5, EVERYTHING)) == [other.id]
    assert agree(index)
    assert index.put_all([], "2026") == []


def test_a_new_version_replaces_the_old_one_whole(make_index: MakeIndex) -> None:
    index = make_index()
    put_version(index, 1)
    put_version(index, 2)
    assert index.catalog.chunk_ids("a.md") == ["stays", "v2"]
    assert ids(index.lexical.search("turbine", 5, EVERYTHING)) == ["v2"]
    assert agree(index)
    assert len(list(index.assets.names())) == 4


def test_putting_unchanged_chunks_embeds_nothing(make_index: MakeIndex) -> None:
    embedder = FakeEmbedder()
    index = make_index(embedder=embedder)
    put_version(index, 1)
    embedder.embedded.clear()
    put_version(index, 1)
    assert embedder.embedded == []
    put_version(index, 2)
    assert embedder.embedded == ["turbine number 2"]


def test_an_unchanged_chunk_takes_on_its_new_place(make_index: MakeIndex) -> None:
    index = make_index()
    put(index, [chunk("weir", ordinal=0)])
    put(index, [chunk("roofs", ordinal=0), chunk("weir", ordinal=1)])
    assert [one.ordinal for one in index.catalog.chunks_of("a.md")] == [0, 1]


def test_a_removed_source_leaves_nothing_behind(make_index: MakeIndex) -> None:
    index = make_index()
    put_version(index, 1)
    assert index.remove("a.md") is True
    assert index.remove("a.md") is False
    assert (vector_ids(index), index.parts.lexical.open().ids(), list(index.assets.names())) == (set(), [], [])
    assert index.catalog.sources() == []
    assert agree(index)


def test_an_asset_that_another_source_uses_stays(make_index: MakeIndex) -> None:
    index = make_index()
    shared = index.assets.put(b"logo", ".png")
    put(index, [chunk("one", source="a.md", picture=shared)])
    put(index, [chunk("two", source="b.md", picture=shared)])
    sweep(index)
    index.remove("a.md")
    assert list(index.assets.names()) == [shared]
    index.remove("b.md")
    assert list(index.assets.names()) == []


def test_losses_are_kept_with_the_source(make_index: MakeIndex, tmp_path: Path) -> None:
    losses = (Loss("page 12", "could not be read"),)
    put(make_index(), [chunk("weir")], document(losses=losses))
    assert make_index().catalog.sources()[0].losses == losses


def test_a_document_without_chunks_is_a_source(make_index: MakeIndex) -> None:
    index = make_index()
    index.put(document(elements=[text("x")]), [], fingerprint(), "2026")
    assert [source.chunks for source in index.catalog.sources()] == [0]
    assert agree(index)


def test_an_index_opened_again_answers_as_before(make_index: MakeIndex) -> None:
    put_version(make_index(), 1)
    again = make_index()
    assert ids(again.lexical.search("turbine", 5, EVERYTHING)) == ["v1"]
    assert ids(again.dense.search("turbine", 1, EVERYTHING)) == ["v1"]


def test_what_the_catalog_does_not_name_is_not_shown(make_index: MakeIndex) -> None:
    index = make_index()
    put_version(index, 1)
    stray = chunk("turbine of nobody", id="stray")
    index.parts.vectors.upsert(index.embedder.fingerprint, [stray], index.embedder.embed_documents([stray.text]), {})
    index.parts.lexical.open().write(add=[stray], delete=())
    assert ids(index.lexical.search("turbine", 5, EVERYTHING)) == ["v1"]
    assert set(ids(index.dense.search("turbine", 5, EVERYTHING))) == {"v1", "stays"}


# --- a write that ends in the middle ---------------------------------------------------------------------------------

STEPS_OF_PUT = [
    ("catalog", "begin", 1),
    ("vectors", "upsert", 1),
    ("words", "write", 1),
    ("catalog", "replace_source", 1),
    ("vectors", "delete", 1),
    ("words", "write", 2),
    ("assets", "remove", 1),
    ("catalog", "finish", 1),
]
STEPS_OF_REMOVE = [
    ("catalog", "begin", 1),
    ("catalog", "remove_source", 1),
    ("vectors", "delete", 1),
    ("words", "write", 1),
    ("assets", "remove", 2),
    ("catalog", "finish", 1),
]


class PowerCut(Exception):
    """Stands for whatever ends a process."""


def cut_power(monkeypatch: pytest.MonkeyPatch, index: Index, part: str, method: str, call: int, after: bool) -> None:
    """Lets the ``call``-th call of a store's method fail, before it does its work or after."""
    parts = index.parts
    kind = type(
        {"catalog": parts.catalog, "vectors": parts.vectors, "words": parts.lexical.open(), "assets": parts.assets}[
            part
        ]
    )
    real = getattr(kind, method)
    calls = []

    def failing(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        if len(calls) != call:
            return real(*args, **kwargs)
        if after:
            real(*args, **kwargs)
        raise PowerCut

    monkeypatch.setattr(kind, method, failing)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("part", "method", "call"), STEPS_OF_PUT, ids=lambda value: str(value))
def test_a_put_cut_off_leaves_the_old_or_the_new_version(
    make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch, part: str, method: str, call: int, after: bool
) -> None:
    index = make_index()
    put_version(index, 1)
    doc, chunks = version(index, 2)
    with monkeypatch.context() as patched:
        cut_power(patched, index, part, method, call, after)
        with pytest.raises(PowerCut):
            put(index, chunks, doc)
    before_begin = (part, method, after) == ("catalog", "begin", False)
    switched = STEPS_OF_PUT.index((part, method, call)) + after > STEPS_OF_PUT.index(("catalog", "replace_source", 1))
    reopened = make_index()
    assert reopened.catalog.chunk_ids("a.md") == (["stays", "v2"] if switched else ["stays", "v1"])
    if before_begin:
        sweep(reopened)
    assert agree(reopened)
    put_version(reopened, 2)
    assert reopened.catalog.chunk_ids("a.md") == ["stays", "v2"]
    assert all(reopened.assets.read(name) for name in reopened.catalog.assets())
    assert agree(reopened)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("part", "method", "call"), STEPS_OF_REMOVE, ids=lambda value: str(value))
def test_a_removal_cut_off_has_happened_or_not(
    make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch, part: str, method: str, call: int, after: bool
) -> None:
    index = make_index()
    put_version(index, 1)
    with monkeypatch.context() as patched:
        cut_power(patched, index, part, method, call, after)
        with pytest.raises(PowerCut):
            index.remove("a.md")
    switched = STEPS_OF_REMOVE.index((part, method, call)) + after > 1
    reopened = make_index()
    assert reopened.catalog.chunk_ids("a.md") == ([] if switched else ["stays", "v1"])
    assert agree(reopened)
    assert reopened.remove("a.md") is not switched
    assert list(reopened.assets.names()) == []
    assert agree(reopened)


def test_a_write_after_a_failed_one_needs_no_new_start(make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second try stores its assets before it learns that the first left some: they must survive."""
    index = make_index()
    with monkeypatch.context() as patched:
        cut_power(patched, index, "words", "write", 1, False)
        with pytest.raises(PowerCut):
            put_version(index, 1)
    put_version(index, 1)
    assert index.assets.read(index.catalog.sources()[0].original) == b"original 1"
    assert agree(index)


def test_opening_while_a_writer_is_at_work_leaves_its_journal_alone(make_index: MakeIndex) -> None:
    from store.locks import exclusive

    index = make_index()
    put_version(index, 1)
    with exclusive(index.folder / "write.lock"):
        index.catalog.begin(["half done"])
        assert make_index().catalog.journal() == ["half done"]
    assert make_index().catalog.journal() == []


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    with (
        Index(settings_at(tmp_path, "http://127.0.0.1:9"), FakeEmbedder()) as index,  # type: ignore[arg-type]
        pytest.raises(StoreError, match=r"127\.0\.0\.1:9"),
    ):
        index.dense.search("weir", 1, EVERYTHING)


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreError, match="--data-dir"):
        Index(settings_at(tmp_path / "file" / "data"), FakeEmbedder())  # type: ignore[arg-type]


def test_closing_twice_is_harmless(make_index: MakeIndex) -> None:
    index = make_index()
    put_version(index, 1)
    index.close()
    index.close()
    assert agree(make_index())  # and what it held is there
