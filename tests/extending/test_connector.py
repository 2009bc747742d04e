"""A place from outside the package: its sources are listed, read once and again when they changed, found and cited."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from blocks import module
from fakes import FakeEmbedder, agree, settings_at

from chains.pipeline import build
from ingest.__main__ import main
from ingest.connectors.registry import CONNECTORS
from ingest.expand import expand
from ingest.pipeline import ingest
from ingest.workers import Loaded, Workers
from records import OPERATOR, Scope, Turn
from store.index import Index

MAY, JUNE = "memory://minutes/may", "memory://minutes/june"


@pytest.fixture
def texts(tmp_path: Path) -> Iterator[dict[str, str]]:
    """What is in memory, while there is a connector for it."""
    with module("Add a place where sources come from", "memory_place", tmp_path):
        memory: Any = CONNECTORS["memory"]
        yield memory.texts
        CONNECTORS.pop("memory")


class Idle(Workers):
    """Workers that must not be needed."""

    def load(self, source: str, known_hash: str) -> Loaded:
        raise AssertionError(f"{source} was read")


def test_its_sources_are_taken_in_found_and_cited(texts: dict[str, str], tmp_path: Path, chroma_url: str) -> None:
    settings = settings_at(tmp_path / "data", chroma_url, workers=1)
    with Index(settings, FakeEmbedder()) as index, Workers(settings) as workers:  # type: ignore[arg-type]

        def status(source: str, workers: Workers = workers) -> str:
            (outcome,) = ingest(index, [source], workers=workers)
            return outcome.status

        assert expand(["memory://minutes/"]) == ([MAY], [])
        assert status(MAY) == "added"
        assert agree(index)
        turn = build(index, settings).invoke(
            Turn(question="Who repaired the harbour crane?", scope=Scope(principal=OPERATOR))
        )
        assert "Ines Olsen" in turn.answer
        assert {citation.chunk.source for citation in turn.citations} == {MAY}
        assert status(MAY, Idle(settings)) == "unchanged"
        texts[MAY] += " It holds."
        assert status(MAY) == "updated"
        assert status(JUNE) == "failed"


def test_the_command_takes_links_of_its_scheme(
    texts: dict[str, str],
    tmp_path: Path,
    chroma_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("store.spaces.embedder_for", lambda *_: FakeEmbedder("memory"))
    monkeypatch.setenv("CHROMA_URL", chroma_url)
    monkeypatch.setenv("INGEST_WORKERS", "1")
    (tmp_path / "list.txt").write_text(f"{MAY}\n{JUNE}\n")
    data = ["--data-dir", str(tmp_path / "data"), "--json"]
    assert main([f"@{tmp_path / 'list.txt'}", *data]) == 1
    summary = json.loads(capsys.readouterr().out)
    assert (summary["added"], summary["kinds"]) == (1, {"markdown": 1})
    assert summary["failed"] == [{"source": JUNE, "reason": f"There is no {JUNE}."}]
    assert main(["--remove", MAY, *data]) == 0
    assert json.loads(capsys.readouterr().out)["removed"] == [MAY]


def test_a_page_from_there_reads_no_file_of_this_machine(
    texts: dict[str, str], tmp_path: Path, chroma_url: str
) -> None:
    page = f"memory://..{tmp_path}/page.html"  # as a path it would lead to the picture beside it
    (tmp_path / "secret.png").write_bytes(b"none of its business")
    texts[page] = (
        f"<html><body><p>Words.</p><img src='secret.png'><img src='file://{tmp_path}/secret.png'></body></html>"
    )
    settings = settings_at(tmp_path / "data", chroma_url, workers=1)
    with Index(settings, FakeEmbedder()) as index, Workers(settings) as workers:  # type: ignore[arg-type]
        (outcome,) = ingest(index, [page], workers=workers)
    assert outcome.status == "added"
    assert [loss.why.startswith("a picture cannot be read from") for loss in outcome.losses] == [True, True]


def test_without_the_entry_its_scheme_is_refused() -> None:
    sources, (problem,) = expand([MAY])
    assert (sources, problem.what) == ([], MAY)
    assert "http, https, imap, " in problem.why
