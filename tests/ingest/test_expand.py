from __future__ import annotations

from pathlib import Path

import pytest

from ingest.connectors.address import source_name
from ingest.expand import expand


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.pdf", "a.HTML", "c.exe", ".hidden.md", "sub/d.md", "sub/draft.md", ".git/e.md", "old/f.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    return tmp_path.resolve()


def names(found: list[str], folder: Path) -> list[str]:
    return [Path(source).relative_to(folder).as_posix() for source in found]


def test_a_folder_gives_known_files_sorted_and_no_hidden_ones(folder: Path) -> None:
    found, problems = expand([str(folder)])
    assert names(found, folder) == ["a.HTML", "b.pdf", "old/f.txt", "sub/d.md", "sub/draft.md"]
    assert problems == []


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        (["*.md"], [], ["sub/d.md", "sub/draft.md"]),
        (["sub/*"], ["draft*"], ["sub/d.md"]),
        ([], ["old", "*.pdf"], ["a.HTML", "sub/d.md", "sub/draft.md"]),
        (["old/*.txt"], [], ["old/f.txt"]),
    ],
)
def test_globs_match_the_relative_path_or_the_name(
    folder: Path, include: list[str], exclude: list[str], expected: list[str]
) -> None:
    assert names(expand([str(folder)], include=include, exclude=exclude)[0], folder) == expected


def test_order_is_kept_and_doubles_are_not(folder: Path) -> None:
    arguments = ["https://example.org/x", str(folder / "sub"), str(folder / "sub" / ".." / "sub" / "d.md")]
    assert expand([*arguments, "https://example.org/x"])[0] == [
        "https://example.org/x",
        str(folder / "sub/d.md"),
        str(folder / "sub/draft.md"),
    ]


def test_a_file_named_itself_goes_in_whatever_its_suffix(folder: Path) -> None:
    assert expand(["c.exe"], base=folder)[0] == [str(folder / "c.exe")]


def test_a_list_is_relative_to_its_own_folder_and_has_comments(folder: Path) -> None:
    (folder / "sub" / "list.txt").write_text(
        "# all we need\nd.md  # first\n\nhttps://example.org/a#part\n../b.pdf\nnone.pdf\n@list.txt\n"
    )
    found, problems = expand([f"@{folder / 'sub' / 'list.txt'}"])
    assert found == [str(folder / "sub/d.md"), "https://example.org/a#part", str(folder / "b.pdf")]
    assert [(problem.what, problem.why.split(".")[0]) for problem in problems] == [
        ("none.pdf", "No such file or folder"),
        ("@list.txt", "This list names itself"),
    ]


@pytest.mark.parametrize("argument", ["missing.pdf", "@missing.txt", "ftp://example.org/x", "a\0b"])
def test_what_cannot_be_found_is_told_and_the_rest_goes_in(folder: Path, argument: str) -> None:
    found, problems = expand([argument, "b.pdf"], base=folder)
    assert found == [str(folder / "b.pdf")]
    assert [problem.what for problem in problems] == [argument]


def test_a_ring_of_links_ends(folder: Path) -> None:
    (folder / "sub" / "ring").symlink_to(folder, target_is_directory=True)
    assert len(expand([str(folder)])[0]) == 5


def test_a_name_for_a_source_without_a_title() -> None:
    assert source_name("https://example.org/a/Annual_report%202024.html?x=1") == "Annual report 2024"
    assert source_name("/data/notes.txt") == "notes"
    assert source_name("https://example.org") == "https://example.org"
