"""The web server: our routes, Gradio's page, and the rule that nothing comes from another site."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr
import uvicorn
from fastapi import FastAPI

from app.assistant import Assistant
from app.page import build, theme
from app.routes import routes

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Gradio evaluates the templates of its HTML components, hence 'unsafe-eval'; everything else is of this origin.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; worker-src 'self' blob:; "
    "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
# Cards for social networks, with pictures on other hosts.
_CARDS = re.compile(rb"<meta\s+(?:property|name)=\"(?:og|twitter):[^>]*>\s*")
_STYLE = Path(__file__).with_name("page.css")


class OwnOrigin:
    """ASGI middleware: a content security policy on every answer, and no mention of other hosts in the page's head."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        page = bytearray()

        async def pass_on(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                headers = _with_policy(message["headers"])
                message = {**message, "headers": headers}
                if scope["path"] == "/" and any(v.startswith(b"text/html") for k, v in headers if k == b"content-type"):
                    start = message
                    return
            elif start is not None and message["type"] == "http.response.body":
                page.extend(message.get("body", b""))
                if message.get("more_body"):
                    return
                body = _CARDS.sub(b"", bytes(page))
                kept = [(k, v) for k, v in start["headers"] if k != b"content-length"]
                await send({**start, "headers": [*kept, (b"content-length", str(len(body)).encode())]})
                message = {**message, "body": body}
            await send(message)

        await self.app(scope, receive, pass_on)


def _with_policy(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    ours = [(b"referrer-policy", b"no-referrer"), (b"x-content-type-options", b"nosniff")]
    if not any(key == b"content-security-policy" for key, _ in headers):
        ours.append((b"content-security-policy", POLICY.encode()))
    return [*((k, v) for k, v in headers if k not in (b"referrer-policy", b"x-content-type-options")), *ours]


def web_app(assistant: Assistant) -> FastAPI:
    """Everything that is served."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(OwnOrigin)
    app.include_router(routes(assistant))
    served: FastAPI = gr.mount_gradio_app(
        app,
        build(assistant),
        path="/",
        theme=theme(),
        css_paths=[_STYLE],
        max_file_size=assistant.index.settings.max_source_bytes,
        footer_links=[],
        run_history=False,  # it would offer to keep questions on a hub
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        show_error=False,
    )
    return served


def serve(app: FastAPI, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serves ``app`` on ``listener`` until Ctrl-C or SIGTERM; calls ``ready`` when the first request can come."""
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2)
    _Server(config, ready).run(sockets=[listener])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._ready()
