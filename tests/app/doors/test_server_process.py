"""The servers as processes: stopped with a page open, and spoken to over stdin and stdout."""

from __future__ import annotations

import asyncio
import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters, stdio_client

from app.mcp.__main__ import main
from store.auth.users import Users
from tests.app.doors.test_mcp_door import TOOLS, said

ROOT = Path(__file__).resolve().parents[3]
STARTED = ["-m", "tests.app.doors.started"]
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "GRADIO_ANALYTICS_ENABLED": "False"}


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_stopping_the_server_with_a_page_open_says_nothing(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, *STARTED, "http", str(tmp_path)],
        cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    page = http.client.HTTPConnection("127.0.0.1", int(process.stdout.readline()), timeout=30)
    page.request("GET", "/gradio_api/heartbeat/page")  # what an open page keeps open
    answer = page.getresponse()
    assert b"ALIVE" in answer.readline()
    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    answer.read()  # the end is an end, no broken connection
    output, errors = process.communicate(timeout=60)
    page.close()
    assert (process.returncode, output.strip(), errors) == (0, "stopped", "")
    assert time.monotonic() - began < 30


def test_the_tools_over_stdio(tmp_path: Path) -> None:
    command = StdioServerParameters(
        command=sys.executable, args=[*STARTED, "stdio", str(tmp_path)], cwd=str(ROOT), env=ENVIRONMENT
    )

    async def use() -> None:
        async with Client(stdio_client(command), read_timeout_seconds=120) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert set(tools) == TOOLS
            assert "path of a file of this machine" in tools["add_source"].description
            answer = await said(client, "ask", question="What was the heron budget of the harbour in 2024?")
            assert "5 million" in answer["answer"]
            assert "There is no file" in await said(client, "add_source", source=str(tmp_path / "nothing.md"))
            assert (await said(client, "remove_source", source="heron.md"))["source"] == "heron.md"
            assert (await said(client, "list_sources"))["total"] == 0

    asyncio.run(use())


def test_a_user_has_to_be_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Users(tmp_path / "users.json").put("olaf", "a long password", [])
    assert main(["--data-dir", str(tmp_path), "--as", "nobody"]) == 1
    assert "no user 'nobody'" in capsys.readouterr().err


@pytest.mark.long
def test_the_command_itself_adds_a_file_and_answers_from_it(tmp_path: Path) -> None:
    note = tmp_path / "note.md"
    note.write_text("# Weir\n\nThe weir is 3 m high and was built in 1931.")
    arguments = ["-m", "app.mcp", "--data-dir", str(tmp_path / "data")]
    command = StdioServerParameters(command=sys.executable, args=arguments, cwd=str(ROOT), env=ENVIRONMENT)

    async def use() -> None:
        async with Client(stdio_client(command), read_timeout_seconds=300) as client:
            added: Any = await said(client, "add_source", source=str(note))
            for _ in range(600):
                if added["status"] not in ("waiting", "reading"):
                    break
                await asyncio.sleep(0.2)
                added = (await said(client, "list_sources"))["sources"][0]
            assert (added["source"], added["status"]) == ("note.md", "added")
            assert "1931" in (await said(client, "ask", question="When was the weir built?"))["answer"]

    asyncio.run(use())
    assert note.exists()
