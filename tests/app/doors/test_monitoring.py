"""Metrics, traces, logs, health and readiness."""

from __future__ import annotations

import gzip
import io
import json
import logging
import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from chat_models import Scripted
from fakes import settings_at
from fastapi.testclient import TestClient
from langchain_core.messages import AIMessage
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.assistant import Assistant
from app.logs import JsonLines, log_as
from app.monitoring.metrics import Metrics
from app.monitoring.monitoring import Monitoring
from app.monitoring.traces import REDACTED, Traces, hides
from app.security.request_filter import host_names
from app.serve import web_app
from chains.pipeline import build
from errors import AssistantError, SettingsError
from records import Scope, Turn
from tests.app.doors.conftest import HERON

pytestmark = pytest.mark.filterwarnings("ignore")  # Gradio's server meets deprecations of its own libraries
QUESTION = "What was the heron budget of the harbour in 2024?"


def asked(assistant: Assistant, question: str = QUESTION) -> Turn:
    return Turn(question=question, scope=Scope(principal=assistant.identity.users.principal("anna")))


def spans(assistant: Assistant, model: Any = None, question: str = QUESTION, **flags: bool) -> list[ReadableSpan]:
    """The spans of one answer."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    traces = Traces(provider.get_tracer("test"), **flags)
    chain = build(assistant.index, assistant.index.settings, model).with_config(callbacks=[traces])
    with suppress(AssistantError):
        chain.invoke(asked(assistant, question))
    assert traces._spans == {}  # none is left open
    return list(exporter.get_finished_spans())


def scripted() -> Scripted:
    return Scripted(answers={"": "The heron budget was 5 million in 2024 [1]."})


def test_a_trace_has_the_steps_searches_and_models_of_a_question(assistant: Assistant) -> None:
    found = spans(assistant, scripted(), hide_inputs=False, hide_outputs=False)
    by_id = {span.context.span_id: span for span in found}
    kinds = [span.attributes["openinference.span.kind"] for span in found]
    assert {"CHAIN", "RETRIEVER", "LLM"} <= set(kinds)
    (root,) = (span for span in found if span.parent is None)
    assert len({span.context.trace_id for span in found}) == 1
    assert (root.attributes["input.value"], "5 million" in root.attributes["output.value"]) == (QUESTION, True)
    assert json.loads(root.attributes["metadata"])["outcome"] == "answered"
    assert {"condense", "decompose", "answer", "synthesise", "check"} <= {span.name for span in found}
    search = next(span for span in found if span.attributes["openinference.span.kind"] == "RETRIEVER")
    assert by_id[search.parent.span_id].name == "answer"
    assert search.attributes["retrieval.documents.0.document.content"] == HERON
    llm = next(span for span in found if span.attributes["openinference.span.kind"] == "LLM")
    assert "5 million" in llm.attributes["llm.output_messages.0.message.content"]
    assert any(QUESTION in str(value) for key, value in llm.attributes.items() if key.startswith("llm.input_messages"))


def test_nothing_of_what_is_asked_or_answered_is_in_a_trace_unless_allowed(assistant: Assistant) -> None:
    found = spans(assistant, scripted())
    told = " ".join(span.to_json() for span in found)
    assert "heron" not in told
    assert "5 million" not in told
    assert next(span for span in found if span.parent is None).attributes["input.value"] == REDACTED
    failed = spans(assistant, question=" ")  # whose error says so
    assert any(span.status.description == "AssistantError" for span in failed)
    assert "Write one" not in " ".join(span.to_json() for span in failed)


def test_traces_go_to_the_collector_that_is_set(assistant: Assistant) -> None:
    sent: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sent.append((self.path, gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    Thread(target=server.serve_forever, daemon=True).start()
    settings = settings_at(assistant.index.folder, otlp_endpoint=f"http://127.0.0.1:{server.server_address[1]}/")
    monitoring = Monitoring(settings, dict)
    monitoring.watched(build(assistant.index, assistant.index.settings)).invoke(asked(assistant))
    monitoring.close()  # sends what is left
    server.shutdown()
    server.server_close()
    ((path, body),) = sent
    request = ExportTraceServiceRequest.FromString(body)
    (resource,) = request.resource_spans
    assert path == "/v1/traces"
    assert ("service.name", "document-assistant") in {
        (one.key, one.value.string_value) for one in resource.resource.attributes
    }
    assert {"condense", "check"} <= {span.name for span in resource.scope_spans[0].spans}


def test_traces_are_off_by_default_and_wrong_settings_are_told(assistant: Assistant) -> None:
    assert Monitoring(settings_at(assistant.index.folder), dict)._provider is None
    with pytest.raises(SettingsError, match="is no address"):
        Monitoring(settings_at(assistant.index.folder, otlp_endpoint="localhost:4318"), dict)
    with pytest.raises(SettingsError, match="neither true nor false"):
        hides("OPENINFERENCE_HIDE_INPUTS", "perhaps")


def test_metrics_count_questions_and_tokens() -> None:
    metrics = Metrics(lambda: {"assistant_sources": ("Sources.", 3.0)})
    for turn in (Turn(question="a", answer="b", timings_ms={"answer": 500.0}), Turn(question="c")):
        run = uuid4()
        metrics.on_chain_start({}, {}, run_id=run)
        metrics.on_chain_start({}, {}, run_id=uuid4(), parent_run_id=run)  # a step, which is no question
        metrics.on_chain_end(turn, run_id=run)
    run = uuid4()
    metrics.on_chain_start({}, {}, run_id=run)
    metrics.on_chain_error(AssistantError("x"), run_id=run)
    usage = {"input_tokens": 7, "output_tokens": 2, "total_tokens": 9}
    generation = type("G", (), {"message": AIMessage("x", usage_metadata=usage)})
    metrics.on_llm_end(type("R", (), {"generations": [[generation]]}))
    text = metrics.text().decode()
    for line in (
        'assistant_questions_total{outcome="answered"} 1.0',
        'assistant_questions_total{outcome="stopped"} 1.0',
        'assistant_questions_total{outcome="failed"} 1.0',
        "assistant_answer_seconds_count 1.0",
        'assistant_step_seconds_sum{step="answer"} 0.5',
        'assistant_chat_model_tokens_total{way="in"} 7.0',
        "assistant_sources 3.0",
    ):
        assert line in text


def test_metrics_are_for_admins_and_health_for_everybody(assistant: Assistant, tokens: dict[str, str]) -> None:
    client = TestClient(web_app(assistant, host_names("127.0.0.1", ())), "http://127.0.0.1")
    assert client.get("/health").json() == {"status": "ok"}
    assert client.get("/ready").json() == {"status": "not ready", "missing": ["the models are not loaded"]}
    assistant._warm_up()
    assert client.get("/ready").json() == {"status": "ready"}
    anna, olaf = ({"Authorization": f"Bearer {tokens[name]}"} for name in ("anna", "olaf"))
    for headers in ({}, olaf):
        assert client.get("/metrics", headers=headers).status_code == 403
    client.post("/api/v1/ask", json={"question": QUESTION}, headers=anna)
    text = client.get("/metrics", headers=anna).text
    assert "assistant_sources 3.0" in text
    assert 'assistant_questions_total{outcome="answered"} 1.0' in text
    assert 'assistant_http_requests_total{door="rest",status="200"} 1.0' in text
    assert QUESTION not in text


def test_logs_are_json_where_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    try:
        log_as("json")
        try:
            raise ValueError("of no use")
        except ValueError:
            logging.getLogger("app.test").exception("It\nfailed")
    finally:
        root.handlers[:], root.level = before, level
    (line,) = stream.getvalue().splitlines()
    said = json.loads(line)
    assert (said["level"], said["logger"], said["message"]) == ("error", "app.test", "It\nfailed")
    assert "ValueError: of no use" in said["traceback"]
    assert said["time"].endswith("+00:00")
    assert isinstance(JsonLines(), logging.Formatter)
    with pytest.raises(SettingsError, match="Choose from: text, json"):
        log_as("xml")
