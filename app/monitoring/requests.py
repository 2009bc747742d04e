"""Counts of requests over HTTP, by door and status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.monitoring.metrics import Metrics

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_DOORS = (("/api/", "rest"), ("/v1/", "openai"), ("/mcp", "mcp"))


class RequestCounts:
    """ASGI middleware that counts requests."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        door = next((door for begins, door in _DOORS if scope["path"].startswith(begins)), "page")

        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.requested(door, message["status"])
            await send(message)

        await self.app(scope, receive, counting)
