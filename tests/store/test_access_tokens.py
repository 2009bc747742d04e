"""Tokens: made, listed, revoked, over; by hand and by command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from errors import AccessError
from store.__main__ import main
from store.auth.tokens import DAY, MOST, PREFIX, Tokens
from store.auth.users import Users

PASSWORD = "correct horse"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(tmp_path: Path, clock: Clock) -> Tokens:
    users = Users(tmp_path / "users.json")
    users.put("anna", PASSWORD, ["law"])
    users.put("olaf", PASSWORD, [])
    return Tokens(tmp_path, users, clock)


def name(tokens: Tokens, text: str) -> str | None:
    user = tokens.user(text)
    return user.name if user else None


def test_a_token_acts_for_its_user_until_it_is_revoked(tokens: Tokens, tmp_path: Path) -> None:
    text, token = tokens.create("anna", "  my   notebook ")
    assert text.startswith(PREFIX)
    assert len(text) >= len(PREFIX) + 43  # 256 bits, six a character
    assert (name(tokens, text), token.label) == ("anna", "my notebook")
    other, _ = tokens.create("anna")
    assert other != text
    file = tmp_path / "tokens.sqlite"
    assert text.encode() not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    for wrong in ("", "x", PREFIX, text[:-1], text + "x", f" {text}", PREFIX + "\ud800", token.id):
        assert name(tokens, wrong) is None
    with pytest.raises(AccessError, match="There is no token"):
        tokens.revoke(token.id, "olaf")
    assert name(tokens, text) == "anna"
    tokens.revoke(token.id, "anna")
    assert (name(tokens, text), name(tokens, other)) == (None, "anna")
    with pytest.raises(AccessError, match="revoked before"):
        tokens.revoke(token.id)


def test_tokens_end_by_time_password_and_removal(tokens: Tokens, clock: Clock, tmp_path: Path) -> None:
    users = Users(tmp_path / "users.json")
    text, token = tokens.create("anna", days=2)
    assert token.ends == clock.now + 2 * DAY
    clock.now += 2 * DAY
    assert name(tokens, text) == "anna"
    clock.now += 1
    assert name(tokens, text) is None
    assert tokens.all() == []
    text, _ = tokens.create("anna")
    users.put("anna", None, ["finance"])  # new groups count at once, and end nothing
    user = tokens.user(text)
    assert user is not None
    assert user.groups == ("finance",)
    users.put("anna", "another password", None)
    assert name(tokens, text) is None
    text, _ = tokens.create("olaf")
    users.remove("olaf")
    users.put("olaf", PASSWORD, [])  # another one of that name
    assert name(tokens, text) is None
    assert tokens.all() == []


def test_the_last_use_is_kept_to_the_hour(tokens: Tokens, clock: Clock) -> None:
    text, _ = tokens.create("anna")
    assert tokens.all()[0].used is None
    first = clock.now
    tokens.user(text)
    clock.now += 3599
    tokens.user(text)
    assert tokens.all()[0].used == first
    clock.now += 1
    tokens.user(text)
    assert tokens.all()[0].used == clock.now


def test_what_cannot_be_made_says_why(tokens: Tokens) -> None:
    for arguments, message in (
        (("nobody",), "no user 'nobody'"),
        (("anna", "x" * 61), "60 printable"),
        (("anna", "a\u202eb"), "printable"),
        (("anna", "", 0.0), "more than 0 days"),
        (("anna", "", float("nan")), "more than 0 days"),
    ):
        with pytest.raises(AccessError, match=message):
            tokens.create(*arguments)
    for _ in range(MOST):
        tokens.create("olaf")
    with pytest.raises(AccessError, match="Revoke one"):
        tokens.create("olaf")


def test_the_command_makes_lists_and_revokes(
    tokens: Tokens, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del tokens  # whose users there are
    folder = ["--data-dir", str(tmp_path)]
    assert main(["tokens", *folder]) == 0
    assert "There are no tokens" in capsys.readouterr().out
    assert main(["tokens", "--add", "anna", "--label", "notebook", "--days", "30", "--json", *folder]) == 0
    made = json.loads(capsys.readouterr().out)
    kept = Tokens(tmp_path, Users(tmp_path / "users.json"))
    assert name(kept, made["token"]) == "anna"
    assert main(["tokens", *folder]) == 0
    listed = capsys.readouterr().out
    assert made["id"] in listed
    assert "notebook" in listed
    assert made["token"] not in listed
    assert main(["tokens", "--revoke", made["id"], *folder]) == 0
    assert name(kept, made["token"]) is None
    assert main(["tokens", "--revoke", made["id"], *folder]) == 1
    assert main(["tokens", "--days", "3", *folder]) == 1
    assert "--add" in capsys.readouterr().err
