"""Access checks of the doors for programs: who a request acts for is found out once, before any door is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse

from app.security.identity import Identity
from app.security.request_filter import DOORS
from errors import AccessError, AssistantError
from records import GUEST, Principal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class ProgramAccess:
    """ASGI middleware that answers 401 to a wrong token, and tells the doors for whom a program acts."""

    def __init__(self, app: ASGIApp, identity: Identity) -> None:
        self.app = app
        self._identity = identity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(DOORS):
            try:
                principal = self._identity.program(Request(scope))
            except AssistantError as error:
                await _refusal(error)(scope, receive, send)
                return
            scope.setdefault("state", {})["principal"] = principal
        await self.app(scope, receive, send)


def _refusal(error: AssistantError) -> JSONResponse:
    if isinstance(error, AccessError):
        said = {"message": str(error), "type": "authentication_error"}
        return JSONResponse({"error": said}, 401, {"WWW-Authenticate": "Bearer"})
    return JSONResponse({"error": {"message": str(error), "type": "server_error"}}, 503)  # the tokens cannot be read


def principal_of(request: Request) -> Principal:
    """Return for whom ``request`` of a program acts; a guest for one that did not come through the middleware."""
    found = getattr(request.state, "principal", GUEST)
    return found if isinstance(found, Principal) else GUEST
