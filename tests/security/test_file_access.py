"""What is let in over HTTP, and what goes out: no file but the originals of sources, no request of another site."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fakes import FakeEmbedder, settings_at
from pictures_drawn import drawn, encoded

from app.__main__ import main
from app.assistant import Assistant
from app.security.request_filter import check_exposure, host_names, is_loopback
from ingest.pipeline import ingest
from ingest.workers import Workers
from records import OPERATOR
from store.index import Index
from tests.security.site import Site, served

pytestmark = pytest.mark.filterwarnings("ignore")  # Gradio's server meets deprecations of its own libraries
SECRET = "the-secret-of-this-test"
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with the data folder, a source that is ingested, and secrets in it and next to it."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "data").mkdir()
    for secret in ("secret.txt", "data/uploads.txt"):
        (folder / secret).write_text(SECRET)
    (folder / "data" / "settings.json").write_text('{"top_k": 10}')
    (folder / "note.md").write_text("# Weir\n\nThe weir stood still for 41 days.")
    (folder / "page.html").write_text(
        "<html><body><h1>Roof</h1><p>The roof is red.</p><script>x</script></body></html>"
    )
    return folder


@pytest.fixture(scope="module")
def assistant(folder: Path, chroma_url: str) -> Iterator[Assistant]:
    limits = {"max_source_bytes": 100_000, "max_upload_bytes": 250_000, "max_uploads": 3, "workers": 1}
    settings = settings_at(folder / "data", chroma_url, **limits)
    with Index(settings, FakeEmbedder()) as index:  # type: ignore[arg-type]
        with Workers(settings) as workers:
            outcomes = list(ingest(index, [str(folder / "note.md"), str(folder / "page.html")], workers=workers))
        assert [outcome.status for outcome in outcomes] == ["added", "added"]
        with Assistant(index) as one:
            yield one


@pytest.fixture(scope="module")
def site(assistant: Assistant) -> Iterator[Site]:
    with served(assistant) as one:
        yield one


def forbidden(folder: Path) -> Iterator[str]:
    """Return paths of requests for files that nobody may have."""
    files = [
        "/etc/passwd",
        str(ROOT / "config.py"),
        str(ROOT / "app" / "page.css"),
        str(folder / "secret.txt"),
        str(folder / "data" / "catalog.sqlite"),
        str(folder / "data" / "settings.json"),
        str(next((folder / "data" / "assets").glob("??/*"))),
        str(folder / "note.md"),
    ]
    for file in files:
        for prefix in ("/gradio_api/file=", "/gradio_api/file/", "/file=", "/file/", "/gradio_api/file%3D"):
            yield prefix + file
            yield prefix + quote(file, safe="")
            yield prefix + "file://" + file
    for prefix in ("/static/", "/assets/", "/svelte/", "/gradio_api/custom_component/", "/evidence/", "/"):
        for up in ("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%252f", "..\\", "..%5c", "....//"):
            yield prefix + up * 12 + "etc/passwd"
            yield prefix + "img/" + up * 12 + str(folder / "secret.txt").lstrip("/")
    for source in ("/etc/passwd", "../secret.txt", str(folder / "secret.txt"), str(folder / "data" / "settings.json")):
        yield "/original?source=" + quote(source, safe="")
        yield "/original?source=" + quote("file://" + source, safe="")
        yield "/original?source=" + quote(f"{folder}/note.md/../{source}", safe="")
        yield "/original?source=" + quote(f"{folder}/note.md\0{source}", safe="")


def test_no_file_but_the_originals_of_sources_goes_out(site: Site, folder: Path) -> None:
    paths = list(forbidden(folder))
    assert len(paths) > 200
    for path in paths:
        answer = site.get(path)
        assert answer.status in (400, 403, 404, 422), path
        assert SECRET.encode() not in answer.content, path  # type: ignore[attr-defined]
        assert b"root:" not in answer.content, path  # type: ignore[attr-defined]
    answer = site.get("/original?source=" + quote(str(folder / "note.md"), safe=""))
    assert (answer.status, answer.content) == (200, (folder / "note.md").read_bytes())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/proxy=http://127.0.0.1:{port}/",
        "/gradio_api/stream/x",
        "/gradio_api/stream/a/1/2/playlist.m3u8",
        "/gradio_api/deep_link?session_hash=x",
        "/gradio_api/process_recording",
        "/gradio_api/component_server",
        "/gradio_api/vibe-code",
        "/gradio_api/dev/reload",
        "/gradio_api/runs",
        "/monitoring",
        "/gradio_api/run/ask",
        "/docs",
        "/openapi.json",
    ],
)
def test_routes_that_the_page_does_not_need_are_closed(site: Site, path: str) -> None:
    for method in ("GET", "POST", "PUT"):
        assert site.get(path.format(port=site.port), method).status == 404


def event(site: Site, elem_id: str, kind: str) -> int:
    """Return the number of the function that an event of a component calls."""
    config = json.loads(site.get("/config").content)  # type: ignore[attr-defined]
    (target,) = (one["id"] for one in config["components"] if one["props"].get("elem_id") == elem_id)
    return next(one["id"] for one in config["dependencies"] if [target, kind] in one["targets"])


def after(site: Site, function: int) -> int:
    """Return the number of the function that the page calls first after another."""
    config = json.loads(site.get("/config").content)  # type: ignore[attr-defined]
    return next(one["id"] for one in config["dependencies"] if one["trigger_after"] == function)


def call(site: Site, function: int, data: list[Any]) -> str:
    """Call a function as the page does, with data of one's own; return the stream of what it answers."""
    body = json.dumps({"data": data, "fn_index": function, "session_hash": "test"})
    assert site.get("/gradio_api/queue/join", "POST", body, Content_Type="application/json").status == 200
    answer = site.get("/gradio_api/queue/data?session_hash=test")
    return bytes(answer.content).decode()  # type: ignore[attr-defined]


def test_only_what_was_uploaded_is_taken_as_an_upload(site: Site, assistant: Assistant, folder: Path) -> None:
    function = event(site, "files", "upload")
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0.3)
        link = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/x.md"
        (uploaded,) = json.loads(upload(site, ("own.md", b"own")).content)
        sibling = f"{Path(uploaded).parent}/../../{folder}/secret.txt"
        paths = ["/etc/passwd", str(folder / "secret.txt"), str(folder / "note.md"), link, "../secret.txt", sibling]
        for path in (*paths, f"file://{folder}/secret.txt", f"{uploaded}/../../../{folder}/secret.txt"):
            for url in (None, link, "http://169.254.169.254/latest"):
                named = {"path": path, "url": url, "meta": {"_type": "gradio.FileData"}}
                output = call(site, function, [[named], None, "Only me"])
                assert '"success":false' in output, output
                assert SECRET not in output
        with pytest.raises(TimeoutError):
            elsewhere.accept()
    assert (folder / "secret.txt").exists()
    assert not assistant.uploads.exists() or not any(assistant.uploads.iterdir())
    assert len(assistant.sources(OPERATOR)) == 2


def test_the_question_box_takes_what_was_uploaded_and_nothing_else(site: Site, folder: Path) -> None:
    (folder / "secret.png").write_bytes(encoded(drawn(1)))
    added, function = event(site, "ask", "submit"), after(site, event(site, "ask", "submit"))
    for path in (str(folder / "secret.png"), "/etc/passwd", "http://169.254.169.254/latest.png"):
        named = {"path": path, "url": None, "meta": {"_type": "gradio.FileData"}}
        value = {"text": "What is this?", "files": [named]}
        for called, data in ((added, [value, None, None]), (function, [value, None])):
            output = call(site, called, data)
            assert '"success":false' in output and "didn't receive" not in output, output
    (uploaded,) = json.loads(upload(site, ("own.png", encoded(drawn(1)))).content)
    named = {"path": uploaded, "url": None, "meta": {"_type": "gradio.FileData"}}
    output = call(site, function, [{"text": "What is this?", "files": [named]}, None])
    assert '"success":true' in output, output
    assert "with a picture" in output
    (folder / "secret.png").unlink()


def multipart(*files: tuple[str, bytes]) -> tuple[bytes, str]:
    parts = [
        b'--edge\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\n%s\r\n' % (name.encode(), data)
        for name, data in files
    ]
    return b"".join(parts) + b"--edge--\r\n", "multipart/form-data; boundary=edge"


def upload(site: Site, *files: tuple[str, bytes], pieces: bool = False) -> Any:
    body, kind = multipart(*files)
    sent: Any = iter([body[:1000], body[1000:]]) if pieces else body
    return site.get("/gradio_api/upload", "POST", sent, Content_Type=kind)


@pytest.mark.parametrize("pieces", [False, True], ids=["announced", "in pieces"])
def test_uploads_are_limited_in_size(site: Site, pieces: bool) -> None:
    assert upload(site, ("a.md", bytes(100_001)), pieces=pieces).status == 413
    together = [(f"{n}.md", bytes(90_000)) for n in range(3)]
    assert upload(site, *together, pieces=pieces).status == 413
    assert upload(site, *together[:2], pieces=pieces).status == 200
    assert site.get("/gradio_api/queue/join", "POST", b" " * 1_000_001, Content_Type="application/json").status == 413


def test_uploads_are_limited_in_number(site: Site, assistant: Assistant) -> None:
    paths = json.loads(upload(site, *[(f"{n}.md", b"words %d" % n) for n in range(4)]).content)
    data = [{"path": path, "meta": {"_type": "gradio.FileData"}} for path in paths]
    output = call(site, event(site, "files", "upload"), [data, None, "Only me"])
    assert "4 files are too many at once" in output
    assert not any(Path(path).exists() for path in paths)
    assert len(assistant.sources(OPERATOR)) == 2


def test_an_upload_stays_in_the_data_folder_whatever_its_name(site: Site, assistant: Assistant, folder: Path) -> None:
    names = ["../../../outside.md", "..\\..\\outside.md", "/etc/outside.md", "outside.md\0.pdf", "%2e%2e%2foutside.md"]
    for name in names:
        answer = upload(site, (name, b"# Words\n\nOutside " + name.encode()))
        if answer.status != 200:
            continue
        (path,) = json.loads(answer.content)
        output = call(
            site,
            event(site, "files", "upload"),
            [[{"path": path, "meta": {"_type": "gradio.FileData"}}], None, "Only me"],
        )
        assert '"success":true' in output
    for batch in assistant.ingestion.running():
        batch.finished.wait(30)
    uploaded = set(assistant.sources(OPERATOR)) - {str(folder / "note.md"), str(folder / "page.html")}
    assert uploaded
    assert all(Path(source).resolve().is_relative_to(assistant.uploads.resolve()) for source in uploaded)
    assert set(folder.parent.rglob("*outside*")) == {Path(source) for source in uploaded}
    for source in uploaded:
        assistant.remove(source, OPERATOR)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", "10.0.0.7", ""])
def test_a_page_that_lets_its_name_point_here_reads_nothing(site: Site, host: str) -> None:
    for path in ("/", "/config", "/original?source=x", "/gradio_api/info"):
        answer = site.get(path, Host=host)
        assert answer.status in (400, 403)
        assert b"not served under that name" in answer.content or answer.status == 400  # type: ignore[attr-defined]


def test_the_machine_s_own_names_are_let_in(site: Site) -> None:
    for host in ("localhost", f"localhost:{site.port}", "127.0.0.1", f"[::1]:{site.port}"):
        assert site.get("/config", Host=host).status == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost:3000", "file://", "http://[::1"]
)
def test_another_site_s_page_cannot_act(site: Site, origin: str) -> None:
    body = json.dumps({"data": [], "fn_index": 0, "session_hash": "x"})
    for path in ("/gradio_api/queue/join", "/gradio_api/upload", "/gradio_api/run/predict"):
        assert site.get(path, "POST", body, Origin=origin, Content_Type="application/json").status == 403
    own = f"http://127.0.0.1:{site.port}"
    answer = site.get("/gradio_api/queue/join", "POST", body, Origin=own, Content_Type="application/json")
    assert answer.status != 403


def test_every_answer_has_the_security_headers(site: Site, folder: Path) -> None:
    original = "/original?source=" + quote(str(folder / "page.html"), safe="")
    for path in (
        "/",
        "/config",
        "/theme.css",
        "/nothing",
        "/gradio_api/file=/etc/passwd",
        "/evidence/x/page",
        original,
    ):
        headers = site.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "no-referrer", path
        assert headers["x-frame-options"] == "DENY", path
        assert headers["cross-origin-resource-policy"] == "same-origin", path
        assert "default-src 'none'" in headers["content-security-policy"], path
    assert "sandbox" in site.get(original).headers["content-security-policy"]


def test_scripts_of_the_page_carry_a_number_that_changes(site: Site) -> None:
    nonces = set()
    for _ in range(2):
        answer = site.get("/")
        policy = answer.headers["content-security-policy"]
        (nonce,) = re.findall(r"'nonce-([\w-]{24})'", policy)
        scripts = re.findall(r"<script[^>]*>", bytes(answer.content).decode())  # type: ignore[attr-defined]
        assert scripts
        assert all(f'nonce="{nonce}"' in script for script in scripts)
        assert "frame-ancestors 'none'" in policy
        (allowed,) = re.findall(r"script-src ([^;]*);", policy)
        assert allowed.split() == ["'self'", f"'nonce-{nonce}'", "'unsafe-eval'"]
        nonces.add(nonce)
    assert len(nonces) == 2


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "10.0.0.1"])
def test_serving_others_needs_a_word(host: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--host", host, "--port", "0", "--data-dir", str(tmp_path)]) == 2
    output = capsys.readouterr().err
    assert "--open-to-all" in output
    assert host in output
    check_exposure(host, open_to_all=True, auth_enabled=False)
    check_exposure(host, open_to_all=False, auth_enabled=True)


def test_loopback_needs_none() -> None:
    for host in ("127.0.0.1", "::1", "localhost", "127.3.2.1"):
        assert is_loopback(host)
        check_exposure(host, open_to_all=False, auth_enabled=False)
        assert host_names(host, ()) >= {host, "localhost"}  # type: ignore[operator]
    assert host_names("0.0.0.0", ()) is None
    assert host_names("0.0.0.0", ("Docs.example",)) >= {"docs.example"}  # type: ignore[operator]
