"""The web server: our routes, the doors for programs and Gradio's page, within middleware for access and headers."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles

from app.assistant import Assistant
from app.conversations import export_route
from app.doors.mcp_server import mcp_routes, mcp_server
from app.doors.openai_api import openai_app
from app.doors.rest import rest_app
from app.doors.service import Service
from app.ending import Ending
from app.monitoring.requests import RequestCounts
from app.monitoring.routes import monitoring_routes
from app.page import build, theme
from app.routes import routes
from app.security.access_middleware import AccessMiddleware
from app.security.headers import Headers
from app.security.login import login_routes
from app.security.program_access import ProgramAccess
from app.security.request_filter import RequestFilter
from app.security.token_page import token_routes

_STYLE = Path(__file__).with_name("page.css")
_SCRIPTS = Path(__file__).with_name("static")
_STYLES = "".join(f'<link rel="stylesheet" href="own/{name}.css">' for name in ("viewer", "phone"))
_HEAD = f'{_STYLES}<script type="module" src="own/page.js"></script>'


def web_app(assistant: Assistant, hosts: frozenset[str] | None = None) -> FastAPI:
    """Build everything that is served, to browsers that call it by one of ``hosts``, or by any name."""
    settings = assistant.index.settings
    service = Service(assistant)
    tools = mcp_server(service)
    reached_by_mcp = mcp_routes(tools)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with tools.session_manager.run():
            yield

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.logs_json = settings.log_format == "json"
    app.add_middleware(AccessMiddleware, identity=assistant.identity)
    app.add_middleware(ProgramAccess, identity=assistant.identity)
    app.add_middleware(RequestFilter, hosts=hosts, max_upload=settings.max_upload_bytes)
    app.add_middleware(Headers)  # refusals have them too
    app.add_middleware(RequestCounts, metrics=assistant.monitoring.metrics)
    app.include_router(routes(assistant))
    app.include_router(export_route(assistant))
    app.include_router(login_routes(assistant.identity))
    app.include_router(token_routes(assistant.identity))
    app.include_router(monitoring_routes(assistant))
    app.router.routes.extend(reached_by_mcp)
    app.mount("/api", rest_app(service))
    app.mount("/v1", openai_app(service))
    app.mount("/own", OwnFiles(directory=_SCRIPTS))
    served: FastAPI = gr.mount_gradio_app(
        app,
        build(assistant),
        path="/",
        theme=theme(),
        css_paths=[_STYLE],
        head=_HEAD,
        max_file_size=settings.max_source_bytes,
        blocked_paths=[str(settings.data_dir), str(settings.shared_path)],
        footer_links=[],
        run_history=False,  # it would offer to keep questions on a hub
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        show_error=False,
    )
    return served


class OwnFiles(StaticFiles):
    """Our own scripts; a browser asks each time whether they have changed."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """Return a file that is not used again unasked."""
        answer = super().file_response(*args, **kwargs)
        answer.headers["Cache-Control"] = "no-cache"
        return answer


def serve(app: FastAPI, server_socket: socket.socket, ready: Callable[[], None]) -> None:
    """Serve ``app`` on ``server_socket`` until Ctrl-C or SIGTERM; call ``ready`` when the first request can come."""
    # what a proxy says of a caller is believed or not in app.security.identity, and nowhere else
    ending = Ending(app)
    config = uvicorn.Config(
        ending,
        log_level="warning",
        log_config=None
        if app.state.logs_json
        else uvicorn.config.LOGGING_CONFIG,  # None leaves it to the root's handler
        timeout_graceful_shutdown=2,
        server_header=False,
        proxy_headers=False,
    )
    _Server(config, ready, ending).run(sockets=[server_socket])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], ending: Ending) -> None:
        super().__init__(config)
        self._ready = ready
        self._ending = ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ending.stopping.set()
        await super().shutdown(sockets=sockets)
