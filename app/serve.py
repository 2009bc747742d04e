"""The web server: our routes and Gradio's page, within middleware for access, requests and headers."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from pathlib import Path

import gradio as gr
import uvicorn
from fastapi import FastAPI

from app.assistant import Assistant
from app.conversations import export_route
from app.page import build, theme
from app.routes import routes
from app.security.access_middleware import AccessMiddleware
from app.security.headers import Headers
from app.security.login import login_routes
from app.security.request_filter import RequestFilter

_STYLE = Path(__file__).with_name("page.css")


def web_app(assistant: Assistant, hosts: frozenset[str] | None = None) -> FastAPI:
    """Build everything that is served, to browsers that call it by one of ``hosts``, or by any name."""
    settings = assistant.index.settings
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(AccessMiddleware, identity=assistant.identity)
    app.add_middleware(RequestFilter, hosts=hosts, max_upload=settings.max_upload_bytes)
    app.add_middleware(Headers)  # the outer one: refusals have them too
    app.include_router(routes(assistant))
    app.include_router(export_route(assistant))
    app.include_router(login_routes(assistant.identity))
    served: FastAPI = gr.mount_gradio_app(
        app,
        build(assistant),
        path="/",
        theme=theme(),
        css_paths=[_STYLE],
        max_file_size=settings.max_source_bytes,
        blocked_paths=[str(settings.data_dir)],
        footer_links=[],
        run_history=False,  # it would offer to keep questions on a hub
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        show_error=False,
    )
    return served


def serve(app: FastAPI, server_socket: socket.socket, ready: Callable[[], None]) -> None:
    """Serve ``app`` on ``server_socket`` until Ctrl-C or SIGTERM; call ``ready`` when the first request can come."""
    # what a proxy says of a caller is believed or not in app.security.identity, and nowhere else
    config = uvicorn.Config(
        app, log_level="warning", timeout_graceful_shutdown=2, server_header=False, proxy_headers=False
    )
    logging.getLogger("uvicorn.error").addFilter(is_no_hang_up)
    _Server(config, ready).run(sockets=[server_socket])


def is_no_hang_up(record: logging.LogRecord) -> bool:
    """Tell whether a line of the log is worth showing: that a page which was open lost its connection when the server ended
    is not."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, asyncio.CancelledError) and not record.getMessage().startswith("Cancel ")


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._ready()
