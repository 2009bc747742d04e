"""A backup brought back answers as the index did; what is no backup of ours brings nothing in."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import agree, chunk, document, put

from errors import StoreError
from records import Element, Picture, Scope
from store.conversations import Conversations
from store.index import Index
from store.maintenance import backup
from store.notices import Notices, Rule
from store.syncs import Sync, Syncs

MakeIndex = Callable[..., Index]
QUESTIONS = ["weir", "turbine 3", "the roofs of the quay", "nothing of the kind"]


@pytest.fixture
def index(make_index: MakeIndex) -> Index:
    index = make_index()
    for number in range(5):
        picture = index.assets.put(b"pixels %d" % number, ".png")
        element = Element(kind="image", picture=Picture(asset=picture, width=1, height=1))
        chunks = [
            chunk(f"the weir and turbine {number} {part}", source=f"{number}.md", ordinal=part, picture=picture)
            for part in range(3)
        ]
        put(index, chunks, document(f"{number}.md", elements=[element]))
    return index


def answers(index: Index) -> list[object]:
    found: list[object] = []
    for question in QUESTIONS:
        found.append(index.lexical.search(question, 20, Scope()))
        found.append([(one, round(score, 5)) for one, score in index.dense.search(question, 20, Scope())])
    return found


def bring(make_index: MakeIndex, folder: Path, file: Path, like: Index) -> Index:
    other = make_index(folder, embedder=like.embedder)
    backup.load(other, file)
    return other


def test_a_round_trip_gives_the_same_answers(index: Index, make_index: MakeIndex, tmp_path: Path) -> None:
    (index.folder / "feedback.jsonl").write_text('{"said": 1}\n')
    manifest = backup.save(index, tmp_path / "b.zip")
    assert (manifest["sources"], manifest["assets"], manifest["vectors"]) == (5, 5, {index.embedder.fingerprint: 15})
    other = bring(make_index, tmp_path / "other", tmp_path / "b.zip", index)
    assert answers(other) == answers(index)
    assert other.catalog.sources() == index.catalog.sources()
    assert agree(other)
    assert (other.folder / "feedback.jsonl").read_text() == '{"said": 1}\n'
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_an_index_that_holds_something_is_not_overwritten(index: Index, tmp_path: Path) -> None:
    backup.save(index, tmp_path / "b.zip")
    with pytest.raises(StoreError, match="holds 5 sources"):
        backup.load(index, tmp_path / "b.zip")
    assert agree(index)


def altered(file: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file


@pytest.mark.parametrize(
    "name",
    [
        "../out.png",
        "/etc/out",
        "assets/../../out",
        "assets/" + "a" * 39,
        "vectors/../x.npy",
        "assets\\..\\out",
        "x.json",
    ],
)
def test_no_name_leads_out_of_the_folder(index: Index, make_index: MakeIndex, tmp_path: Path, name: str) -> None:
    backup.save(index, tmp_path / "b.zip")
    altered(tmp_path / "b.zip", lambda members: members.update({name: b"x"}))
    with pytest.raises(StoreError, match="no backup does"):
        bring(make_index, tmp_path / "in" / "other", tmp_path / "b.zip", index)
    assert not list(tmp_path.rglob("out*"))


def lie(members: dict[str, bytes]) -> None:
    name = next(name for name in members if name.startswith("assets/"))
    members[name] = b"other content"


def lose(members: dict[str, bytes]) -> None:
    del members[next(name for name in members if name.startswith("assets/"))]


def newer(members: dict[str, bytes]) -> None:
    members["manifest.json"] = json.dumps({"format": 99}).encode()


def cut_catalog(members: dict[str, bytes]) -> None:
    members["catalog.sqlite"] = members["catalog.sqlite"][:3000]


def bad_vectors(members: dict[str, bytes]) -> None:
    members[next(name for name in members if name.endswith(".npy"))] = b"no numbers"


def no_manifest(members: dict[str, bytes]) -> None:
    del members["manifest.json"]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lie, "has another content"),
        (lose, "is not in it"),
        (newer, "newer version"),
        (cut_catalog, "catalog"),
        (bad_vectors, "cannot be read"),
        (no_manifest, "manifest.json is not in it"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_damaged_backup_is_named_and_leaves_nothing(
    index: Index, make_index: MakeIndex, tmp_path: Path, change: Callable[[dict[str, bytes]], None], word: str
) -> None:
    backup.save(index, tmp_path / "b.zip")
    altered(tmp_path / "b.zip", change)
    with pytest.raises(StoreError, match=word):
        bring(make_index, tmp_path / "other", tmp_path / "b.zip", index)
    again = make_index(tmp_path / "other", embedder=index.embedder)
    assert again.catalog.sources() == []
    assert agree(again)


def test_what_is_no_zip_is_named(make_index: MakeIndex, tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_bytes(b"no zip")
    with pytest.raises(StoreError, match=r"b\.zip is damaged or no backup"):
        backup.load(make_index(), tmp_path / "b.zip")
    with pytest.raises(StoreError, match="could not be brought back"):
        backup.load(make_index(), tmp_path / "absent.zip")


def test_a_backup_that_cannot_be_written_is_named(index: Index, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="could not be written"):
        backup.save(index, tmp_path / "absent" / "b.zip")


def test_conversations_and_syncs_come_back_with_those_who_may_read_them(
    index: Index, make_index: MakeIndex, tmp_path: Path
) -> None:
    kept, syncs, notices = Conversations(index.folder), Syncs(index.folder), Notices(index.folder)
    kept.begin("user:ada", "The weir")
    syncs.define(Sync(name="papers", location="s3://papers/board", groups=("board",)))
    notices.define(Rule(name="weir", kind="words", text="weir", groups=("board",)), {"0.md": "h"})
    backup.save(index, tmp_path / "b.zip")
    other = bring(make_index, tmp_path / "other", tmp_path / "b.zip", index).folder
    assert [one.name for one in Conversations(other).all("user:ada")] == ["The weir"]
    assert Conversations(other).all("user:bo") == []
    assert Syncs(other).all() == syncs.all()
    assert (Notices(other).rules(), Notices(other).seen("weir")) == (notices.rules(), {"0.md": "h"})


def test_a_damaged_database_beside_the_catalog_is_not_brought_in(
    index: Index, make_index: MakeIndex, tmp_path: Path
) -> None:
    backup.save(index, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip", "a") as archive:
        archive.writestr("conversations.sqlite", b"no database" * 100)
    with pytest.raises(StoreError, match=r"damaged: its conversations\.sqlite"):
        bring(make_index, tmp_path / "other", tmp_path / "b.zip", index)
    assert not (tmp_path / "other" / "conversations.sqlite").exists()
