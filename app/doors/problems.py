"""Errors as answers of HTTP: a status and one JSON object, whichever door it is."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app.doors.schema import Problem
from errors import (
    AccessError,
    AssistantError,
    BusyError,
    ModelError,
    NotFoundError,
    StoppedError,
    StoreError,
)

# The first that fits; any other error of ours is about what was sent.
_STATUS: tuple[tuple[type[AssistantError], int], ...] = (
    (AccessError, 403),
    (NotFoundError, 404),
    (BusyError, 503),
    (StoreError, 503),
    (ModelError, 503),
    (StoppedError, 503),
)
_TYPES = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 503: "server_error"}
# For the routes of an OpenAPI document.
RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "description": "It cannot be done as it was asked for; the message says why."},
    "503": {"model": Problem, "description": "It cannot be done now."},
}


def status_of(error: AssistantError) -> int:
    """Return the status that tells ``error``."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 422)


def problem(message: str, status: int, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return the answer that tells an error, in the form that clients of OpenAI's interface read, too."""
    said = {"message": message, "type": _TYPES.get(status, "invalid_request_error")}
    return JSONResponse({"error": said}, status, headers)


def handle_problems(app: FastAPI) -> None:
    """Let ``app`` answer errors as ``problem`` does. What was sent is not repeated: it may be what no JSON can hold."""

    @app.exception_handler(AssistantError)
    def ours(_: Request, error: AssistantError) -> JSONResponse:
        status = status_of(error)
        return problem(str(error), status, {"Retry-After": "10"} if isinstance(error, BusyError) else None)

    @app.exception_handler(RequestValidationError)
    def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        return problem("; ".join(map(_said, error.errors())), 422)

    @app.exception_handler(HTTPException)
    def of_http(_: Request, error: HTTPException) -> JSONResponse:
        return problem(str(error.detail), error.status_code, dict(error.headers or {}))


def _said(fault: dict[str, Any]) -> str:
    where = ".".join(str(one) for one in fault.get("loc", ())[1:])
    said = f"{where}: {fault.get('msg', 'cannot be used')}" if where else str(fault.get("msg", "cannot be used"))
    return said.encode(errors="replace").decode()
