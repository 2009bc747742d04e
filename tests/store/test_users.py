"""The users file, names of readers, and the commands around them."""

from __future__ import annotations

import io
import json
import stat
from pathlib import Path

import pytest
from fakes import chunk, put

from errors import AccessError
from records import Access
from store.__main__ import main
from store.auth.access import dump_access, joined, load_access, readers_of
from store.auth.users import Users


def test_hashes_and_not_passwords_are_kept_for_the_owner_of_the_file_alone(tmp_path: Path) -> None:
    users = Users(tmp_path / "users.json")
    users.put("alice", "correct horse", ["law"])
    assert "correct horse" not in users.path.read_text()
    assert stat.S_IMODE(users.path.stat().st_mode) == 0o600
    found = users.verified("alice", "correct horse")
    assert found is not None
    assert found.principal.labels == ("law", "user:alice")
    assert users.verified("alice", "correct horsf") is None
    assert users.verified("nobody", "correct horse") is None


def test_another_program_is_noticed(tmp_path: Path) -> None:
    users, other = Users(tmp_path / "users.json"), Users(tmp_path / "users.json")
    assert users.all() == {}
    other.put("alice", "correct horse", [])
    assert list(users.all()) == ["alice"]


@pytest.mark.parametrize(
    ("name", "password", "groups"),
    [("a b", "correct horse", []), ("", "correct horse", []), ("user:x", "correct horse", []), ("al", "short", []),
     ("al", "x" * 73, []), ("al", None, []), ("al", "correct horse", ["a,b"])],
)  # fmt: skip
def test_names_and_passwords_that_cannot_be_used(
    tmp_path: Path, name: str, password: str | None, groups: list[str]
) -> None:
    with pytest.raises(AccessError):
        Users(tmp_path / "users.json").put(name, password, groups)
    assert not (tmp_path / "users.json").exists()


def test_readers_are_named_with_care() -> None:
    assert readers_of(["law", " finance ", "law"]) == ("finance", "law")
    assert readers_of(["user:alice@example.org"]) == ("user:alice@example.org",)
    assert readers_of(["everyone", "law"]) == ()
    for names in ([], [""], ["a b"], ["user:"], ["user:user:x"], ["law\n"], ["x" * 101]):
        if names != ["law\n"]:  # blanks around a name are nobody's intention
            with pytest.raises(AccessError):
                readers_of(names)


def test_a_link_that_two_add_is_read_by_both() -> None:
    mine, yours = Access(("user:a",), "a"), Access(("law",), "b")
    assert joined(mine, yours) == Access(("law", "user:a"), "a")
    assert joined(mine, Access((), "b")) == Access((), "a")
    assert load_access(dump_access(mine)) == mine
    assert load_access(dump_access(None)) is None


def test_the_commands(
    tmp_path: Path, make_index: object, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*arguments: str, typed: str = "") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = main([*arguments, "--data-dir", str(tmp_path / "data")])
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    assert "Nobody can log in" in run("users")[1]
    assert run("users", "--add", "alice", "--groups", "law, finance", typed="correct horse\n") == (
        0,
        "alice: finance, law\n",
    )
    assert "already" in run("users", "--add", "alice", typed="correct horse\n")[1]
    assert run("users", "--of", "alice", "--groups", "law")[1] == "alice: law\n"
    assert run("users", "--password", "alice", typed="short\n")[0] == 1
    assert run("users", "--groups", "law")[0] == 1
    assert run("users", "--remove", "bob")[0] == 1
    code, said = run("users", "--remove", "alice")  # nobody could log in any more, and so nobody add anything
    assert (code, "alice is the only user" in said) == (1, True)
    assert run("users", "--add", "bob", typed="correct horse\n")[0] == 0
    assert run("users", "--remove", "bob") == (0, "alice: law\n")

    index = make_index()  # type: ignore[operator]
    put(index, [chunk("the weir", source="/docs/weir.md")])
    assert run("access", "/docs/weir.md") == (0, "/docs/weir.md: read by everyone\n")
    assert run("access", "/docs/weir.md", "--groups", "law,user:alice")[1] == (
        "/docs/weir.md: read by law, user:alice\n"
    )
    assert json.loads(run("access", "/docs/weir.md", "--json")[1])["readers"] == ["law", "user:alice"]
    assert index.documents.hidden(Users(tmp_path / "data" / "users.json").principal("alice")) == frozenset()
    assert run("access", "/docs/other.md", "--groups", "law")[0] == 1
    assert run("access", "/docs/weir.md", "--groups", "")[0] == 1
