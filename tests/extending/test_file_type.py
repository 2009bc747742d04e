"""A file type from outside the package is taken in, listed, found and cited; the code is that of docs/extending.md."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from blocks import module
from fakes import FakeEmbedder, agree, settings_at

from app.sources import list_html
from chains.pipeline import build
from ingest.__main__ import main
from ingest.expand import expand
from ingest.parsers.registry import PARSERS
from ingest.pipeline import ingest
from ingest.workers import Workers
from records import OPERATOR, Scope, Turn
from store.index import Index

INI = """; the ferry terminal
[harbour]
crane operator = Ines Olsen
crane capacity = 40 tonnes

[kitchen]
cook = Bo Lind
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with one .ini file, while there is a parser for it."""
    for kind, parser in PARSERS.items():
        monkeypatch.setitem(PARSERS, kind, parser)  # so that what is added goes again
    folder = tmp_path / "sources"
    folder.mkdir()
    path = folder / "terminal.ini"
    path.write_text(INI)
    with module("Add a file type", "ini_files", tmp_path):
        yield path
    PARSERS.pop("ini")


def test_it_is_taken_in_by_worker_processes_found_and_cited(file: Path, tmp_path: Path, chroma_url: str) -> None:
    sources, problems = expand([str(file.parent)])
    assert (sources, problems) == ([str(file)], [])
    settings = settings_at(tmp_path / "data", chroma_url, workers=1)
    with Index(settings, FakeEmbedder()) as index, Workers(settings) as workers:  # type: ignore[arg-type]
        (outcome,) = ingest(index, sources, workers=workers)
        assert (outcome.status, outcome.kind, outcome.error) == ("added", "ini", "")
        assert agree(index)
        found = [chunk for chunk, _ in index.lexical.search("crane operator", 5, Scope())]
        assert [chunk.source for chunk in found] == [str(file)]
        assert "harbour\ncrane operator = Ines Olsen" in found[0].text
        turn = build(index, settings).invoke(
            Turn(question="Who is the crane operator?", scope=Scope(principal=OPERATOR))
        )
        assert "Ines Olsen" in turn.answer
        assert {citation.chunk.source for citation in turn.citations} == {str(file)}
        assert "<small>ini · " in list_html(index.catalog.sources())
        (outcome,) = ingest(index, sources, workers=workers)
        assert outcome.status == "unchanged"
        file.write_text("no section = here\n")
        (outcome,) = ingest(index, sources, workers=workers)
        assert "terminal.ini is no .ini file" in outcome.error


def test_the_command_takes_it_in_and_lists_it(
    file: Path, tmp_path: Path, chroma_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("store.spaces.embedder_for", lambda *_: FakeEmbedder("inifiles"))
    monkeypatch.setenv("CHROMA_URL", chroma_url)
    monkeypatch.setenv("INGEST_WORKERS", "1")
    data = ["--data-dir", str(tmp_path / "data"), "--json"]
    assert main([str(file.parent), *data]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["added"], summary["kinds"]) == (1, {"ini": 1})
    assert main(["--list", *data]) == 0
    (listed,) = json.loads(capsys.readouterr().out)["sources"]
    assert (listed["source"], listed["kind"], listed["title"]) == (str(file), "ini", "Configuration")


def test_without_the_entry_the_file_is_not_seen_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "terminal.ini").write_text(INI)
    assert expand([str(tmp_path)]) == ([], [])
