"""Routes in addition to Gradio's: pictures for the evidence, and the originals of sources. All go through the catalog."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path, PurePath
from urllib.parse import quote as quoted

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import FileResponse, JSONResponse, Response

from app.archive import archive_of
from app.assistant import Assistant
from app.figures import MAX_QUOTE
from app.find import find, find_on_pages
from app.names import name_of
from errors import StoreError
from ingest.parsers.registry import PARSERS
from records import BBox, Chunk, Principal, Source
from text.geometry import union

DRAW_SECONDS = 200.0  # for which a page of an Office file is waited for
MAX_WORDS = 200  # characters that are looked for within a document

# What documents hold must not act here: no script, no request, no form, and a guess at another type is not made.
_SEALED = {
    "Content-Security-Policy": "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-cache",
}
# A browser's PDF viewer does not work in a sandbox, and runs nothing from the document on this origin.
_PDF = {**_SEALED, "Content-Security-Policy": "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'"}


def routes(assistant: Assistant) -> APIRouter:
    """Build the routes, on the sources of ``assistant``."""
    router = APIRouter()
    _evidence_routes(router, assistant)
    _document_routes(router, assistant)
    return router


def _evidence_routes(router: APIRouter, assistant: Assistant) -> None:
    """Pictures of the places that are cited."""

    @router.get("/evidence/{chunk_id}/page")
    def page(
        chunk_id: str,
        request: Request,
        rectangle: str = "",
        quote: str = Query("", max_length=MAX_QUOTE),
        near: bool = False,
    ) -> Response:
        principal = assistant.identity.principal(request)
        chunk = _chunk(assistant, chunk_id, principal)
        if quote:
            return _drawn(assistant, chunk, quote, principal, near=near)
        source = _paged(assistant, chunk.source, principal)
        box = parse_rectangle(rectangle)
        return _picture(lambda: assistant.pages.page(source.original, chunk.page, box, near=near))

    @router.get("/evidence/{chunk_id}/picture")
    def picture(chunk_id: str, request: Request, rectangle: str = "", near: bool = False) -> Response:
        chunk = _chunk(assistant, chunk_id, assistant.identity.principal(request))
        if not chunk.picture:
            raise HTTPException(404, "This passage has no picture.")
        box = parse_rectangle(rectangle)
        return _picture(lambda: assistant.pages.picture(chunk.picture, box, near=near))


def _document_routes(router: APIRouter, assistant: Assistant) -> None:
    """What the viewer shows of a whole document, and the document itself."""

    @router.get("/document/page")
    def document_page(source: str, number: int, request: Request, sharp: bool = False) -> Response:
        known = _paged(assistant, source, assistant.identity.principal(request))
        tag = f'"{PurePath(known.original).stem}-{number}-{sharp}"'  # the bytes of an asset never change
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={**_SEALED, "ETag": tag})
        drawn = _picture(lambda: assistant.pages.page(known.original, number, sharp=sharp))
        drawn.headers["ETag"] = tag
        return drawn

    @router.get("/document/size")
    def document_size(source: str, number: int, request: Request) -> Response:
        known = _paged(assistant, source, assistant.identity.principal(request))
        try:
            return JSONResponse({"size": assistant.index.originals.size(known.original, number)}, headers=_SEALED)
        except StoreError as error:
            raise HTTPException(404, str(error)) from error

    @router.get("/document/find")
    def document_find(source: str, request: Request, words: str = Query("", max_length=MAX_WORDS)) -> Response:
        principal = assistant.identity.principal(request)
        known = assistant.index.documents.source(source, principal)
        if known is None:
            raise HTTPException(404, "No such source. It may have been removed.")
        if archive_of(assistant.index, principal).drawn.is_drawn(known):
            found = find_on_pages(words, known, assistant.index.originals)
        else:
            chunks = assistant.index.documents.chunks_of(known.source, principal)
            found = find(words, chunks, known, assistant.index.originals)
        return JSONResponse({"matches": [asdict(match) for match in found]}, headers=_SEALED)

    @router.get("/original")
    def original(source: str, request: Request) -> Response:
        known = assistant.index.documents.source(source, assistant.identity.principal(request))
        if known is None:
            raise HTTPException(404, "No such source. It may have been removed.")
        path = assistant.index.assets.path(known.original) if known.original else Path(known.source)
        if not path.is_file():
            raise HTTPException(404, f"{name_of(known.source)} is no longer where it was read from.")
        return original_response(known, path)


def original_response(source: Source, path: Path) -> FileResponse:
    """Return the original of ``source``, which lies at ``path``, sealed: nothing of it runs or loads."""
    media_type = "application/pdf" if source.kind == "pdf" else _media_type(source.kind, path)
    plain = PurePath(name_of(source.source)).name or "source"
    if source.kind == "pdf" and source.original and PurePath(plain).suffix.lower() not in ("", ".pdf"):
        plain += ".pdf"  # made of pictures of pages
    headers = {
        **(_PDF if source.kind == "pdf" else _SEALED),
        "Content-Disposition": f"{_disposition(media_type)}; filename*=UTF-8''{quoted(plain, safe='')}",
    }
    return FileResponse(path, media_type=media_type, headers=headers)


def parse_rectangle(text: str) -> BBox | None:
    """Parse a rectangle from "x0,y0,x1,y1"; None for "".

    Raises:
        HTTPException: 422, it is something else.
    """
    if not text:
        return None
    try:
        x0, y0, x1, y1 = (float(part) for part in text.split(","))
    except ValueError:
        raise HTTPException(422, "A rectangle is four numbers: x0,y0,x1,y1.") from None
    if not all(abs(value) < 1e6 for value in (x0, y0, x1, y1)):  # false for not-a-number too
        raise HTTPException(422, "These numbers are no rectangle on a page.")
    return (x0, y0, x1, y1)


def _paged(assistant: Assistant, name: str, principal: Principal) -> Source:
    source = assistant.index.documents.source(name, principal)
    drawn = source is not None and archive_of(assistant.index, principal).drawn.is_drawn(source)
    if source is None or not (drawn or (source.kind == "pdf" and source.original)):
        raise HTTPException(404, "This source has no pages to show.")
    return source


def _drawn(assistant: Assistant, chunk: Chunk, quote: str, principal: Principal, *, near: bool) -> Response:
    """The page of an Office file on which a passage stands, drawn now where it has not been."""
    source = assistant.index.documents.source(chunk.source, principal)
    drawn = archive_of(assistant.index, principal).drawn
    if source is None or not drawn.office.can_draw(source) or not drawn.office.wait(source.original, DRAW_SECONDS):
        raise HTTPException(404, "This source has no pages to show.")
    place = drawn.place(chunk, source, quote, chunk.bbox)
    if place is None:
        raise HTTPException(404, "This passage was not found on a page.")
    return _picture(lambda: assistant.pages.page(source.original, place.page, union(place.marks), near=near))


def _chunk(assistant: Assistant, chunk_id: str, principal: Principal) -> Chunk:
    chunk = assistant.index.documents.chunk(chunk_id, principal)
    if chunk is None:
        raise HTTPException(404, "No such passage. Its source may have been removed or changed.")
    return chunk


def _picture(draw: Callable[[], bytes]) -> Response:
    try:
        data = draw()
    except StoreError as error:
        raise HTTPException(404, str(error)) from error
    return Response(data, media_type="image/png" if data.startswith(b"\x89PNG") else "image/*", headers=_SEALED)


def _media_type(kind: str, path: Path) -> str:
    """The type that a browser is told: of files that it cannot show itself the first that the registry has for them."""
    if kind == "web":
        return "text/html"
    if kind == "image":
        return mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    parser = PARSERS.get(kind)
    if parser is None or not parser.binary or kind == "mail":
        return "text/plain; charset=utf-8"  # a mail is text, and its HTML is not to be shown as such
    return next(iter(parser.media_types), "application/octet-stream")


def _disposition(media_type: str) -> str:
    """Shown in the browser, or saved: what is no text, picture or PDF is for another program."""
    shown = media_type.startswith(("text/", "image/")) or media_type == "application/pdf"
    return "inline" if shown else "attachment"
