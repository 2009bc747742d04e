"""Nothing of a source reaches who may not read it: by no question, list, name, picture, download or old answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEmbedder, chunk, document, fingerprint, settings_at, table
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import evidence
from app.archive import archive_of
from app.assistant import Assistant
from app.chat import REDACTED, Exchange, messages
from app.ingestion import Batch
from app.labelling import task_for
from app.preview import preview_html
from app.security.identity import Identity
from app.serve import web_app
from app.sources import list_html
from app.text import escaped, shortened
from app.trace import trace_json
from chains.pipeline import build, resources_of
from chains.report import as_json
from errors import AssistantError
from records import GUEST, OPERATOR, Access, Chunk, Principal, Scope, Turn
from store.auth.access import may_change
from store.auth.users import principal_named
from store.index import Index
from store.source_ids import source_id

# Each source has a word that nothing else has, in its name, its title and everything it says.
MARKS = ("quokka", "axolotl", "pangolin", "narwhal", "okapi", "tapir")
GROUPS = ("finance", "law", "admins")
USERS = ("alice", "bob", "carol")
LABELS = (*GROUPS, *(f"user:{name}" for name in USERS))
SAYS = "The {mark} budget of the harbour was {n} million in 2024, said the {mark} board."


def name(mark: str) -> str:
    return f"/docs/{mark} report.md"


def fill(index: Index) -> None:
    """Store six look-alike sources, each with a passage, a table and a picture."""
    for n, mark in enumerate(MARKS, start=3):
        rows = table(("Item", "2024"), (f"{mark} budget", f"{n}.5"))
        asset, picture = index.assets.put_table(rows), index.assets.put(mark.encode(), ".png")
        fields: dict[str, Any] = {"source": name(mark), "title": f"The {mark} report"}
        chunks = [
            chunk(SAYS.format(mark=mark, n=n), id=f"{mark}1", **fields),
            chunk(f"{mark} budget | {n}.5", id=f"{mark}2", kind="table", table=asset, last_row=2, ordinal=1, **fields),
            chunk(f"A {mark} on a quay", id=f"{mark}3", kind="image", picture=picture, ordinal=2, **fields),
        ]
        doc = replace(document(name(mark)), title=f"The {mark} report")
        index.put(doc, chunks, fingerprint(), "2026-01-02T03:04:05+00:00")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, chroma_url: str) -> Iterator[Index]:
    with Index(settings_at(tmp_path_factory.mktemp("access"), chroma_url), FakeEmbedder()) as one:  # type: ignore[arg-type]
        fill(one)
        yield one


@pytest.fixture
def assistant(index: Index) -> Iterator[Assistant]:
    with Assistant(index) as one:
        yield one


accesses = st.fixed_dictionaries(
    {mark: st.lists(st.sampled_from(LABELS), max_size=3, unique=True).map(tuple) for mark in MARKS}
)
readers = st.builds(
    lambda who, groups: principal_named(who, groups) if who else GUEST,
    st.sampled_from(("", *USERS)),
    st.lists(st.sampled_from(GROUPS), max_size=3, unique=True),
)
asked = st.sampled_from(
    [SAYS.format(mark=mark, n=n).replace(" was", "?") for n, mark in enumerate(MARKS)]
    + ["What was the budget of the harbour in 2024?", "Which budget was the highest in 2024?", "quokka axolotl okapi"]
    + [f"What does the {mark} report say of the {other} budget?" for mark, other in combinations(MARKS[:4], 2)]
)


def set_all(index: Index, access: dict[str, tuple[str, ...]]) -> None:
    for mark, labels in access.items():
        index.catalog.set_access(name(mark), Access(labels))


def forbidden(access: dict[str, tuple[str, ...]], principal: Principal) -> list[str]:
    """State the rule once more, in other words than the product's."""
    mine = {f"user:{principal.name}", *principal.groups} if principal.name else set()
    return [mark for mark, labels in access.items() if labels and not mine & set(labels)]


def without_questions(text: str, turn: Turn) -> str:
    """Return a trace without the questions that were put, which are the asker's own words."""
    for asked_of in (turn.standalone, *(part.question for part in turn.parts)):
        text = text.replace(escaped(shortened(asked_of, 200)), "") if asked_of else text
    return text


def without_question(text: str, question: str) -> str:
    """Return what is shown without what the asker wrote."""
    for word in question.lower().replace("?", " ").split():
        text = text.replace(f"“{question}”", "").replace(word, "") if word in MARKS else text
    return text


@given(access=accesses, principal=readers, question=asked)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
def test_no_path_gives_anything_of_a_forbidden_source(
    index: Index, assistant: Assistant, access: dict[str, tuple[str, ...]], principal: Principal, question: str
) -> None:
    set_all(index, access)
    hidden = forbidden(access, principal)
    chain = build(index, index.settings)
    if len(hidden) == len(MARKS):  # the same as where there is nothing
        with pytest.raises(AssistantError, match="no documents yet"):
            chain.invoke(Turn(question=question, scope=Scope(principal=principal)))
        return
    turn = chain.invoke(Turn(question=question, scope=Scope(principal=principal)))
    conversation = (Exchange(turn, "done"),)
    seen = {
        "hits": " ".join(repr(hit.chunk) for part in turn.parts for hit in (*part.hits, *turn.hits)),
        "citations": " ".join(repr(citation) for citation in turn.citations),
        "list": list_html(index.documents.sources(principal), "", principal),
        "labels": repr([one.chunk for one in task_for(question, index, principal).candidates]),
        "names": repr(resources_of(index, index.settings).names.of(principal).match(question)),
        "sources": repr(sorted(assistant.sources(principal))),
        "panel": without_questions(
            evidence.panel(
                conversation, evidence.first_key(conversation), assistant.sources(principal), archive_of(index, principal)
            ).partition("</header>")[2],
            turn,
        ),
        "trace": repr([part["hits"] for part in trace_json(turn)["parts"]]),
    }  # fmt: skip
    for location, text in seen.items():
        for mark in hidden:
            assert mark not in text, location
    assert not any(mark in without_question(str(as_json(turn)).lower(), question) for mark in hidden)
    assert index.documents.hidden(principal) == {name(mark) for mark in hidden}
    for mark in MARKS:
        assert (index.documents.chunk(f"{mark}1", principal) is None) == (mark in hidden)
        assert (index.documents.source(name(mark), principal) is None) == (mark in hidden)


@given(access=accesses, principal=readers, question=asked)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_what_is_found_is_what_an_index_without_the_rest_would_find(
    index: Index, access: dict[str, tuple[str, ...]], principal: Principal, question: str
) -> None:
    set_all(index, access)
    scope, hidden = Scope(principal=principal), forbidden(access, principal)
    allowed = Scope(sources=tuple(name(mark) for mark in MARKS if mark not in hidden), principal=OPERATOR)
    assert ids(index.dense.search(question, 50, scope)) == ids(index.dense.search(question, 50, allowed))
    assert sorted(ids(index.lexical.search(question, 50, scope))) == sorted(
        ids(index.lexical.search(question, 50, allowed))
    )
    for mark in MARKS:  # a word of nothing but forbidden sources is as rare as one that nobody wrote
        weights = index.lexical.idf([mark, "zzzz"], principal)
        assert (weights[mark] == weights["zzzz"]) == (mark in hidden)


def ids(ranking: list[tuple[Chunk, float]]) -> list[str]:
    return [one.id for one, _ in ranking]


def test_a_scope_that_names_a_forbidden_source_finds_nothing_in_it(index: Index) -> None:
    set_all(index, dict.fromkeys(MARKS, ("law",)))
    scope = Scope(sources=(name("quokka"),), principal=principal_named("bob", ["finance"]))
    assert index.dense.search("quokka", 5, scope) == index.lexical.search("quokka", 5, scope) == []
    allowed = replace(scope, principal=principal_named("bob", ["law"]))
    assert ids(index.lexical.search("quokka", 5, allowed)) != []


def test_a_change_takes_effect_at_once_on_old_answers_too(index: Index, assistant: Assistant) -> None:
    set_all(index, dict.fromkeys(MARKS, ("finance",)))
    principal = principal_named("alice", ["finance"])
    question = "What was the quokka budget of the harbour in 2024?"
    turn = build(index, index.settings).invoke(Turn(question=question, scope=Scope(principal=principal)))
    conversation = (Exchange(turn, "done"),)
    assert assistant.still_readable(conversation, principal) == conversation
    index.catalog.set_access(turn.citations[0].chunk.source, Access(("law",)))
    (left,) = assistant.still_readable(conversation, principal)
    assert left.turn.answer == REDACTED
    shown = [message.content for message in messages((left,))]
    assert shown == [question, REDACTED]
    assert left.turn.hits == left.turn.citations == left.turn.parts == ()


def test_who_may_remove(index: Index, assistant: Assistant) -> None:
    access = Access(("finance",), "alice")
    index.catalog.set_access(name("tapir"), access)
    one = index.documents.source(name("tapir"), OPERATOR)
    assert one is not None
    assert may_change(principal_named("alice", []), one)
    assert may_change(principal_named("bob", ["finance", "admins"]), one)
    assert not may_change(principal_named("bob", ["finance"]), one)
    assert not may_change(GUEST, one)
    assert "Yes, remove" not in list_html([one], "", principal_named("bob", ["finance"]))
    assert assistant.remove(name("tapir"), principal_named("bob", ["law"])) is False  # for whom there is no such source


@given(access=accesses, reader=readers)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_stored_is_shown_to_readers_alone(
    access: dict[str, tuple[str, ...]], reader: Principal, index: Index, assistant: Assistant
) -> None:
    set_all(index, access)
    for mark in MARKS:
        hidden = name(mark) in index.documents.hidden(reader)
        for key in (name(mark), source_id(name(mark))):
            contents = assistant.contents(key, reader)
            assert (contents is None) is hidden
            assert contents is None or mark in preview_html(contents, "chunks")


# --- over the network ---


@pytest.fixture
def told_apart(index: Index) -> Iterator[Assistant]:
    """Set up users alice (finance) and bob (law); quokka is for finance, axolotl for law, the rest is open."""
    identity = Identity(index.settings)
    identity.users.put("alice", "a long password", ["finance"])
    identity.users.put("bob", "another password", ["law"])
    set_all(index, dict.fromkeys(MARKS, ()) | {"quokka": ("finance",), "axolotl": ("law",)})
    with Assistant(index, identity=identity) as one:
        yield one
    identity.users.path.unlink()


def logged_in(assistant: Assistant, who: str) -> dict[str, str]:
    user = assistant.identity.users.get(who)
    return {"session": assistant.identity.sessions.begin(user)} if user else {}


@pytest.mark.filterwarnings("ignore")  # Gradio's server meets deprecations of its own libraries
def test_pictures_and_originals_are_for_readers_alone(told_apart: Assistant) -> None:
    app = web_app(told_apart)
    for who, may in {"": (), "alice": ("quokka",), "bob": ("axolotl",)}.items():
        client = TestClient(app, cookies=logged_in(told_apart, who))
        for mark in MARKS:
            expected = 200 if mark in may or mark not in ("quokka", "axolotl") else 404
            assert client.get(f"/evidence/{mark}3/picture").status_code == expected
            body = client.get("/original", params={"source": name(mark)}).text
            missing, unknown = "no longer where it was read from", "No such source"
            assert (missing if expected == 200 else unknown) in body
    forged = TestClient(app, headers={"X-Forwarded-User": "alice", "X-Forwarded-Groups": "finance,admins"})
    assert forged.get("/evidence/quokka3/picture").status_code == 404  # no proxy is trusted


@contextmanager
def served(assistant: Assistant) -> Iterator[str]:
    import uvicorn

    with socket.create_server(("127.0.0.1", 0)) as listener:
        web = uvicorn.Server(
            uvicorn.Config(web_app(assistant), log_level="error", timeout_graceful_shutdown=1, proxy_headers=False)
        )
        thread = threading.Thread(target=web.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            web.should_exit = True
            thread.join(20)


@pytest.mark.filterwarnings("ignore")  # Gradio's client and server meet deprecations of their own libraries
def test_the_endpoint_answers_each_from_their_own_sources(
    told_apart: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gradio_client import Client

    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
    with served(told_apart) as url:
        for who, mark, cited in (("alice", "quokka", True), ("bob", "quokka", False), ("", "quokka", False)):
            cookies = "; ".join(f"{key}={value}" for key, value in logged_in(told_apart, who).items())
            client = Client(url, headers={"Cookie": cookies} if cookies else {}, verbose=False, download_files=False)
            answer = client.predict(f"What was the {mark} budget of the harbour in 2024?", api_name="/ask")
            sources = {one["source"] for one in answer["citations"]}
            assert (f"{mark} report.md" in sources) is cited
            assert cited or f"{mark} report.md" not in str(answer)
            assert "/docs/" not in str(answer)  # where things lie on the server is for those who look after it


@pytest.mark.filterwarnings("ignore")
def test_a_page_is_of_who_opened_it(told_apart: Assistant) -> None:
    app = web_app(told_apart)
    alice, bob = (TestClient(app, cookies=logged_in(told_apart, who)) for who in ("alice", "bob"))
    alice_principal = told_apart.identity.users.principal("alice")
    assert told_apart.identity.owns("hash1", alice_principal)
    assert bob.get("/gradio_api/queue/data", params={"session_hash": "hash1"}).status_code == 403
    assert TestClient(app).get("/gradio_api/queue/data", params={"session_hash": "hash1"}).status_code == 403
    assert told_apart.identity.owns("hash1", alice_principal)
    assert not told_apart.identity.owns("hash1", GUEST)
    assert alice.get("/").status_code == 200


@pytest.mark.filterwarnings("ignore")
def test_guests_add_nothing(told_apart: Assistant) -> None:
    app = web_app(told_apart)
    files = {"files": ("a.md", b"# A", "text/markdown")}
    assert TestClient(app).post("/gradio_api/upload", files=files).status_code == 403
    client = TestClient(app, cookies=logged_in(told_apart, "bob"))
    assert client.post("/gradio_api/upload", files=files).status_code == 200


def test_what_is_being_added_is_shown_to_who_adds_it(told_apart: Assistant) -> None:
    told_apart.ingestion._running += [
        Batch(sources=("/docs/alice plan.md",), owner="alice"),
        Batch(sources=("left.md",)),
    ]
    users = told_apart.identity.users
    seen = {
        who: told_apart.ingestion.running_of(users.principal(who) if who else GUEST) for who in ("alice", "bob", "")
    }
    told_apart.ingestion._running.clear()
    assert {who: [batch.sources[0] for batch in batches] for who, batches in seen.items()} == {
        "alice": ["/docs/alice plan.md"],
        "bob": [],
        "": [],
    }


def test_every_reading_method_of_the_app_and_the_chains_is_asked_for_a_reader() -> None:
    """The catalog and the indexes, which tell all, are reached by the store and by commands alone."""
    root = Path(__file__).resolve().parents[2]
    closed = ("index.catalog.", "index.parts", "index.recovery", "index._")
    allowed = {"app/ingestion.py": "index.catalog."}  # writes, and reads of what it is writing
    for path in [*root.glob("app/**/*.py"), *root.glob("chains/*.py")]:
        inside = path.relative_to(root).as_posix()
        for word in closed:
            assert word not in path.read_text() or allowed.get(inside) == word, f"{inside}: {word}"


Maker = Callable[..., Index]


def test_who_may_read_outlives_a_kill_and_a_new_version(make_index: Maker) -> None:
    index = make_index()
    index.jobs.begin(["/docs/a.md"], {"/docs/a.md": Access(("law",), "bob")})  # and then it is killed
    assert index.catalog.access("/docs/a.md") == Access(("law",), "bob")
    index.jobs.begin(["/docs/a.md"])  # the next start goes on, and says nothing of readers
    index.put(document("/docs/a.md"), [chunk("first", source="/docs/a.md")], fingerprint(), "now")
    assert index.documents.hidden(GUEST) == {"/docs/a.md"}
    index.put(document("/docs/a.md"), [chunk("second", source="/docs/a.md")], fingerprint("h2"), "now")
    assert index.catalog.access("/docs/a.md") == Access(("law",), "bob")
    index.jobs.begin(["/docs/a.md"], {"/docs/a.md": Access()})  # opened: at once, before it is read again
    assert index.documents.hidden(GUEST) == frozenset()
    assert index.remove("/docs/a.md")
    index.put(document("/docs/a.md"), [chunk("third", source="/docs/a.md")], fingerprint(), "now")
    assert index.catalog.access("/docs/a.md") == Access()


def test_an_upload_nobody_spoke_for_is_for_admins(make_index: Maker) -> None:
    index = make_index()
    upload = str(index.uploads / "0123456789ab" / "plan.md")
    index.jobs.begin([upload, "/docs/b.md"])
    assert index.catalog.access(upload) == Access(("admins",))
    assert index.catalog.access("/docs/b.md") is None
