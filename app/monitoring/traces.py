"""Traces of questions for an OpenTelemetry collector, with the names of OpenInference
(https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md), by LangChain's callbacks.

Nothing of what was asked, found or answered is in them unless the settings let it: then they hold what OpenInference's do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import BaseMessage
from opentelemetry.sdk.trace import Span, TracerProvider
from opentelemetry.trace import Status, StatusCode, Tracer, set_span_in_context

from config import Settings
from errors import ModelError, SettingsError
from records import Turn

REDACTED = "__REDACTED__"  # as OpenInference says it
SERVICE = "document-assistant"
MAX_OPEN = 10_000  # spans
MAX_TEXT = 20_000  # characters of a value
EXPORT_SECONDS = 5


def provider_for(settings: Settings) -> TracerProvider:
    """Return what sends spans to the collector that ``settings`` name, in the background. Shut it down at the end.

    Raises:
        ModelError: the exporter is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError as error:
        raise ModelError(
            "Traces need a package: pip install opentelemetry-exporter-otlp-proto-http -c constraints.txt"
        ) from error
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    if not settings.otlp_endpoint.startswith(("http://", "https://")):
        raise SettingsError(
            f"OTEL_EXPORTER_OTLP_ENDPOINT={settings.otlp_endpoint!r} is no address. Write e.g. http://127.0.0.1:4318."
        )
    provider = TracerProvider(resource=Resource.create({"service.name": SERVICE}), shutdown_on_exit=False)
    address = settings.otlp_endpoint.rstrip("/").removesuffix("/v1/traces") + "/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=address, timeout=EXPORT_SECONDS)))
    return provider


def hides(name: str, value: str) -> bool:
    """Tell whether the flag ``name`` hides, as OpenInference's flags are written.

    Raises:
        SettingsError: the value is neither true nor false.
    """
    if value.lower() not in ("true", "false"):
        raise SettingsError(f"{name}={value!r} is neither true nor false.")
    return value.lower() == "true"


class Traces(BaseCallbackHandler):
    """Callbacks that make a span of each run: of the question, its steps, searches, calls of models and tools.

    Args:
        tracer: makes the spans.
        hide_inputs: whether questions, prompts and queries are left out.
        hide_outputs: whether answers, replies and passages are left out.
    """

    run_inline = True

    def __init__(self, tracer: Tracer, *, hide_inputs: bool = True, hide_outputs: bool = True) -> None:
        self._tracer = tracer
        self._hide_inputs = hide_inputs
        self._hide_outputs = hide_outputs
        self._spans: dict[UUID, Span] = {}
        self._lock = Lock()

    # --- steps ---

    def on_chain_start(self, serialized: Any, inputs: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """Begin the span of a chain."""
        self._begin("CHAIN", run_id, inputs, kwargs)

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """End it, with what it was given where that came in pieces."""
        more: dict[str, Any] = {}
        if isinstance(outputs, Turn):
            more = {
                "metadata": json.dumps({"outcome": outputs.outcome, "model": outputs.model, "stage": outputs.stage})
            }
        self._end(run_id, outputs, inputs=kwargs.get("inputs"), **more)

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """End it with an error."""
        self._fail(run_id, error)

    # --- searches ---

    def on_retriever_start(self, serialized: Any, query: str, *, run_id: UUID, **kwargs: Any) -> None:
        """Begin the span of a search."""
        self._begin("RETRIEVER", run_id, query, kwargs)

    def on_retriever_end(self, documents: Sequence[Any], *, run_id: UUID, **kwargs: Any) -> None:
        """End it with what was found."""
        found: dict[str, Any] = {}
        for n, document in enumerate(documents):
            key = f"retrieval.documents.{n}.document"
            found[f"{key}.id"] = str(document.id)
            found[f"{key}.score"] = float(document.metadata.get("score", 0.0))
            if not self._hide_outputs:
                found[f"{key}.content"] = document.page_content[:MAX_TEXT]
                named = {name: document.metadata.get(name) for name in ("title", "page", "kind")}
                found[f"{key}.metadata"] = json.dumps(named, ensure_ascii=False)
        self._end(run_id, None, **found)

    def on_retriever_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """End it with an error."""
        self._fail(run_id, error)

    # --- models ---

    def on_chat_model_start(
        self, serialized: Any, messages: Sequence[Sequence[BaseMessage]], *, run_id: UUID, **kwargs: Any
    ) -> None:
        """Begin the span of a call of a chat model."""
        span = self._begin("LLM", run_id, None, kwargs)
        named = (kwargs.get("metadata") or {}).get("ls_model_name") or (kwargs.get("invocation_params") or {}).get(
            "model"
        )
        if named:
            span.set_attribute("llm.model_name", str(named))
        if not self._hide_inputs:
            spoken = [one for several in messages for one in several]
            span.set_attributes(dict(_messages("llm.input_messages", spoken)))

    def on_llm_end(self, response: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """End it with the reply, and the tokens that the model says it took."""
        generations = [one for several in response.generations for one in several]
        replies = [one.message for one in generations if getattr(one, "message", None) is not None]
        more: dict[str, Any] = {} if self._hide_outputs else dict(_messages("llm.output_messages", replies))
        for reply in replies:
            used = getattr(reply, "usage_metadata", None) or {}
            for name, key in (("prompt", "input_tokens"), ("completion", "output_tokens"), ("total", "total_tokens")):
                if key in used:
                    more[f"llm.token_count.{name}"] = used[key]
        self._end(run_id, None, **more)

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """End it with an error."""
        self._fail(run_id, error)

    # --- tools ---

    def on_tool_start(self, serialized: Any, input_str: str, *, run_id: UUID, **kwargs: Any) -> None:
        """Begin the span of a call of a tool."""
        span = self._begin("TOOL", run_id, input_str, kwargs)
        span.set_attribute("tool.name", str(kwargs.get("name") or (serialized or {}).get("name") or "tool"))

    def on_tool_end(self, output: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """End it."""
        self._end(run_id, output)

    def on_tool_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """End it with an error."""
        self._fail(run_id, error)

    def _begin(self, kind: str, run_id: UUID, value: Any, kwargs: dict[str, Any]) -> Span:
        with self._lock:
            parent = self._spans.get(kwargs.get("parent_run_id"))  # type: ignore[arg-type]
        context = set_span_in_context(parent) if parent is not None else None
        span: Any = self._tracer.start_span(str(kwargs.get("name") or kind.lower()), context=context)
        span.set_attribute("openinference.span.kind", kind)
        self._note(span, "input", value, self._hide_inputs)
        with self._lock:
            self._spans[run_id] = span
            left = self._spans.pop(next(iter(self._spans))) if len(self._spans) > MAX_OPEN else None
        if left is not None:  # of a run that never said that it ended
            left.end()
        return span  # type: ignore[no-any-return]

    def _end(self, run_id: UUID, value: Any, inputs: Any = None, **attributes: Any) -> None:
        with self._lock:
            span = self._spans.pop(run_id, None)
        if span is None:
            return
        if isinstance(inputs, Turn):
            self._note(span, "input", inputs, self._hide_inputs)
        self._note(span, "output", value.answer if isinstance(value, Turn) else value, self._hide_outputs)
        span.set_attributes(attributes)
        span.set_status(Status(StatusCode.OK))
        span.end()

    def _fail(self, run_id: UUID, error: BaseException) -> None:
        with self._lock:
            span = self._spans.pop(run_id, None)
        if span is None:
            return
        said = "" if self._hide_inputs or self._hide_outputs else f": {error}"  # our errors name the value
        span.set_status(Status(StatusCode.ERROR, f"{type(error).__name__}{said}"))
        span.end()

    @staticmethod
    def _note(span: Span, way: str, value: Any, hidden: bool) -> None:
        if (text := _text(value)) is not None:
            span.set_attribute(f"{way}.value", REDACTED if hidden else text)


def _text(value: Any) -> str | None:
    """A value as text; None where there is none."""
    if value is None or value == {"input": ""}:  # the latter stands for what comes in pieces
        return None
    if isinstance(value, Turn):
        return value.question
    if isinstance(value, BaseMessage):
        return value.text[:MAX_TEXT]
    if isinstance(value, str):
        return value[:MAX_TEXT]
    return json.dumps(value, ensure_ascii=False, default=str)[:MAX_TEXT]


def _messages(name: str, messages: Sequence[BaseMessage]) -> Iterator[tuple[str, str]]:
    roles = {"human": "user", "ai": "assistant"}
    for n, message in enumerate(messages):
        yield f"{name}.{n}.message.role", roles.get(message.type, message.type)
        yield f"{name}.{n}.message.content", str(message.text)[:MAX_TEXT]
