"""Security headers on every answer: browsers run and load nothing but what this page brings, and tell nobody."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Gradio evaluates the templates of its HTML components, hence 'unsafe-eval', and Svelte writes style attributes. Scripts
# in the page itself need the number that this answer alone has, so none that a document smuggled in would run.
POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; worker-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'self'; form-action 'none'; "
    "frame-src 'none'; frame-ancestors 'none'"
)
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
)
# What a route may say for itself.
_OF_ROUTES = frozenset((b"content-security-policy", b"referrer-policy"))
# Cards for social networks, with pictures on other hosts.
_CARDS = re.compile(rb"<meta\s+(?:property|name)=\"(?:og|twitter):[^>]*>\s*")
_SCRIPT = re.compile(rb"<script(?=[\s>])")  # data in the page is written without "<"


class Headers:
    """ASGI middleware that sets security headers on every answer, and removes mentions of other hosts from the page's
    head."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(18)
        start: Message | None = None
        page = bytearray()

        async def pass_on(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                headers = _with_policy(message["headers"], nonce)
                message = {**message, "headers": headers}
                if scope["path"] == "/" and any(v.startswith(b"text/html") for k, v in headers if k == b"content-type"):
                    start = message
                    return
            elif start is not None and message["type"] == "http.response.body":
                page.extend(message.get("body", b""))
                if message.get("more_body"):
                    return
                body = _SCRIPT.sub(f'<script nonce="{nonce}"'.encode(), _CARDS.sub(b"", bytes(page)))
                kept = [(k, v) for k, v in start["headers"] if k != b"content-length"]
                await send({**start, "headers": [*kept, (b"content-length", str(len(body)).encode())]})
                message = {**message, "body": body}
            await send(message)

        await self.app(scope, receive, pass_on)


def _with_policy(headers: list[tuple[bytes, bytes]], nonce: str) -> list[tuple[bytes, bytes]]:
    ours = dict(_ALWAYS)
    ours[b"content-security-policy"] = POLICY.format(nonce=nonce).encode()
    for key, _ in headers:
        if key in _OF_ROUTES:
            ours.pop(key, None)
    return [*((key, value) for key, value in headers if key not in ours), *ours.items()]
