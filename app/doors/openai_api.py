"""OpenAI's interface, so that any client of it can sit on top: /v1/models and /v1/chat/completions."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse, Response, StreamingResponse

from app.doors.chat_completions import MODEL, ChatIn, asked, chunks, completion, models
from app.doors.problems import RESPONSES, handle_problems
from app.doors.service import Service
from app.security.program_access import principal_of
from errors import AssistantError, NotFoundError
from models.chat.usage import TokenUsage
from records import Principal

log = logging.getLogger(__name__)
Asker = Annotated[Principal, Depends(principal_of)]


def openai_app(service: Service) -> FastAPI:
    """Build the routes over ``service``, as an application to be mounted at /v1."""
    app = FastAPI(title="OpenAI's interface", docs_url=None, redoc_url=None, openapi_url=None, responses=RESPONSES)
    handle_problems(app)

    @app.get("/models")
    def list_models() -> dict[str, Any]:
        return {"object": "list", "data": models()}

    @app.get("/models/{name}")
    def model(name: str) -> dict[str, Any]:
        if name != MODEL:
            raise NotFoundError(f"There is no model {name!r} here. Ask {MODEL!r}.")
        return dict(models()[0])

    @app.post("/chat/completions")
    def complete(chat: ChatIn, principal: Asker) -> Response:
        usage = TokenUsage()
        if not chat.stream:
            answer = service.ask(asked(chat), principal, usage)
            return JSONResponse(completion(answer, usage.total).model_dump(mode="json"))
        turns = service.stream(service.turn(asked(chat), principal), usage)
        first = next(turns, None)  # what cannot be answered at all is told by the status
        tells = usage if chat.stream_options and chat.stream_options.include_usage else None
        made = chunks(chain([] if first is None else [first], turns), service.shown, tells)
        return StreamingResponse(_events(made), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    return app


def _events(made: Iterator[dict[str, Any]]) -> Iterator[str]:
    """The pieces as server-sent events. An error on the way is one, too: the status has been sent."""
    try:
        for one in made:
            yield f"data: {json.dumps(one, ensure_ascii=False)}\n\n"
    except AssistantError as error:
        said = {"error": {"message": str(error), "type": "server_error"}}
        yield f"data: {json.dumps(said, ensure_ascii=False)}\n\n"
    except Exception:
        log.exception("An answer broke off")
        said = {
            "error": {
                "message": "Something unforeseen went wrong; the log of the server says what.",
                "type": "server_error",
            }
        }
        yield f"data: {json.dumps(said)}\n\n"
    yield "data: [DONE]\n\n"
