"""A git folder is kept in step by what is committed: blobs tell changes, and moves keep what they have."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import FakeEmbedder, settings_at

from config import Settings
from errors import FetchError
from ingest.connectors.base import Selection
from ingest.connectors.git import Git
from ingest.connectors.listing import listing_of
from ingest.connectors.registry import read_source
from ingest.sync.run import run_sync
from ingest.workers import Workers
from store.index import Index
from store.syncs import Sync, SyncRun, Syncs


class Repository:
    """A repository on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch", "main")

    def git(self, *arguments: str) -> None:
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *arguments], cwd=self.folder, check=True, capture_output=True)

    def commit(self, files: dict[str, str] | None = None) -> None:
        for name, text in (files or {}).items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "x")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "plans")
    made.commit(
        {
            "docs/weir.md": "# Weir\n\nIt was built in 1931.\n",
            "docs/old/gate.md": "# Gate\n\nIt is shut.\n",
            "a.py": "x = 1\n",
        }
    )
    return made


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with Index(settings_at(tmp_path / "data"), FakeEmbedder()) as one:
        yield one


def test_changes_moves_and_deletions_are_told_by_what_is_committed(repository: Repository, index: Index) -> None:
    place = f"git+file://{repository.folder}//docs"
    syncs = Syncs(index.settings.data_dir)
    syncs.define(Sync(name="plans", location=place))

    def run() -> SyncRun:
        state = syncs.state("plans")
        assert state is not None
        with Workers(index.settings) as workers:
            return run_sync(index, workers, syncs, state)

    first = run()
    assert (first.error, first.listed, first.added) == ("", 2, 2)
    root = f"git+file://{repository.folder}//docs"
    assert {one.source: one.title for one in index.catalog.sources()} == {
        f"{root}/weir.md": "Weir",
        f"{root}/old/gate.md": "Gate",
    }
    embedded = list(index.catalog.chunks_of(f"{root}/old/gate.md"))
    (repository.folder / "docs" / "weir.md").write_text("# Weir\n\nIt leaks.\n", encoding="utf-8")
    assert run().unchanged == 2  # not committed yet
    repository.git("mv", "docs/old/gate.md", "docs/gate.md")
    repository.commit()
    second = run()
    assert (second.error, second.changed, second.moved, second.removed, second.added) == ("", 1, 1, 0, 0)
    assert [one.text for one in index.catalog.chunks_of(f"{root}/gate.md")] == [one.text for one in embedded]
    repository.git("rm", "--quiet", "docs/weir.md")
    repository.commit()
    assert run().removed == 1


def test_patterns_refs_links_and_hidden_files(repository: Repository, tmp_path: Path) -> None:
    repository.git("tag", "v1")
    (repository.folder / "docs" / "passwords.md").symlink_to("/etc/passwd")
    repository.commit({"docs/new.md": "new", ".hidden.md": "hidden", "docs/draft.md": "draft"})
    settings = Settings(data_dir=tmp_path / "data")

    def names(place: str, selection: Selection) -> list[str]:
        return [one.source.rpartition("//")[2] for one in Git().list_place(place, selection, settings)]

    here = f"git+file://{repository.folder}"
    markdown = Selection(frozenset({".md"}), exclude=("draft.*",))
    assert names(here, markdown) == ["docs/new.md", "docs/old/gate.md", "docs/weir.md"]
    assert names(f"{here}//docs", Selection(frozenset({".md"}), include=("old/*",))) == ["docs/old/gate.md"]
    assert names(f"{here}@v1", markdown) == ["docs/old/gate.md", "docs/weir.md"]
    assert read_source(f"{here}@v1//docs/weir.md", settings).data.startswith(b"# Weir")
    with pytest.raises(FetchError, match="git says"):
        read_source(f"{here}@v1//docs/new.md", settings)
    with pytest.raises(FetchError, match="too large"):
        read_source(f"{here}//docs/weir.md", Settings(data_dir=tmp_path, max_source_bytes=5))


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("git+https://127.0.0.1/plans.git", "not on the public internet"),
        ("git+https://ada:secret@example.org/plans.git", "SYNC_CREDENTIALS"),
        ("git+file:///nowhere/plans", "git says"),
        ("git+file:///plans@--upload-pack=x", "names no branch"),
    ],
)
def test_what_a_repository_may_not_be(place: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=why):
        listing_of(place, Selection(), Settings(data_dir=tmp_path))


def test_an_unchanged_blob_has_an_unchanged_version(repository: Repository, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    here = f"git+file://{repository.folder}"
    before = {one.source: one.version for one in Git().list_place(here, Selection(), settings)}
    repository.commit({"docs/weir.md": "other"})
    after = {one.source: one.version for one in Git().list_place(here, Selection(), settings)}
    assert {source for source in before if before[source] != after[source]} == {f"{here}//docs/weir.md"}
