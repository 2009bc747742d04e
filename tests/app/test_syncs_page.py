"""Who sees which sync, and what may be added, on the page."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from fakes import chunk, put

from app.assistant import Assistant
from app.syncs import SyncCalls
from records import OPERATOR, Access, Loss, Principal
from store.index import Index
from store.notices import Fired
from store.syncs import Sync, SyncRun

ADMIN = Principal(name="ada", groups=frozenset({"hr"}), manages=True)
OTHER = Principal(name="bo", groups=frozenset({"board"}), manages=True)
USER = Principal(name="cy", groups=frozenset({"hr"}))


@pytest.fixture
def as_principal(make_index: Callable[..., Index], monkeypatch: pytest.MonkeyPatch) -> Any:
    index = make_index()
    put(index, [chunk("pay", source="s3://papers/pay.md")])
    index.catalog.set_access("s3://papers/pay.md", Access(("hr",)))
    assistant = Assistant(index)
    monkeypatch.setattr(assistant.sync_runner, "start", lambda: None)
    syncs = assistant.sync_runner.syncs
    syncs.define(Sync(name="papers", location="s3://papers/", groups=("hr",)))
    syncs.define(Sync(name="folder", location="/docs"))
    run = SyncRun(
        sync="papers", began="2026-01-02T03:04:05+00:00", failed=1, error="It is <down>.", failures=(Loss("x", "y"),)
    )
    syncs.note(run, 2, 0.0)
    fired = Fired(rule="pay", to="", when="2026", source="s3://papers/pay.md", title="Pay", place="page 1", quote="pay")
    assistant.sync_runner.notices.note("pay", {}, (), [fired])

    def calls(principal: Principal, *, users: bool = True) -> SyncCalls:
        monkeypatch.setattr(assistant, "principal", lambda _: principal)
        monkeypatch.setattr(assistant, "identity", SimpleNamespace(enabled=users))
        return SyncCalls(assistant)

    yield calls
    assistant.close()


def test_each_sees_the_syncs_and_notices_that_they_may_read(as_principal: Any) -> None:
    seen = {}
    for who in (OPERATOR, ADMIN, OTHER, USER):
        section, listed, chosen, fired = as_principal(who).shown()
        seen[who.name] = (section.visible, [name for name, _ in chosen.choices], "page 1" in fired)
    assert seen == {
        "": (True, ["folder", "papers"], True),
        "ada": (True, ["papers"], True),
        "bo": (True, [], False),
        "cy": (False, [], True),
    }
    listed = as_principal(ADMIN).shown()[1]
    assert "FAILING, 2 times in a row" in listed and "It is &lt;down&gt;." in listed and "1 failed" in listed


@pytest.mark.parametrize(
    ("who", "users", "place", "why"),
    [
        (USER, True, "https://example.org/map.xml", "Only who looks after"),
        (ADMIN, True, "/etc", "Name a link here"),
        (OPERATOR, False, "s3://papers/", "Name a link here"),
        (ADMIN, True, "imap://mail.example.org/INBOX", "Name a link here"),
    ],
)
def test_what_may_not_be_added_is_refused(as_principal: Any, who: Principal, users: bool, place: str, why: str) -> None:
    with pytest.raises(gr.Error, match=why):
        as_principal(who, users=users).add("new", place, "6h")


def test_what_is_added_is_read_by_who_added_it_until_it_is_said_otherwise(as_principal: Any) -> None:
    calls = as_principal(ADMIN)
    calls.add("mails", "imaps://mail.example.org/INBOX", "6h")
    state = calls.assistant.sync_runner.syncs.state("mails")
    assert (state.sync.groups, state.sync.every) == (("user:ada",), 21_600.0)
    with pytest.raises(gr.Error, match="already"):
        calls.add("mails", "https://example.org/", "")
    with pytest.raises(gr.Error, match="no such sync"):
        calls.run("folder")
    calls.run("papers")
    assert "running" in calls.shown()[1]


def test_drift_is_for_who_looks_after_the_documents(as_principal: Any) -> None:
    assert "cannot be told" in as_principal(ADMIN).drift()
    with pytest.raises(gr.Error, match="Only who looks after"):
        as_principal(USER).drift()
