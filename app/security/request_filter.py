"""The filter on requests from the network: this page's own, at the routes it needs, with bodies of a bearable size."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse, Response

from errors import SettingsError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
MAX_BODY = 1_000_000  # bytes of a request that is no upload: a question, a click
MAX_PICTURE_BODY = 28_000_000  # of a question of a program, which may come with a picture, as text (base64)
# All that the page, gradio_client and the doors for programs ask for. Gradio has more: routes that serve files
# of this machine, pass requests on to other hosts, keep recordings. They are closed, whatever its own rules for them are.
_OPEN = re.compile(
    r"/|/login|/logout|/tokens(?:/revoke)?|/health|/ready|/metrics|/mcp|/v1/(?:chat/completions|models(?:/[\w-]+)?)"
    r"|/api/openapi\.json|/api/v1/[\w./-]+"
    r"|/config/?|/(?:assets|static|svelte)/[\w./@+-]+|/theme\.css|/favicon\.ico|/robots\.txt|/manifest\.json|/pwa_icon"
    r"|/evidence/[^/]+/(?:page|picture)|/document/(?:page|size|find)|/original|/own/\w+\.(?:js|css)"
    r"|/conversations/[\w-]+\.md"
    r"|/gradio_api/(?:info/?|openapi\.json|app_id/?|login_check/?|theme\.css|startup-events|heartbeat/\w+|reset/?|cancel"
    r"|queue/(?:join|data)|run/predict|call/ask(?:/\w+)?|upload|upload_progress)"
)
DOORS = ("/api/", "/v1/", "/mcp", "/metrics")  # for programs
_UPLOADS = frozenset(("/gradio_api/upload", "/api/v1/sources/files"))
_QUESTIONS = frozenset(("/api/v1/ask", "/v1/chat/completions", "/mcp"))
_CHANGING = frozenset(("POST", "PUT", "PATCH", "DELETE"))


def check_exposure(host: str, *, open_to_all: bool, auth_enabled: bool) -> None:
    """Check that the page may listen on ``host``; ``auth_enabled`` says that users or a trusted proxy are set up.

    Raises:
        SettingsError: others could reach it, and that was not asked for.
    """
    if not is_loopback(host) and not open_to_all and not auth_enabled:
        raise SettingsError(
            f"--host {host} lets everybody who reaches this machine read, add and remove documents, since no users are set "
            "up (python -m store users --add NAME). If that is what you want, say so with --open-to-all."
        )


def is_loopback(host: str) -> bool:
    """Tell whether only programs of this machine reach what listens on ``host``."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def host_names(host: str, public_names: tuple[str, ...]) -> frozenset[str] | None:
    """Return the names by which browsers may call what listens on ``host``; None for any.

    On loopback a page of another site could otherwise come in by a name of its own that it lets point here.
    """
    if not is_loopback(host) and not public_names:
        return None
    return frozenset((*LOOPBACK, host, *(name.lower() for name in public_names)))


class RequestFilter:
    """ASGI middleware that refuses requests: 403 to other sites, 404 to closed routes, 413 to bodies that are too large."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str] | None, max_upload: int) -> None:
        self.app = app
        self._hosts = hosts
        self._max_upload = max_upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        limit = self._limit(scope["path"])
        refused = self._refused(scope, headers) or _too_long(headers, limit)
        if refused is not None:
            await _refusal(scope["path"], *refused)(scope, receive, send)
            return
        await _Body(receive, limit).pass_to(self.app, scope, send)

    def _limit(self, path: str) -> int:
        """How many bytes a request may have."""
        if path in _UPLOADS:
            return self._max_upload
        return MAX_PICTURE_BODY if path in _QUESTIONS else MAX_BODY

    def _refused(self, scope: Scope, headers: dict[str, str]) -> tuple[str, int] | None:
        """Why a request is refused, and the status that says so."""
        host = headers.get("host", "")
        name = _name(host)
        if self._hosts is not None and name not in self._hosts:
            return "This page is not served under that name. See --public-name.", 403
        if not _OPEN.fullmatch(scope["path"]) or ".." in scope["path"]:
            return "Not found.", 404
        origin = headers.get("origin")
        if scope["method"] in _CHANGING and origin is not None:
            caller = origin.partition("://")[2].lower()
            if caller != host.lower() and _name(caller) not in (self._hosts or frozenset()) - LOOPBACK:
                return "Another site's page may not act here.", 403
        return None


def _name(host: str) -> str:
    """The name in a Host header, without port and brackets."""
    return re.sub(r":\d*$", "", host.lower()).strip("[]")


def _refusal(path: str, message: str, status: int) -> Response:
    """The answer to whoever asked: to programs in the form in which their doors tell all that is wrong."""
    if path.startswith(DOORS):
        return JSONResponse({"error": {"message": message, "type": "invalid_request_error"}}, status)
    return PlainTextResponse(message, status)


def _too_long(headers: dict[str, str], limit: int) -> tuple[str, int] | None:
    length = headers.get("content-length", "")
    return _large(limit) if length.isdigit() and int(length) > limit else None


def _large(limit: int) -> tuple[str, int]:
    return f"Too large: at most {limit:,} bytes at once.", 413


class _Body:
    """A request's body, counted as it comes; beyond the limit the app sees a caller who hung up."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._read = 0

    @property
    def is_too_large(self) -> bool:
        return self._read > self._limit

    async def receive(self) -> Message:
        message = await self._receive()
        self._read += len(message.get("body", b""))
        return {"type": "http.disconnect"} if self.is_too_large else message

    async def pass_to(self, app: ASGIApp, scope: Scope, send: Send) -> None:
        started = False

        async def answer(message: Message) -> None:
            nonlocal started
            if not self.is_too_large or started:
                started = True
                await send(message)

        try:
            await app(scope, self.receive, answer)
        except Exception:
            if not self.is_too_large:
                raise
        if self.is_too_large and not started:
            await _refusal(scope["path"], *_large(self._limit))(scope, self._receive, send)
