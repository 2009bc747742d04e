"""What was chosen for a data folder is kept there, below the environment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config import CHOICES_FILE, Settings, read_choices, write_choices
from errors import SettingsError


def test_what_was_chosen_is_read_again_and_the_rest_stays(tmp_path: Path) -> None:
    assert read_choices(tmp_path / "absent") == {}
    path = write_choices(tmp_path / "data", {"top_k": 5, "min_confidence": 0.5})
    write_choices(tmp_path / "data", {"top_k": 7})
    assert json.loads(path.read_text()) == {"top_k": 7, "min_confidence": 0.5}
    settings = Settings.from_env({"DATA_DIR": str(tmp_path / "data")})
    assert (settings.top_k, settings.min_confidence, settings.rrf_k) == (7, 0.5, Settings.rrf_k)
    assert [one.name for one in path.parent.iterdir()] == [CHOICES_FILE]


def test_options_win_and_other_folders_have_their_own(tmp_path: Path) -> None:
    write_choices(tmp_path / "a", {"top_k": 5})
    assert Settings.from_env({}, data_dir=tmp_path / "a", top_k=3).top_k == 3
    assert Settings.from_env({"DATA_DIR": str(tmp_path / "a")}, data_dir=tmp_path / "b").top_k == Settings.top_k
    assert Settings.from_env({}, data_dir=str(tmp_path / "a")).top_k == 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read"),
        ("[1]", "holds no JSON object"),
        ('{"chat_model": "x:y"}', "'chat_model' cannot be set there"),
        ('{"top_k": 0}', "top_k cannot be 0"),
        ('{"top_k": true}', "top_k cannot be True"),
        ('{"top_k": "5"}', "top_k cannot be '5'"),
        ('{"min_confidence": 2}', "min_confidence cannot be 2"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / CHOICES_FILE).write_text(text)
    with pytest.raises(SettingsError, match=said) as caught:
        Settings.from_env({}, data_dir=tmp_path)
    assert str(tmp_path / CHOICES_FILE) in str(caught.value)


def test_only_choices_are_written(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="'data_dir' cannot be set"):
        write_choices(tmp_path, {"data_dir": "/"})
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be written"):
        write_choices(tmp_path / "file", {"top_k": 5})
