"""The page on which a user makes and revokes tokens."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.assistant import Assistant
from app.security.identity import Identity
from app.security.token_page import token_routes


@pytest.fixture
def app(assistant: Assistant) -> FastAPI:
    one = FastAPI()
    one.include_router(token_routes(assistant.identity))
    return one


def logged_in(app: FastAPI, identity: Identity, name: str) -> TestClient:
    user = identity.users.get(name)
    assert user is not None
    return TestClient(app, cookies={"session": identity.sessions.begin(user)}, follow_redirects=False)


def test_a_user_makes_and_revokes_tokens_of_their_own(app: FastAPI, assistant: Assistant) -> None:
    identity = assistant.identity
    olaf, anna = (logged_in(app, identity, name) for name in ("olaf", "anna"))
    made = olaf.post("/tokens", data={"label": "<b>note</b>", "days": "30"})
    (text,) = re.findall(r"doc_[\w-]+", made.text)
    user = identity.tokens.user(text)
    assert user is not None
    assert user.name == "olaf"
    assert "<b>note" not in made.text
    assert made.headers["cache-control"] == "no-store"
    listed = olaf.get("/tokens").text
    assert text not in listed
    (token,) = (one for one in identity.tokens.of("olaf") if one.label == "<b>note</b>")
    assert token.id in listed
    assert token.id not in anna.get("/tokens").text
    assert anna.post("/tokens/revoke", data={"token": token.id}).status_code == 404
    assert identity.tokens.user(text) is not None
    assert olaf.post("/tokens/revoke", data={"token": token.id}).headers["location"] == "../tokens"
    assert identity.tokens.user(text) is None
    assert olaf.post("/tokens", data={"label": "x" * 99}).status_code == 400
    assert olaf.post("/tokens", data={"label": "x", "days": "soon"}).status_code == 400


def test_guests_and_tokens_make_none(app: FastAPI, assistant: Assistant, tokens: dict[str, str]) -> None:
    before = assistant.identity.tokens.all()
    for headers in ({}, {"Authorization": f"Bearer {tokens['anna']}"}):
        guest = TestClient(app, headers=headers, follow_redirects=False)
        answer = guest.post("/tokens", data={"label": "x"})
        assert (answer.status_code, answer.headers["location"]) == (303, "login")
    assert assistant.identity.tokens.all() == before
