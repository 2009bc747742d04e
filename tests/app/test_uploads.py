"""Uploaded files and links."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.uploads import checked_link, keep_uploads, safe_name
from errors import SourceError
from store.uploads import remove_upload


def _write(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def test_two_files_of_one_name_both_stay(tmp_path: Path) -> None:
    uploaded = [_write(tmp_path / "t" / folder / "notes.txt", folder) for folder in ("one", "two")]
    kept = keep_uploads(uploaded, tmp_path / "uploads", 9)
    assert [Path(file).name for file in kept] == ["notes.txt", "notes.txt"]
    assert [Path(file).read_text() for file in kept] == ["one", "two"]
    assert not any(Path(file).exists() for file in uploaded)


def test_the_same_file_twice_is_one(tmp_path: Path) -> None:
    uploaded = [_write(tmp_path / "t" / folder / "notes.txt", "same") for folder in ("one", "two")]
    first, second = keep_uploads(uploaded, tmp_path / "uploads", 9)
    assert first == second
    assert Path(first).read_text() == "same"


def test_removing_deletes_the_copy_and_nothing_else(tmp_path: Path) -> None:
    uploads = tmp_path / "uploads"
    (kept,) = keep_uploads([_write(tmp_path / "a.txt", "a")], uploads, 9)
    other = _write(tmp_path / "other" / "b.txt", "b")
    remove_upload(kept, uploads)
    remove_upload(other, uploads)
    remove_upload("https://a.example/b", uploads)
    assert not Path(kept).parent.exists()
    assert Path(other).exists()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report 2025.pdf", "report 2025.pdf"),
        ("../../etc/passwd", "passwd"),
        (r"C:\Users\a\b.pdf", "b.pdf"),
        ("<img src=x onerror=alert(1)>.md", "_img src=x onerror=alert(1)_.md"),
        ("a\x00b\n.txt", "a_b_.txt"),
        ("..", "file"),
        (".hidden", "hidden"),
        ("Übersicht.html", "Übersicht.html"),
    ],
)
def test_safe_names(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_suffix_and_fits() -> None:
    assert len(safe_name("ü" * 300 + ".pdf").encode()) <= 150
    assert safe_name("ü" * 300 + ".pdf").endswith("ü.pdf")


def test_links() -> None:
    assert checked_link("  https://a.example/b?c=d ") == "https://a.example/b?c=d"
    for text in ("", "/etc/passwd", "file:///etc/passwd", "a.example", "javascript:alert(1)", "http://a b"):
        with pytest.raises(SourceError, match="is not a link"):
            checked_link(text)
