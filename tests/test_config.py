"""Settings come from the environment once, and what cannot be read is named."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from config import Settings
from errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent


def test_without_an_environment_the_defaults_hold() -> None:
    settings = Settings.from_env({})
    assert (settings.chat_model, settings.chroma_url, settings.workers) == ("", "", 0)
    assert settings.data_dir == Path.cwd() / "data" / "var"


def test_the_environment_is_read_and_options_win() -> None:
    environ = {"CHAT_MODEL": " ollama:x ", "INGEST_WORKERS": "3", "DATA_DIR": "/a", "VISION_MODEL": "", "HOME": "/h"}
    settings = Settings.from_env(environ, data_dir="/b", embed_model=None, top_k=3)
    assert (settings.chat_model, settings.workers, settings.vision_model) == ("ollama:x", 3, "")
    assert (settings.data_dir, settings.embed_model, settings.top_k) == (Path("/b"), "", 3)


@pytest.mark.parametrize("value", ["many", "-1", "2.5", "1e3"])
def test_what_is_no_number_is_named(value: str) -> None:
    with pytest.raises(SettingsError, match=f"INGEST_WORKERS='{value}' is not a whole number"):
        Settings.from_env({"INGEST_WORKERS": value})


def test_settings_cannot_be_changed_and_unknown_ones_not_made() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().top_k = 3  # type: ignore[misc]
    with pytest.raises(TypeError):
        Settings.from_env({}, no_such_setting=1)


def test_importing_a_module_reads_no_environment_and_makes_no_folder(tmp_path: Path) -> None:
    """In an empty folder, with an environment in which every setting is nonsense."""
    names = "config records errors text.tokens store.index ingest.pipeline ingest.workers chains.pipeline models.embed"
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import " + ", ".join(names.split())
    script += "; heavy = {'torch', 'gradio', 'pymupdf4llm', 'sentence_transformers'} & set(sys.modules)"
    script += "; assert not heavy, heavy"
    environ = {
        "INGEST_WORKERS": "x",
        "CHROMA_URL": "x",
        "CHAT_MODEL": "x",
        "HOME": str(tmp_path),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environ, check=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("READER_MODEL", "/no/such", "READER_MODEL='/no/such': there is no such folder or file."),
        ("CHAT_TIMEOUT", "0", "CHAT_TIMEOUT='0' is not a number of seconds. Set it to e.g. CHAT_TIMEOUT=180"),
        ("CHAT_REQUESTS_PER_SECOND", "x", "is not a number from 0. Set it to e.g. CHAT_REQUESTS_PER_SECOND=0.5"),
    ],
)
def test_a_wrong_value_is_named_with_the_way_out(name: str, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)):
        Settings.from_env({name: text})
