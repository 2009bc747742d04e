"""The tools of the Model Context Protocol (https://modelcontextprotocol.io), by its official SDK. Thin: each turns its
arguments into one call of the service.

Over HTTP a program acts for the user of its token; over stdio for whom the command that starts it says.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import ToolAnnotations
from pydantic import Field
from starlette.requests import Request
from starlette.routing import BaseRoute

from app.doors import schema
from app.doors.service import Service
from app.security.program_access import principal_of
from app.security.request_filter import MAX_PICTURE_BODY
from errors import AssistantError
from records import GUEST, Kind, Principal

NAME = "document-assistant"
_INSTRUCTIONS = (
    "Answers questions from the user's own documents, with citations that were checked against them. Use ask for a question, "
    "search for passages, open_page and get_table to read on from a passage's source_id, page and passage_id."
)
WAIT = 30.0  # seconds for a source to be in, before the tool says that it goes on
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_ADDS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=True)
_REMOVES = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False)

Sources = Annotated[
    Sequence[str], Field(description="only these sources, by id or name; left out, all", max_length=schema.MAX_NAMED)
]
Kinds = Annotated[Sequence[Kind], Field(description="only passages of these kinds; left out, all")]
Where = Annotated[
    str,
    Field(description="only documents whose fields fit, e.g. date>=2024 author=Kim tag=energy", max_length=2_000),
]
Question = Annotated[str, Field(min_length=1, max_length=schema.MAX_QUESTION, description="complete in itself")]
SourceName = Annotated[str, Field(max_length=2_000, description="the source's id or name")]
PrincipalOf = Callable[[Any], Principal]


def of_request(context: Any) -> Principal:
    """Return for whom the program acts whose HTTP request a tool is called by."""
    request = context.request_context.request
    return principal_of(request) if isinstance(request, Request) else GUEST


def mcp_server(service: Service, principal: PrincipalOf = of_request, *, local: bool = False) -> MCPServer[Any]:
    """Build the server over ``service``.

    Args:
        principal: tells for whom a call acts.
        local: whether whoever calls runs programs on this machine, and so may add its files by their paths.
    """
    with _logging_kept():
        server: MCPServer[Any] = MCPServer(NAME, title="Document assistant", instructions=_INSTRUCTIONS)
    _answers(server, service, principal)
    _pages(server, service, principal)
    _sources(server, service, principal, local=local)
    return server


def _answers(server: MCPServer[Any], service: Service, principal: PrincipalOf) -> None:
    """Add the tools that look for what is asked."""

    @server.tool(annotations=_READS)
    def ask(
        context: Context[Any, Any],
        question: Question,
        sources: Sources = (),
        kinds: Kinds = (),
        where: Where = "",
    ) -> schema.AnswerOut:
        """Answer a question from the documents, with numbered citations. `outcome` says whether it is answered, whether only
        nearest passages are shown, or nothing was found; `checked` whether the cited words bear a statement out."""
        with _told():
            scope = schema.ScopeIn(sources=list(sources), kinds=list(kinds), where=where)
            return service.ask(schema.AskIn(question=question, scope=scope), principal(context))

    @server.tool(annotations=_READS)
    def search(
        context: Context[Any, Any],
        query: Question,
        sources: Sources = (),
        kinds: Kinds = (),
        where: Where = "",
        limit: Annotated[int, Field(ge=1, le=schema.MAX_HITS)] = 10,
    ) -> schema.FoundOut:
        """Find passages of the documents, the best first."""
        with _told():
            scope = schema.ScopeIn(sources=list(sources), kinds=list(kinds), where=where)
            return service.search(schema.SearchIn(query=query, scope=scope, limit=limit), principal(context))


def _pages(server: MCPServer[Any], service: Service, principal: PrincipalOf) -> None:
    """Add the tools that read on from what was found."""

    @server.tool(annotations=_READS)
    def open_page(
        context: Context[Any, Any], source: SourceName, page: Annotated[int, Field(ge=1, description="from 1")] = 1
    ) -> schema.PageOut:
        """Read a page of a source in reading order. Web pages and text have one page."""
        with _told():
            return service.page(source, page, principal(context))

    @server.tool(annotations=_READS)
    def get_table(
        context: Context[Any, Any],
        passage_id: Annotated[str, Field(max_length=200, description="of a passage of kind table")],
    ) -> schema.TableOut:
        """Read the whole table that a passage is of, as rows of cells."""
        with _told():
            return service.table(passage_id, principal(context))


def _sources(server: MCPServer[Any], service: Service, principal: PrincipalOf, *, local: bool) -> None:
    """Add the tools that list, add and remove documents."""

    @server.tool(annotations=_READS)
    def list_sources(
        context: Context[Any, Any],
        query: Annotated[str, Field(max_length=200, description="words of the title or name")] = "",
        limit: Annotated[int, Field(ge=1, le=schema.MAX_LISTED)] = 100,
        offset: Annotated[int, Field(ge=0)] = 0,
    ) -> schema.SourcesOut:
        """List the documents, those being added first, then the newest."""
        with _told():
            return service.library.sources(principal(context), query, limit, offset)

    takes = "an http(s) link, or the path of a file of this machine" if local else "an http(s) link"

    def add_source(context: Context[Any, Any], source: str) -> schema.SourceOut:
        with _told():
            if local and "://" not in source:
                return service.library.add_path(Path(source), principal(context), WAIT)
            return service.library.add_link(schema.LinkIn(link=source[:2_000], wait=WAIT), principal(context))

    server.add_tool(
        add_source,
        annotations=_ADDS,
        description=f"Add a document: {takes}. Where `status` is waiting or reading it goes on; list_sources shows how far.",
    )

    @server.tool(annotations=_REMOVES)
    def remove_source(context: Context[Any, Any], source: SourceName) -> schema.RemovedOut:
        """Remove a document from the index, with everything that was kept of it."""
        with _told():
            return service.library.remove(source, principal(context))


def mcp_routes(server: MCPServer[Any]) -> list[BaseRoute]:
    """Return the route /mcp, streamable HTTP. Every request stands by itself, with its own token; ``server.session_manager``
    is to run as long as it is served. Hosts and origins are looked at before it, by the filter on requests."""
    app = server.streamable_http_app(
        stateless_http=True,
        json_response=True,
        max_request_body_size=MAX_PICTURE_BODY,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    return list(app.routes)


@contextmanager
def _logging_kept() -> Iterator[None]:
    """The SDK sets a handler of its own for all logs, whose tracebacks would show what ours take off."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:], root.level = handlers, level


@contextmanager
def _told() -> Iterator[None]:
    """What is wrong is told to the model that called the tool."""
    try:
        yield
    except AssistantError as error:
        raise ToolError(str(error)) from error
