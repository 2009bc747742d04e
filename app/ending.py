"""The end of the server while requests are open: pages keep one for as long as they are looked at."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Ending:
    """ASGI application around ``app`` that ends what is open once ``stopping`` is set: to ``app`` it is as if the caller had
    left, the caller gets what was sent so far, or 503. Else the server would wait, cancel it and print where."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.stopping = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = complete = False

        async def sending(message: Message) -> None:
            nonlocal started, complete
            started = True
            complete = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        try:
            await self.app(scope, lambda: self._heard(receive), sending)
        except (asyncio.CancelledError, ClientDisconnect):
            if not self.stopping.is_set():
                raise
        if self.stopping.is_set() and not complete:
            if not started:
                await send({"type": "http.response.start", "status": 503, "headers": [(b"connection", b"close")]})
            await send({"type": "http.response.body", "body": b""})

    async def _heard(self, receive: Receive) -> Message:
        """What comes next from the caller, or that the caller has left."""
        heard, ends = asyncio.ensure_future(receive()), asyncio.ensure_future(self.stopping.wait())
        try:
            await asyncio.wait({heard, ends}, return_when=asyncio.FIRST_COMPLETED)
            return heard.result() if heard.done() else {"type": "http.disconnect"}
        finally:
            heard.cancel()
            ends.cancel()
