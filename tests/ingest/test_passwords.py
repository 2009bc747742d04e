"""Encrypted PDFs: opened by a password that is kept nowhere."""

from __future__ import annotations

import pickle
from pathlib import Path

import pymupdf
import pytest

from errors import PasswordError
from ingest.workers import load
from tests.fakes import settings_at

SECRET = "correct-horse-battery"


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PDF of one line that a password opens."""
    path = tmp_path_factory.mktemp("encrypted") / "contract.pdf"
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "The rent is 900 euros.")
        document.set_metadata({"author": "Jisoo Kim", "creationDate": "D:20240301120000Z"})
        document.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw=SECRET, owner_pw="another")
    return path


def test_a_password_opens_it_and_what_is_kept_opens_without(encrypted: Path, tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    loaded = load(str(encrypted), settings, "", SECRET)
    assert loaded.stated == (("author", "Jisoo Kim"), ("date", "2024-03-01"))
    with pymupdf.open(tmp_path / "assets" / loaded.original[:2] / loaded.original) as kept:
        assert not kept.needs_pass
        assert "900 euros" in kept[0].get_text()
    assert load(str(encrypted), settings, loaded.content_hash).kind == ""  # unchanged: no password is wanted again
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert SECRET.encode() not in stored


@pytest.mark.parametrize(
    ("password", "said"), [("", "Add it again with its password"), ("wrong-one", "does not open it")]
)
def test_a_missing_or_wrong_one_is_said_without_it(encrypted: Path, tmp_path: Path, password: str, said: str) -> None:
    with pytest.raises(PasswordError, match=said) as caught:
        load(str(encrypted), settings_at(tmp_path), "", password)
    assert "wrong-one" not in str(caught.value) and "contract.pdf" in str(caught.value)
    assert isinstance(pickle.loads(pickle.dumps(caught.value)), PasswordError)  # it comes from another process
