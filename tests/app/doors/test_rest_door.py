"""REST: what it answers, to whom, and that no request makes it fail."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pictures_drawn import drawn, encoded

from app.assistant import Assistant
from app.security.request_filter import host_names
from app.serve import web_app
from chains.report import as_json
from records import Scope, Turn
from store.feedback import AnswerFeedback
from store.source_ids import source_id
from tests.app.doors.conftest import HERON, LAW, OPEN, TABLE

pytestmark = pytest.mark.filterwarnings("ignore")  # Gradio's server meets deprecations of its own libraries
QUESTION = "What was the heron budget of the harbour in 2024?"


@pytest.fixture(scope="module")
def app(assistant: Assistant) -> Any:
    return web_app(assistant, host_names("127.0.0.1", ()))


@pytest.fixture(scope="module")
def anna(app: Any, tokens: dict[str, str]) -> TestClient:
    return client_of(app, tokens["anna"])


@pytest.fixture(scope="module")
def olaf(app: Any, tokens: dict[str, str]) -> TestClient:
    return client_of(app, tokens["olaf"])


def client_of(app: Any, token: str = "") -> TestClient:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return TestClient(app, "http://127.0.0.1", headers=headers)


def test_an_answer_is_that_of_the_command_with_ids_in_place_of_paths(anna: TestClient, assistant: Assistant) -> None:
    answer = anna.post("/api/v1/ask", json={"question": QUESTION}).json()
    scope = Scope(principal=assistant.identity.users.principal("anna"))
    expected = as_json(assistant.chain.invoke(Turn(question=QUESTION, scope=scope)))
    assert answer.keys() == expected.keys()
    assert (answer["answer"], answer["outcome"]) == (expected["answer"], "answered")
    first, known = answer["citations"][0], expected["citations"][0]
    assert (first["source"], first["source_id"]) == ("heron report.md", source_id(OPEN))
    assert {name: first[name] for name in known if name != "source"} == {n: known[n] for n in known if n != "source"}
    assert "/srv" not in str(answer)


def test_a_question_keeps_to_its_scope_and_its_history(anna: TestClient) -> None:
    asked = {"question": QUESTION.replace("heron", "lynx"), "scope": {"sources": [source_id(LAW)], "kinds": ["text"]}}
    assert {hit["source_id"] for hit in anna.post("/api/v1/ask", json=asked).json()["hits"]} == {source_id(LAW)}
    asked["scope"] = {"sources": ["berths.md"]}
    assert {hit["source"] for hit in anna.post("/api/v1/ask", json=asked).json()["hits"]} <= {"berths.md"}
    history = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": "5 million."}]
    answer = anna.post("/api/v1/ask", json={"question": "And who said it?", "history": history}).json()
    assert "harbour" in " ".join(answer["subquestions"])  # which only the history says


def test_search_pages_and_tables(olaf: TestClient) -> None:
    found = olaf.post(
        "/api/v1/search", json={"query": "length of the north berth", "scope": {"kinds": ["table"]}}
    ).json()
    (passage,) = found["passages"]
    assert (passage["passage_id"], passage["has_table"], passage["page"]) == ("berths", True, 1)
    table = olaf.get(f"/api/v1/passages/{passage['passage_id']}/table").json()
    assert table["columns"] == ["Berth", "Length"]
    assert table["rows"] == [["Berth", "Length"], ["North", "40 m"], ["South", "25 m"]]
    page = olaf.get(f"/api/v1/sources/{source_id(OPEN)}/pages/1").json()
    assert (page["text"], page["pages"]) == (HERON, 1)
    assert olaf.get(f"/api/v1/sources/{source_id(OPEN)}/pages/2").status_code == 404
    assert olaf.get("/api/v1/passages/id-hero/table").status_code == 404


def test_who_may_see_and_remove_what(olaf: TestClient, anna: TestClient, app: Any) -> None:
    shown = {one["source"]: one for one in olaf.get("/api/v1/sources").json()["sources"]}
    assert set(shown) == {"heron report.md", "berths.md"}
    assert not any(one["may_change"] for one in shown.values())
    assert anna.get("/api/v1/sources", params={"query": "lynx"}).json()["total"] == 1
    hidden = f"/api/v1/sources/{source_id(LAW)}"
    for method, path in (
        ("GET", hidden),
        ("DELETE", hidden),
        ("GET", f"{hidden}/pages/1"),
        ("GET", f"{hidden}/original"),
    ):
        assert olaf.request(method, path).status_code == 404
    assert olaf.get("/api/v1/passages/id-lynx/table").status_code == 404
    asked = {"question": "lynx budget", "scope": {"sources": [source_id(LAW)]}}
    assert olaf.post("/api/v1/ask", json=asked).status_code == 404
    refused = olaf.delete(f"/api/v1/sources/{source_id(OPEN)}")
    assert (refused.status_code, refused.json()["error"]["type"]) == (403, "permission_error")
    guest = client_of(app)
    assert guest.get("/api/v1/sources").json()["total"] == 2
    assert guest.post("/api/v1/sources", json={"link": "https://example.org"}).status_code == 403
    assert guest.post("/api/v1/sources/files", files={"files": ("a.md", b"# A")}).status_code == 403


def test_a_wrong_or_revoked_token_lets_nobody_in(app: Any, assistant: Assistant) -> None:
    text, token = assistant.identity.tokens.create("olaf", "short")
    assert client_of(app, text).get("/api/v1/sources").status_code == 200
    assistant.identity.tokens.revoke(token.id, "olaf")
    for wrong in (text, "doc_wrong", "x", "a b c"):
        for path in ("/api/v1/sources", "/v1/models", "/mcp", "/metrics"):
            answer = client_of(app, wrong).get(path)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert text not in answer.text
    assert client_of(app).get("/api/v1/sources", headers={"Authorization": "Basic b2xhZjp4"}).status_code == 401


def test_a_session_of_the_page_opens_no_door_and_another_site_s_page_none(
    app: Any, assistant: Assistant, tokens: dict[str, str]
) -> None:
    anna = assistant.identity.users.get("anna")
    assert anna is not None
    cookies = {"session": assistant.identity.sessions.begin(anna)}
    browser = TestClient(app, "http://127.0.0.1", cookies=cookies)
    assert browser.get("/api/v1/sources").json()["total"] == 2  # a guest's
    elsewhere = {"Origin": "https://evil.example", "Authorization": f"Bearer {tokens['anna']}"}
    for path in ("/api/v1/ask", "/v1/chat/completions", "/mcp", "/tokens"):
        assert browser.post(path, json={}, headers=elsewhere).status_code == 403
    assert browser.get("/api/v1/sources", headers={"Host": "evil.example"}).status_code == 403


def test_an_upload_is_read_listed_and_removed(olaf: TestClient, anna: TestClient) -> None:
    added = olaf.post(
        "/api/v1/sources/files", files=[("files", ("weir.md", b"# Weir\n\nThe weir is 3 m high."))], data={"wait": "60"}
    )
    assert added.status_code == 202
    (source,) = added.json()["sources"]
    assert (source["source"], source["status"], source["passages"]) == ("weir.md", "added", 1)
    path = f"/api/v1/sources/{source['source_id']}"
    shown = olaf.get(path).json()
    assert (shown["readers"], shown["may_change"]) == (["user:olaf"], True)
    assert anna.get(path).status_code == 404  # added for olaf alone
    assert olaf.get(f"{path}/original").content == b"# Weir\n\nThe weir is 3 m high."
    assert "sandbox" in olaf.get(f"{path}/original").headers["content-security-policy"]
    assert olaf.delete(path).json() == {"source": "weir.md", "source_id": source["source_id"]}
    assert olaf.get(path).status_code == 404


def test_what_cannot_be_read_says_so_and_shows_no_path(olaf: TestClient) -> None:
    files = [("files", ("../../broken.pdf", b"%PDF-1.7 nothing"))]
    (source,) = olaf.post("/api/v1/sources/files", files=files, data={"wait": "60"}).json()["sources"]
    assert (source["source"], source["status"]) == ("broken.pdf", "failed")
    assert source["error"]
    assert "uploads" not in str(source)
    assert olaf.get(f"/api/v1/sources/{source['source_id']}").json()["status"] == "failed"
    large = [("files", ("large.md", bytes(100_001)))]
    assert "100,000 are taken" in olaf.post("/api/v1/sources/files", files=large).json()["error"]["message"]
    for link in ("/etc/passwd", "file:///etc/passwd", "ftp://example.org/x"):
        assert olaf.post("/api/v1/sources", json={"link": link}).status_code == 422


def test_feedback_is_kept_under_the_user_s_name(olaf: TestClient, assistant: Assistant) -> None:
    given = {"question": QUESTION, "answer": "5 million.", "rating": "bad", "correction": "6 million",
             "citations": [{"source": source_id(OPEN), "page": 1}]}  # fmt: skip
    assert olaf.post("/api/v1/feedback", json=given).status_code == 204
    entry = assistant.feedback.all()[-1]
    assert isinstance(entry, AnswerFeedback)
    assert (entry.who, entry.rating, entry.correction) == ("olaf", "bad", "6 million")
    assert entry.citations[0].source == OPEN


def test_a_picture_may_come_with_a_question(olaf: TestClient) -> None:
    asked = {"picture": base64.b64encode(encoded(drawn(1))).decode()}
    assert olaf.post("/api/v1/ask", json=asked).status_code == 200
    assert olaf.post("/api/v1/ask", json={"picture": "no base64!"}).status_code == 422
    assert olaf.post("/api/v1/ask", json={"picture": base64.b64encode(b"no picture").decode()}).status_code == 422


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'{"question": "\\ud800"}', b'{"question": ""}', b'{"question": "x", "scope": {"kinds": ["film"]}}',
     b'{"question": "x", "scope": {"sources": ["nothing"]}}', b'{"question": "%s"}' % (b"w" * 4_001)],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_a_reason(olaf: TestClient, body: bytes) -> None:
    answer = olaf.post("/api/v1/ask", content=body, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500
    assert answer.json()["error"]["message"]


def test_the_longest_question_that_is_taken_is_answered(olaf: TestClient) -> None:
    for question in ("w" * 4_000, "\0", "heron \0 budget", "( " * 2_000, '"' * 3_999):
        assert olaf.post("/api/v1/ask", json={"question": question}).status_code == 200


def test_schemathesis_finds_no_request_that_makes_it_fail(olaf: TestClient, app: Any) -> None:
    schemathesis = pytest.importorskip("schemathesis", reason="pip install -r requirements-dev.txt")
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st

    schema = schemathesis.openapi.from_dict(olaf.get("/api/openapi.json").json())
    operations = [one.ok() for one in schema.get_all_operations()]
    paths = {f"{one.method.upper()} {one.path}" for one in operations}
    assert {"POST /v1/ask", "POST /v1/search", "DELETE /v1/sources/{source_id}", "POST /v1/sources/files"} <= paths
    # nothing is added: that would start processes for each example
    cases = st.one_of([one.as_strategy() for one in operations if not (one.method == "post" and "sources" in one.path)])
    seen = set()

    @given(case=cases)
    @settings(
        max_examples=50,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def run(case: Any) -> None:
        kwargs = case.as_transport_kwargs(base_url="http://127.0.0.1/api")
        answer = olaf.request(**kwargs)
        seen.add((case.method, case.path, answer.status_code))
        assert answer.status_code < 500, (kwargs, answer.text)
        if answer.status_code >= 400:
            assert answer.json()["error"]["message"]

    run()
    assert {200, 404, 422} <= {status for *_, status in seen}


def test_the_document_says_how_to_log_in_and_of_what_problems_are_made(olaf: TestClient) -> None:
    document = olaf.get("/api/openapi.json").json()
    assert "Bearer" in document["info"]["description"]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert "4XX" in operation["responses"], path
    assert TABLE not in str(document)
    assert Path(OPEN).name not in str(document)
