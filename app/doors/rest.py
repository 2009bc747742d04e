"""REST, described by an OpenAPI document at /api/openapi.json. Thin: each route turns a request into one call of the
service."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, File, Form, Query, UploadFile
from fastapi.responses import FileResponse, Response
from pydantic import SecretStr

from app.doors import schema
from app.doors.problems import RESPONSES, handle_problems
from app.doors.service import Service
from app.routes import original_response
from app.security.program_access import principal_of
from app.uploads import safe_name
from errors import NotFoundError, SourceError, StoreError
from records import Principal

VERSION = "1"
_ABOUT = """Ask your documents from a program. Where users are told apart, send `Authorization: Bearer TOKEN`; without a
token you are a guest. Tokens are made on the page at /tokens, or with `python -m store tokens --add NAME`."""

Asker = Annotated[Principal, Depends(principal_of)]
Wait = Annotated[float, Form(ge=0, le=schema.MAX_WAIT, description="seconds to wait until they are in")]


def rest_app(service: Service) -> FastAPI:
    """Build the routes over ``service``, as an application to be mounted at /api."""
    app = FastAPI(
        title="Document assistant",
        version=VERSION,
        description=_ABOUT,
        docs_url=None,  # its page would load scripts of another site
        redoc_url=None,
        openapi_url="/openapi.json",
        responses=RESPONSES,
    )
    handle_problems(app)
    _questions(app, service)
    _sources(app, service)
    _reading(app, service)
    return app


def _questions(app: FastAPI, service: Service) -> None:
    @app.post("/v1/ask", tags=["questions"])
    def ask(asked: schema.AskIn, principal: Asker) -> schema.AnswerOut:
        """Answer a question with citations. The object is that of `python -m chains --json`."""
        return service.ask(asked, principal)

    @app.post("/v1/search", tags=["questions"])
    def search(asked: schema.SearchIn, principal: Asker) -> schema.FoundOut:
        """Find passages."""
        return service.search(asked, principal)

    @app.post("/v1/feedback", tags=["questions"], status_code=204)
    def feedback(given: schema.FeedbackIn, principal: Asker) -> None:
        """Store what you think of an answer, and what would have been right."""
        service.rate(given, principal)


def _sources(app: FastAPI, service: Service) -> None:
    library = service.library

    @app.get("/v1/sources", tags=["sources"])
    def sources(
        principal: Asker,
        query: Annotated[str, Query(max_length=200, description="words of the title or name")] = "",
        limit: Annotated[int, Query(ge=1, le=schema.MAX_LISTED)] = 100,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> schema.SourcesOut:
        """List the sources that you may read, those that you are adding first."""
        return library.sources(principal, query, limit, offset)

    @app.post("/v1/sources", tags=["sources"], status_code=202)
    def add_link(asked: schema.LinkIn, principal: Asker) -> schema.SourceOut:
        """Add a link, or read it again. It goes on after the answer: ask for the source to follow it."""
        return library.add_link(asked, principal)

    @app.post("/v1/sources/files", tags=["sources"], status_code=202)
    def add_files(
        principal: Asker,
        files: Annotated[list[UploadFile], File(min_length=1)],
        readers: Annotated[str, Form(max_length=200, description="as for links")] = "",
        password: Annotated[SecretStr, Form(description="of encrypted PDFs; it is kept nowhere")] = SecretStr(""),  # noqa: B008
        wait: Wait = 0.0,
    ) -> schema.SourcesOut:
        """Add files. It goes on after the answer: ask for a source to follow it."""
        access = library.access(readers, principal)
        with tempfile.TemporaryDirectory(prefix="upload-") as folder:
            kept = _kept(files, Path(folder), service.assistant.index.settings.max_source_bytes)
            added = library.add_files(kept, access, principal, wait, password.get_secret_value())
        return schema.SourcesOut(sources=list(added), total=len(added))

    @app.get("/v1/sources/{source_id}", tags=["sources"])
    def source(source_id: str, principal: Asker) -> schema.SourceOut:
        """Show a source, or how far one has come that you are adding."""
        return library.source(source_id, principal)

    @app.delete("/v1/sources/{source_id}", tags=["sources"])
    def remove(source_id: str, principal: Asker) -> schema.RemovedOut:
        """Remove a source and everything it left."""
        return library.remove(source_id, principal)


def _reading(app: FastAPI, service: Service) -> None:
    @app.get("/v1/sources/{source_id}/original", tags=["reading"], response_class=FileResponse)
    def original(source_id: str, principal: Asker) -> FileResponse:
        """Return the file or web page as it was read."""
        source, path = service.original(source_id, principal)
        return original_response(source, path)

    @app.get("/v1/sources/{source_id}/pages/{page}", tags=["reading"])
    def page(source_id: str, page: int, principal: Asker) -> schema.PageOut:
        """Read a page, from 1, in reading order. Web pages and text have one."""
        return service.page(source_id, page, principal)

    @app.get("/v1/sources/{source_id}/pages/{page}/picture", tags=["reading"], response_class=Response)
    def picture(source_id: str, page: int, principal: Asker) -> Response:
        """Return a page of a PDF as PNG."""
        try:
            return Response(service.page_picture(source_id, page, principal), media_type="image/png")
        except StoreError as error:
            raise NotFoundError(str(error)) from error

    @app.get("/v1/passages/{passage_id}/table", tags=["reading"])
    def table(passage_id: str, principal: Asker) -> schema.TableOut:
        """Read the whole table that a passage is of."""
        return service.table(passage_id, principal)


def _kept(files: Sequence[UploadFile], folder: Path, most: int) -> list[Path]:
    """Write uploaded files into ``folder``, each into one of its own, under its name.

    Raises:
        SourceError: one is larger than ``most`` bytes.
    """
    kept = []
    for number, file in enumerate(files):
        name = safe_name(file.filename or "file")
        if (file.size or 0) > most:
            raise SourceError(f"{name} has {file.size:,} bytes; at most {most:,} are taken.")
        path = folder / str(number) / name
        path.parent.mkdir()
        with path.open("wb") as written:
            shutil.copyfileobj(file.file, written)
        kept.append(path)
    return kept
