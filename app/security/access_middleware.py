"""Access checks before any function of the page is called: on uploads, and on the event stream of an open page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse

from app.security.identity import Identity

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_UPLOAD = "/gradio_api/upload"
_STREAM = "/gradio_api/queue/data"


class AccessMiddleware:
    """ASGI middleware that answers 403 to uploads of those who may not add, and to requests for the event stream of
    somebody else's page."""

    def __init__(self, app: ASGIApp, identity: Identity) -> None:
        self.app = app
        self._identity = identity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in (_UPLOAD, _STREAM) and self._identity.enabled:
            request = Request(scope)
            principal = self._identity.principal(request)
            if scope["path"] == _UPLOAD and not principal.adds:
                await PlainTextResponse("Log in to add documents.", 403)(scope, receive, send)
                return
            page = request.query_params.get("session_hash", "")
            if scope["path"] == _STREAM and not self._identity.owns(page, principal):
                await PlainTextResponse("This page was opened by somebody else.", 403)(scope, receive, send)
                return
        await self.app(scope, receive, send)
