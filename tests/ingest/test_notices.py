"""Rules fire on what is new or changed, once, as whom they read, with the place; what cannot be told is tried again."""

from __future__ import annotations

import socketserver
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fakes import chunk, document, fingerprint, put, settings_at
from http_server import running, serving

from errors import FetchError, SettingsError
from ingest.notices import check_rule, look, present, send
from records import Access, Chunk, Scope
from store.index import Index
from store.notices import MOST_TRIES, Fired, Notices, Rule

MakeIndex = Callable[..., Index]


def add(index: Index, source: str, text: str, content: str = "h", **fields: Any) -> None:
    one = chunk(text, id=f"{source}{content}", source=source, **fields)
    index.put(document(source), [one], fingerprint(content), "2026-01-02T03:04:05+00:00")


def define(index: Index, **fields: Any) -> Notices:
    notices = Notices(index.folder)
    rule = Rule(**{"name": "weir", "kind": "words", "text": "leaking weirs", **fields})
    notices.define(rule, present(index, rule.principal))
    return notices


def fired(notices: Notices) -> list[tuple[str, str]]:
    return [(one.source, one.place) for one in notices.fired()]


def test_it_fires_once_on_what_is_new_and_again_when_that_changed(make_index: MakeIndex) -> None:
    index = make_index()
    add(index, "old.md", "The weir is leaking.")
    notices = define(index)
    assert (look(index, notices), fired(notices)) == (0, [])
    add(index, "dry.md", "The weir holds.")
    add(index, "new.md", "The weirs leak.", page=4, unit="page")
    assert (look(index, notices), fired(notices)) == (1, [("new.md", "page 4")])
    assert look(index, notices) == 0
    add(index, "new.md", "The weir is leaking, again.", content="h2", page=4, unit="page")
    assert look(index, notices) == 1
    assert notices.fired()[0].quote == "The weir is leaking, again."
    assert notices.fired()[0].sent  # nobody is told but this list


def test_it_tells_of_nothing_that_its_readers_may_not_read(make_index: MakeIndex) -> None:
    index = make_index()
    notices = define(index)
    define(index, name="board", groups=("board",))
    add(index, "secret.md", "The weir is leaking.")
    index.catalog.set_access("secret.md", Access(("board",)))
    assert look(index, notices) == 1
    assert [one.rule for one in notices.fired()] == ["board"]


def test_a_label_is_a_heading_and_a_question_waits_for_who_can_ask_it(make_index: MakeIndex) -> None:
    index = make_index()
    notices = define(index, kind="label", text="safety")
    define(index, name="asked", kind="question", text="Who repaired the weir?")
    add(index, "a.md", "Wear a helmet.", section=("Site", "Safety"))
    assert look(index, notices) == 1
    asked: list[Scope] = []

    def ask(question: str, scope: Scope) -> tuple[Chunk, str]:
        asked.append(scope)
        return index.catalog.chunks_of("a.md")[0], "Wear"

    assert look(index, notices, ask) == 1
    assert [scope.sources for scope in asked] == [("a.md",)]
    assert [(one.rule, one.quote) for one in notices.fired()] == [("asked", "Wear"), ("weir", "Wear a helmet.")]


def test_a_webhook_is_told_and_tried_again(tmp_path: Any, make_index: MakeIndex) -> None:
    said: list[Any] = []

    def answer(path: str, headers: dict[str, str], body: Any) -> tuple[int, Any]:
        said.append(body)
        return (503 if len(said) == 1 else 204), {}

    with serving(answer) as address:
        index = make_index()
        notices = define(index, to=f"{address}/hook?token=s3cret")
        add(index, "new.md", "The weirs leak.")
        look(index, notices)
        assert "not on the public internet" in notices.fired()[0].error
        assert "s3cret" not in notices.fired()[0].error and said == []
        settings = settings_at(tmp_path, allow_hosts=("127.0.0.1",))
        with pytest.raises(FetchError, match="The webhook of weir answered 503"):
            send(notices.fired()[0], settings)
        send(notices.fired()[0], settings)
    assert said[1] == {
        "rule": "weir", "when": notices.fired()[0].when, "source": "new.md", "title": "new", "place": "",
        "quote": "The weirs leak.",
    }  # fmt: skip
    for _ in range(MOST_TRIES):
        look(index, notices)
    assert (notices.unsent(), notices.fired()[0].tries) == ([], MOST_TRIES)


@pytest.fixture
def smtp() -> Iterator[tuple[str, list[str]]]:
    """A mail server that keeps what it is told."""
    kept: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 ready\r\n")
            while line := self.rfile.readline().decode():
                kept.append(line.strip())
                if line.upper().startswith("DATA"):
                    self.wfile.write(b"354 go on\r\n")
                    while (line := self.rfile.readline().decode()) != ".\r\n":
                        kept.append(line.strip())
                self.wfile.write(b"221 bye\r\n" if line.upper().startswith("QUIT") else b"250 ok\r\n")
                if line.upper().startswith("QUIT"):
                    return

    with running(Handler, socketserver.TCPServer) as port:
        yield f"smtp://127.0.0.1:{port}", kept


def test_a_mail_is_sent_with_the_place(smtp: tuple[str, list[str]], tmp_path: Any) -> None:
    address, kept = smtp
    settings = settings_at(tmp_path, smtp_url=address, mail_from="us@example.org")
    notice = Fired(
        rule="weir", to="mailto:ada@example.org", when="", source="new.md", title="New\r\nBcc: eve@example.org",
        place="page 4", quote="The weirs leak.",
    )  # fmt: skip
    send(notice, settings)
    assert "Subject: weir: New Bcc: eve@example.org, page 4" in kept
    assert "The weirs leak." in kept
    assert [line for line in kept if line.lower().startswith("rcpt")] == ["rcpt TO:<ada@example.org>"]


def test_a_rule_that_could_tell_nobody_is_refused(tmp_path: Any) -> None:
    rule = {"name": "a", "kind": "words", "text": "weir"}
    for wrong, why in ({"text": "the"}, "no words"), ({"to": "mailto:a@b"}, "SMTP_URL"), ({"to": "ftp://x"}, "nowhere"):
        with pytest.raises(SettingsError, match=why):
            check_rule(Rule(**{**rule, **wrong}), settings_at(tmp_path))  # type: ignore[arg-type]


def test_a_source_that_is_back_is_new(make_index: MakeIndex) -> None:
    index = make_index()
    notices = define(index)
    put(index, [chunk("The weir is leaking.")])
    look(index, notices)
    index.remove("a.md")
    look(index, notices)
    put(index, [chunk("The weir is leaking.")])
    assert look(index, notices) == 1
