"""What those who run the server ask it: whether it lives, whether it can answer, and its metrics."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from app.assistant import Assistant
from app.monitoring.metrics import CONTENT_TYPE
from app.security.program_access import principal_of


def monitoring_routes(assistant: Assistant) -> APIRouter:
    """Build the routes over ``assistant``."""
    router = APIRouter(include_in_schema=False)

    @router.get("/health")
    def health() -> Response:
        """Say that the server lives; nothing is asked of the index."""
        return JSONResponse({"status": "ok"})

    @router.get("/ready")
    def ready() -> Response:
        """Say whether a question could be answered now: models are loaded, and the index can be searched."""
        missing = assistant.missing()
        return JSONResponse(
            {"status": "not ready", "missing": missing} if missing else {"status": "ready"}, 503 if missing else 200
        )

    @router.get("/metrics")
    def metrics(request: Request) -> Response:
        """Tell the metrics to those who manage: their numbers are of everybody's documents and questions."""
        if not principal_of(request).manages:
            return PlainTextResponse("Metrics are for members of the group admins: send the token of one.", 403)
        return Response(assistant.monitoring.metrics.text(), media_type=CONTENT_TYPE)

    return router
