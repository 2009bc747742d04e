"""Logging in: passwords, sessions, throttling, proxies."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from fakes import settings_at
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.security.identity import Identity
from app.security.login import login_routes
from app.security.login_throttle import FREE, LoginThrottle
from app.security.readers import chosen_access, current_user_html, readers_choices
from app.security.sessions import Sessions
from errors import AccessError
from records import GUEST, OPERATOR, Access, Principal
from store.auth.users import Users, principal_named

PASSWORD = "correct horse"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def identity(tmp_path: Path) -> Identity:
    one = Identity(settings_at(tmp_path))
    one.users.put("alice", PASSWORD, ["finance"])
    return one


@pytest.fixture
def client(identity: Identity) -> TestClient:
    app = FastAPI()
    app.include_router(login_routes(identity))
    return TestClient(app, follow_redirects=False)


def test_a_right_password_opens_a_session_and_logging_out_ends_it(identity: Identity, client: TestClient) -> None:
    assert "password" in client.get("/login").text
    answer = client.post("/login", data={"name": "alice", "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "./")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie  # over plain http it would never come back
    request = SimpleNamespace(client=None, headers={}, cookies=dict(client.cookies))
    assert identity.principal(request) == principal_named("alice", ["finance"])
    client.post("/logout")
    assert identity.principal(request) == GUEST


@pytest.mark.parametrize(
    ("name", "password"), [("alice", "wrong"), ("nobody", PASSWORD), ("", ""), ("alice", "x" * 99)]
)
def test_a_wrong_one_does_not(client: TestClient, name: str, password: str) -> None:
    answer = client.post("/login", data={"name": name, "password": password})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "do not belong together" in answer.text  # the same for a name that there is not


def test_what_was_typed_is_shown_and_not_obeyed(client: TestClient) -> None:
    answer = client.post("/login", data={"name": '"><script>x</script>', "password": "x"})
    assert "<script>" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_guessing_is_slowed(identity: Identity, client: TestClient) -> None:
    clock = Clock()
    identity.throttle = LoginThrottle(clock)
    codes = [client.post("/login", data={"name": "alice", "password": "x"}).status_code for _ in range(FREE + 1)]
    assert codes == [401] * FREE + [429]
    right = client.post("/login", data={"name": "alice", "password": PASSWORD})
    assert (right.status_code, right.headers["retry-after"]) == (429, "1")
    clock.now += 1.1
    assert client.post("/login", data={"name": "alice", "password": PASSWORD}).status_code == 303


def test_the_wait_doubles_and_has_an_end() -> None:
    clock = Clock()
    throttle = LoginThrottle(clock)
    waits = []
    for _ in range(FREE + 12):
        throttle.failed("alice", "10.0.0.9")
        waits.append(throttle.wait("alice", "10.0.0.8"))
    assert waits[: FREE + 3] == [0.0] * (FREE - 1) + [1.0, 2.0, 4.0, 8.0]
    assert waits[-1] == 60.0  # for the name, from elsewhere
    assert throttle.wait("bob", "10.0.0.9") == 900.0  # for the address, in another name
    assert throttle.wait("bob", "10.0.0.8") == 0.0
    throttle.succeeded("alice")
    assert throttle.wait("alice", "10.0.0.8") == 0.0
    clock.now += 4000
    throttle.failed("carol", "10.0.0.9")  # the failures before are forgotten
    assert throttle.wait("carol", "10.0.0.9") == 0.0


def test_sessions_end_by_time_password_and_removal(tmp_path: Path) -> None:
    clock, users = Clock(), Users(tmp_path / "users.json")
    sessions = Sessions(tmp_path, users, 3600, clock)
    alice = users.put("alice", PASSWORD, [])
    token = sessions.begin(alice)
    assert sessions.user(token) == alice
    assert Sessions(tmp_path, users, 3600, clock).user(token) == alice  # after a restart
    assert sessions.user("x" + token[1:]) is None
    assert token.encode() not in (tmp_path / "sessions.sqlite").read_bytes()
    clock.now += 3601
    assert sessions.user(token) is None
    token = sessions.begin(alice)
    users.put("alice", None, ["law"])  # new groups count at once, and end nothing
    found = sessions.user(token)
    assert found is not None
    assert found.groups == ("law",)
    users.put("alice", "another password", None)
    assert sessions.user(token) is None
    token = sessions.begin(users.put("alice", PASSWORD, None))
    users.put("carol", PASSWORD, None)
    users.remove("alice")
    assert sessions.user(token) is None


def test_readers_are_not_told_apart_until_there_are_users(tmp_path: Path) -> None:
    local, open_to_all = (Identity(settings_at(tmp_path), host) for host in ("127.0.0.1", "0.0.0.0"))
    assert local.principal(None) == OPERATOR
    assert open_to_all.principal(None) == Principal(manages=True)  # manages what is open, and reads no more than that
    local.users.put("alice", PASSWORD, [])
    assert local.principal(None) == open_to_all.principal(None) == GUEST


def test_a_users_file_that_is_broken_lets_nobody_in(identity: Identity) -> None:
    token = identity.sessions.begin(identity.users.put("alice", PASSWORD, []))
    identity.users.path.write_text('{"alice": {"password": "plain"}}')
    request = SimpleNamespace(client=None, headers={}, cookies={"session": token})
    assert identity.principal(request) == GUEST
    with pytest.raises(AccessError, match="bcrypt"):
        identity.users.all()


def test_a_trusted_proxy_says_who_it_is(tmp_path: Path) -> None:
    identity = Identity(settings_at(tmp_path, proxies=("10.0.0.1",)))
    headers = {"x-forwarded-user": "dora@example.org", "x-forwarded-groups": "law, finance"}

    def request(peer: str, **more: str) -> SimpleNamespace:
        return SimpleNamespace(client=SimpleNamespace(host=peer), headers={**headers, **more}, cookies={})

    assert identity.principal(request("10.0.0.1")) == principal_named("dora@example.org", ["law", "finance"])
    assert identity.principal(request("10.0.0.2")) == GUEST
    assert identity.principal(request("10.0.0.1", **{"x-forwarded-user": "a b<"})) == GUEST
    forwarded = {"x-forwarded-for": "6.6.6.6, 192.0.2.7, 10.0.0.1", "x-forwarded-proto": "https"}
    assert identity.address(request("10.0.0.1", **forwarded)) == "192.0.2.7"  # what the proxy itself saw
    assert identity.address(request("10.0.0.2", **forwarded)) == "10.0.0.2"
    assert identity.is_secure(request("10.0.0.1", **forwarded))


def test_for_whom_one_may_add() -> None:
    alice = principal_named("alice", ["law", "finance"])
    assert readers_choices(alice) == ["Only me", "finance", "law", "Everybody"]
    assert chosen_access(alice, None, auth_enabled=True) == Access(("user:alice",), "alice")
    assert chosen_access(alice, "law", auth_enabled=True) == Access(("law",), "alice")
    assert chosen_access(alice, "Everybody", auth_enabled=True) == Access((), "alice")
    assert chosen_access(OPERATOR, None, auth_enabled=False) is None
    with pytest.raises(AccessError, match="not in the group 'sales'"):
        chosen_access(alice, "sales", auth_enabled=True)
    with pytest.raises(AccessError, match="Log in"):
        chosen_access(GUEST, None, auth_enabled=True)
    assert "&lt;b&gt;" in current_user_html(Principal(name="<b>"), logs_in=True)
