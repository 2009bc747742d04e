"""The Model Context Protocol over HTTP, by the SDK's own client; over stdio: ``test_server_process``."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from app.assistant import Assistant
from app.doors.mcp_server import mcp_server
from app.doors.service import Service
from store.source_ids import source_id
from tests.app.doors.conftest import HERON, LAW, OPEN
from tests.security.site import Site

pytestmark = pytest.mark.filterwarnings("ignore")  # Gradio's server meets deprecations of its own libraries
TOOLS = {"ask", "search", "open_page", "get_table", "list_sources", "add_source", "remove_source"}


@asynccontextmanager
async def over_http(site: Site, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(f"{site.address}mcp", http_client=http)) as client,
    ):
        yield client


async def said(client: Client, tool: str, **arguments: Any) -> Any:
    """What a tool gives, or the message of its error."""
    result = await client.call_tool(tool, arguments)
    if result.is_error:
        return result.content[0].text
    assert json.loads(result.content[0].text) == result.structured_content
    return result.structured_content


def test_the_tools_over_http(site: Site, tokens: dict[str, str]) -> None:
    async def use() -> None:
        async with over_http(site, tokens["olaf"]) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert set(tools) == TOOLS
            assert {name for name, tool in tools.items() if tool.annotations.read_only_hint} == TOOLS - {
                "add_source",
                "remove_source",
            }
            assert "path" not in tools["add_source"].description
            assert all("context" not in tool.input_schema["properties"] for tool in tools.values())
            answer = await said(client, "ask", question="What was the heron budget of the harbour in 2024?")
            assert "5 million" in answer["answer"]
            assert answer["citations"][0]["source_id"] == source_id(OPEN)
            found = await said(client, "search", query="length of the north berth", kinds=["table"])
            table = await said(client, "get_table", passage_id=found["passages"][0]["passage_id"])
            assert table["rows"][1] == ["North", "40 m"]
            assert (await said(client, "open_page", source="heron report.md"))["text"] == HERON
            assert (await said(client, "list_sources"))["total"] == 2

    asyncio.run(use())


def test_access_over_http_is_that_of_the_token(site: Site, tokens: dict[str, str]) -> None:
    async def use() -> None:
        async with over_http(site, tokens["olaf"]) as client:
            for tool, arguments in (
                ("open_page", {"source": source_id(LAW)}),
                ("remove_source", {"source": source_id(LAW)}),
                ("ask", {"question": "lynx budget", "sources": [LAW]}),
                ("get_table", {"passage_id": "id-lynx"}),
            ):
                assert "There is no" in await said(client, tool, **arguments)
            assert "added by somebody else" in await said(client, "remove_source", source=source_id(OPEN))
            assert "not a link" in await said(client, "add_source", source="/etc/passwd")
        async with over_http(site, tokens["anna"]) as client:
            assert (await said(client, "list_sources", query="lynx"))["total"] == 1
        async with over_http(site, "") as client:
            assert "Log in" in await said(client, "add_source", source="https://example.org/")

    asyncio.run(use())


def test_the_sdk_changes_no_logging(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    level = root.level
    mcp_server(Service(assistant))
    assert (root.handlers, root.level) == ([], level)


def test_a_user_on_this_machine_is_that_user_and_no_more(assistant: Assistant) -> None:
    users = assistant.identity.users
    server = mcp_server(Service(assistant), lambda _: users.principal("olaf"))

    async def use() -> None:
        async with Client(server) as client:
            assert (await said(client, "list_sources"))["total"] == 2
            assert "added by somebody else" in await said(client, "remove_source", source="heron report.md")
            assert "not a link" in await said(client, "add_source", source="/etc/passwd")

    asyncio.run(use())


def test_a_wrong_token_and_another_site_s_page_get_nowhere(site: Site, tokens: dict[str, str]) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    kind = {"Content_Type": "application/json", "Accept": "application/json, text/event-stream"}
    assert site.get("/mcp", "POST", body, Authorization="Bearer doc_wrong", **kind).status == 401
    bearer = f"Bearer {tokens['anna']}"
    assert site.get("/mcp", "POST", body, Authorization=bearer, Origin="https://evil.example", **kind).status == 403
    assert site.get("/mcp", "POST", body, Authorization=bearer, Host="evil.example", **kind).status == 403
