from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from http_server import Quiet, running
from web_page import FakeNetwork

from config import Settings
from errors import FetchError
from ingest.connectors.download import USER_AGENT, Answer, download
from ingest.connectors.registry import read_source, version_of

SETTINGS = Settings(max_source_bytes=10_000, fetch_timeout=5.0, max_redirects=3, allow_hosts=("127.0.0.1",))


class Handler(Quiet):
    def do_GET(self) -> None:
        if self.path == "/page":
            self.answer(200, b"<h1>Hi</h1>", Content_Type="text/html; charset=Shift_JIS")
        elif self.path == "/agent":
            self.answer(200, self.headers["User-Agent"].encode(), Content_Type="text/plain")
        elif self.path == "/hop":
            self.answer(302, b"elsewhere", Location="/page")
        elif self.path == "/loop":
            self.answer(301, b"", Location="/loop")
        elif self.path == "/to-file":
            self.answer(302, b"", Location="file:///etc/hostname")
        elif self.path == "/large":
            self.answer(200, b"x" * 20_000)
        elif self.path == "/unannounced":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x" * 20_000)
        elif self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            for _ in range(20):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
        else:
            self.answer(404, b"nothing here")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running(Handler) as port:
        yield f"http://127.0.0.1:{port}"


def test_a_page_comes_with_what_the_server_says_of_it(server: str) -> None:
    raw = read_source(f"{server}/page", SETTINGS)
    assert (raw.data, raw.media_type, raw.charset) == (b"<h1>Hi</h1>", "text/html", "shift_jis")
    assert raw.source == raw.url == f"{server}/page"


def test_a_redirect_is_followed_and_the_source_keeps_its_name(server: str) -> None:
    raw = read_source(f"{server}/hop", SETTINGS)
    assert (raw.source, raw.url, raw.data) == (f"{server}/hop", f"{server}/page", b"<h1>Hi</h1>")


def test_requests_name_the_project(server: str) -> None:
    assert read_source(f"{server}/agent", SETTINGS).data.decode() == USER_AGENT


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/missing", "answered 404 Not Found. Check the address."),
        ("/loop", "redirects more than 3 times"),
        ("/to-file", "Only http and https"),
        ("/large", "too large: 20,000 bytes, the limit is 10,000"),
        ("/unannounced", "too large: more than the limit of 10,000"),
    ],
)
def test_refusals_have_a_clear_word(server: str, path: str, word: str) -> None:
    with pytest.raises(FetchError, match=word) as caught:
        read_source(server + path, SETTINGS)
    assert str(caught.value).startswith(server + path)


def test_a_slow_drip_ends_with_the_time_allowed(server: str) -> None:
    start = time.monotonic()
    with pytest.raises(FetchError, match="took too long"):
        read_source(f"{server}/slow", replace(SETTINGS, fetch_timeout=0.3))
    assert time.monotonic() - start < 0.9  # the server would take 1 s


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(FetchError, match="cannot be reached"):
        read_source("http://127.0.0.1:1/x", SETTINGS)


def test_every_hop_passes_the_same_gate() -> None:
    network = FakeNetwork(
        {
            "https://a.example/x": Answer(url="https://a.example/x", status=302, location="//b.example/y"),
            "https://b.example/y": Answer(url="https://b.example/y", status=307, location="z?q=1"),
            "https://b.example/z?q=1": b"here",
        }
    )
    assert download("https://a.example/x", max_bytes=10, settings=SETTINGS, hop=network).data == b"here"
    assert network.asked == ["https://a.example/x", "https://b.example/y", "https://b.example/z?q=1"]


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "note.md"
    path.write_bytes(b"# Hi")
    assert read_source(str(path), SETTINGS).data == b"# Hi"
    (tmp_path / "large.txt").write_bytes(b"x" * 10_001)
    os.mkfifo(tmp_path / "pipe")
    for name, word in (("none.txt", "does not exist"), ("large.txt", "too large: 10,001"), ("pipe", "is not a file")):
        with pytest.raises(FetchError, match=word):
            read_source(str(tmp_path / name), SETTINGS)
    with pytest.raises(FetchError, match=r"of links only .*http, https, "):
        read_source("ftp://example.org/x", SETTINGS)


def test_the_version_of_a_file_is_another_one_after_a_change_and_a_link_has_none(tmp_path: Path) -> None:
    path = tmp_path / "note.md"
    path.write_text("# Hi")
    first = version_of(str(path))
    assert first == version_of(str(path)) != ""
    os.utime(path, (1, 1))
    assert version_of(str(path)) == "4/1000000000" != first  # bytes and nanoseconds
    for source in (str(tmp_path / "missing.md"), str(tmp_path), "https://example.org/", "ftp://example.org/x"):
        assert version_of(source) == ""
