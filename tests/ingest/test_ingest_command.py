"""python -m ingest: exit codes and what others' scripts read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEmbedder, agree, settings_at
from pdf_files import pdf

from ingest.__main__ import main
from store.index import Index

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index and a folder of sources, two of them bad."""
    folder = tmp_path_factory.mktemp("command")
    sources = folder / "sources"
    sources.mkdir()
    (sources / "weir.md").write_text(
        "# The weir\n\nThe weir stood still.\n\n| Plant | MWh |\n| --- | --- |\n| Weir | 9 |\n"
    )
    (sources / "[red]roofs.txt").write_text("The roofs gained a little.")
    (sources / "page.html").write_text("<p>A page.</p><img src='missing.png' width=300 height=200>")
    (sources / "broken.pdf").write_bytes(pdf("x")[:100])
    return folder


class Command:
    """Runs the command in this process, with a fake embedder and the session's Chroma server."""

    def __init__(self, space: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.space = space
        self._capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr."""
        code = main([*arguments, "--data-dir", str(self.space / "data")])
        captured = self._capsys.readouterr()
        return code, captured.out, " ".join(captured.err.split())

    def json(self, *arguments: str) -> tuple[int, Any]:
        code, out, _ = self(*arguments, "--json")
        assert len(out.splitlines()) == 1 or out.startswith("{")
        return code, json.loads(out)


@pytest.fixture
def command(
    space: Path, chroma_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    monkeypatch.setattr("store.spaces.embedder_for", lambda *_: FakeEmbedder("commandline"))
    for name in ("DATA_DIR", "CHAT_MODEL", "VISION_MODEL", "EMBED_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CHROMA_URL", chroma_url)
    monkeypatch.setenv("INGEST_WORKERS", "1")
    return Command(space, capsys)


@pytest.fixture
def filled(command: Command) -> Command:
    """The command after the good sources have been taken in."""
    command(str(command.space / "sources"), "--exclude", "broken.pdf")
    return command


def test_a_batch_with_bad_sources_says_so_and_takes_in_the_others(command: Command) -> None:
    code, summary = command.json(str(command.space / "sources"), str(command.space / "missing.md"))
    assert code == 1
    assert set(summary) == {
        "sources",
        "added",
        "updated",
        "unchanged",
        "pages",
        "chunks",
        "kinds",
        "passed_over",
        "failed",
        "losses",
        "descriptions",
        "seconds",
    }
    assert (summary["sources"], summary["added"], summary["updated"], summary["unchanged"]) == (5, 3, 0, 0)
    assert summary["kinds"] == {"markdown": 1, "text": 1, "web": 1}
    assert summary["chunks"] == {"text": 3, "table": 1}
    assert {Path(one["source"]).name: one["reason"].split(".")[0] for one in summary["failed"]} == {
        "missing.md": "No such file or folder",
        "broken.pdf": f"{command.space}/sources/broken",
    }
    (losses,) = summary["losses"].values()
    assert "missing.png" in losses[0]["what"]


def test_taking_in_again_changes_nothing(filled: Command) -> None:
    good = [str(path) for path in (filled.space / "sources").iterdir() if path.suffix != ".pdf"]
    code, out, err = filled(*good)
    assert (code, out) == (0, "")
    assert "0 added, 0 updated, 3 unchanged, 0 failed" in err


def test_include_and_exclude_choose_files_of_a_folder(filled: Command) -> None:
    code, summary = filled.json(
        str(filled.space / "sources"), "--include", "*.md", "--include", "*.txt", "--exclude", "[[]*"
    )
    assert (code, summary["sources"], summary["unchanged"]) == (0, 1, 1)


def test_files_of_other_kinds_are_told_by_kind_and_number(command: Command, tmp_path: Path) -> None:
    for name in ("a.exe", "b.EXE", "c.o", "LICENCE", "weir.md", "weir.md.meta.json", "skipped.dll", ".hidden.exe"):
        (tmp_path / name).write_text('{"groups": ["law"]}' if name.endswith(".json") else "The weir stood still.")
    code, summary = command.json(str(tmp_path), "--exclude", "*.dll")
    assert (code, summary["added"], summary["passed_over"]) == (0, 1, {".exe": 2, ".o": 1, "": 1})
    _, _, err = command(str(tmp_path), "--exclude", "*.dll")
    assert "Passed over, of kinds that are not read: 4 files (2 .exe, 1" in err
    command("--remove", str(tmp_path / "weir.md"))


def test_the_list_names_every_source(filled: Command) -> None:
    code, listed = filled.json("--list")
    assert code == 0
    assert set(listed) == {"sources"}
    by_name = {Path(source["source"]).name: source for source in listed["sources"]}
    assert set(by_name) == {"weir.md", "[red]roofs.txt", "page.html"}
    weir = by_name["weir.md"]
    known = {"source", "title", "kind", "pages", "chunks", "when", "losses", "fields", "summary", "summary_author"}
    assert set(weir) == known
    assert (weir["title"], weir["kind"], weir["pages"], weir["chunks"]) == ("The weir", "markdown", 1, 2)


def test_what_is_stored_of_a_source_is_shown(filled: Command) -> None:
    weir = str(filled.space / "sources" / "weir.md")
    code, shown = filled.json("--show", weir)
    assert (code, shown["title"], shown["losses"]) == (0, "The weir", [])
    assert [(one["page"], one["text"]) for one in shown["passages"]] == [(1, "The weir\nThe weir stood still.")]
    (table,) = shown["tables"]
    assert (table["n_rows"], table["n_cols"], table["header_rows"]) == (2, 2, 1)
    assert [(one["row"], one["col"], one["text"]) for one in table["cells"]] == [
        (0, 0, "Plant"),
        (0, 1, "MWh"),
        (1, 0, "Weir"),
        (1, 1, "9"),
    ]
    code, out, _ = filled("--show", weir)
    assert (code, out.count("The weir stood still."), out.count("MWh")) == (0, 1, 1)
    page = filled.json("--show", str(filled.space / "sources" / "page.html"))[1]
    assert "missing.png" in page["losses"][0]["what"]


def test_a_source_that_is_not_there_cannot_be_shown(filled: Command) -> None:
    code, out, err = filled("--show", "nothing.md", "--json")
    assert (code, out) == (1, "")
    assert "nothing.md is not in the index" in err


def test_the_list_for_a_person_shows_names_as_they_are(filled: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    code, out, _ = filled("--list")
    assert code == 0
    assert "[red]roofs.txt" in out
    assert "The weir" in out


def test_a_removed_source_is_gone_and_one_that_is_not_there_is_named(filled: Command) -> None:
    weir = str(filled.space / "sources" / "weir.md")
    code, result = filled.json("--remove", weir, "--remove", "nothing.md")
    assert (code, result) == (1, {"removed": [weir], "missing": ["nothing.md"]})
    with Index(settings_at(filled.space / "data", "")) as index:
        assert weir not in {source.source for source in index.catalog.sources()}
    code, _, err = filled("--remove", weir)
    assert code == 1
    assert "Not in the index" in err


def test_removing_and_taking_in_can_be_one_command(filled: Command, chroma_url: str) -> None:
    weir = str(filled.space / "sources" / "weir.md")
    code, summary = filled.json("--remove", weir, weir)
    assert (code, summary["added"], summary["updated"]) == (0, 1, 0)
    with Index(settings_at(filled.space / "data", chroma_url), FakeEmbedder("commandline")) as index:  # type: ignore[arg-type]
        assert agree(index)


def test_an_empty_index_says_how_to_fill_it(command: Command, tmp_path: Path) -> None:
    command.space = tmp_path
    assert command("--list")[:2] == (0, "The index is empty. Add something: python -m ingest SOURCE...\n")
    assert command.json("--list") == (0, {"sources": []})


@pytest.mark.parametrize("arguments", [[], ["--json"], ["--no-such-option"], ["--remove"]])
def test_wrong_usage_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(arguments)
    assert raised.value.code == 2
    assert capsys.readouterr().out == ""


def test_an_index_that_cannot_be_opened_is_one_line(command: Command, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    command.space = tmp_path
    code, out, err = command(str(tmp_path))
    assert (code, out) == (1, "")
    assert err.startswith("Error: ")
    assert "--data-dir" in err


def test_a_setting_that_cannot_be_read_is_one_line(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INGEST_WORKERS", "many")
    code, _, err = command("--list")
    assert code == 1
    assert "INGEST_WORKERS='many' is not a whole number" in err


def test_the_module_runs_as_a_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ingest", "--list", "--json", "--data-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"sources": []}


def test_another_model_is_refused_until_everything_is_embedded_anew(
    filled: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    weir = filled.space / "sources" / "weir.md"
    monkeypatch.setattr("store.spaces.embedder_for", lambda *_: FakeEmbedder("another"))
    code, _, err = filled(str(weir))
    assert (code, "python -m ingest --reembed" in err) == (1, True)
    assert filled.json("--reembed")[1]["vectors"] == 4
    assert filled("--reembed")[2].endswith("Everything is embedded with fake already.")
    code, _, err = filled(str(weir))  # not parsed again
    assert (code, "1 unchanged" in err) == (0, True)
    monkeypatch.setattr("store.spaces.embedder_for", lambda *_: FakeEmbedder("commandline"))
    assert filled("--reembed")[0] == 0
