"""Servers on this machine, for as long as a test needs them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler, BaseServer
from threading import Thread
from typing import Any

Answer = Callable[[str, dict[str, str], Any], tuple[int, Any]]  # path, headers, JSON -> status, JSON


class Quiet(BaseHTTPRequestHandler):
    """Says nothing of its requests, and answers in one call."""

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send ``body``; a header's name may have ``_`` for ``-``. Who asked may be gone."""
        try:
            self.send_response(status)
            for name, value in {**headers, "Content_Length": str(len(body))}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class QuietServer(ThreadingHTTPServer):
    """Says nothing of clients that hang up early, which is what some tests are about."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def running(handler: type[BaseRequestHandler], server: type[BaseServer] = QuietServer) -> Iterator[int]:
    """The port of a server whose requests ``handler`` answers, as long as it runs."""
    with server(("127.0.0.1", 0), handler) as started:
        thread = Thread(
            target=started.serve_forever, args=(0.01,), daemon=True
        )  # seconds until it sees that it must end
        thread.start()
        try:
            yield started.server_address[1]  # type: ignore[misc]
        finally:
            started.shutdown()
            thread.join()


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """The address of a server that answers each POST with what ``answer`` makes of its path, headers and JSON."""

    class Handler(Quiet):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, reply = answer(self.path, {name.lower(): value for name, value in self.headers.items()}, said)
            self.answer(status, json.dumps(reply).encode(), Content_Type="application/json")

    with running(Handler) as port:
        yield f"http://127.0.0.1:{port}"
