"""The whole page on a port of loopback, in this process, with models that cost nothing."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from app.assistant import Assistant
from app.security.request_filter import host_names
from app.serve import web_app


@dataclass(frozen=True)
class Site:
    """Where the page is served."""

    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def get(self, path: str, method: str = "GET", body: Any = None, **headers: str) -> http.client.HTTPResponse:
        """Return the answer to a request whose path goes out as it is written; its body is in ``.content``."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body=body, headers=named)
            answer = connection.getresponse()
            answer.content = answer.read()  # type: ignore[attr-defined]
            return answer
        finally:
            connection.close()


@contextmanager
def served(assistant: Assistant) -> Iterator[Site]:
    """Serve ``assistant`` as ``python -m app`` does on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        app = web_app(assistant, host_names("127.0.0.1", ()))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield Site(listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(20)
