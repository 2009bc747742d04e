"""Word lists are files that a user adds to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from errors import SettingsError
from text.word_lists import one_of, word_list


def test_a_file_adds_the_words_of_its_language(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_text('codes = "number zip_code"\nversions = "version"')
    (tmp_path / "de.toml").write_text('codes = "Nummer number Postleitzahl*"')
    assert word_list("codes", tmp_path) == ("nummer", "number", "postleitzahl*", "zip code")
    pattern = re.compile(rf"\b{one_of('codes', tmp_path)}\b", re.IGNORECASE)
    asked = ("Welche Nummer?", "Alle Postleitzahlen?", "Its zip  code?", "Which innumerable?")
    assert [bool(pattern.search(one)) for one in asked] == [True, True, True, False]
    assert word_list("versions", tmp_path) == ("version",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('codes = "a"', "No file in .* has the word list 'versions'"),
        ("versions = 3", "en.toml: versions must be a text"),
        ("versions = ", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "en.toml").write_text(text)
    with pytest.raises(SettingsError, match=said):
        word_list("versions", tmp_path)
