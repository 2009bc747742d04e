"""Metrics for Prometheus: what was asked and how long it took, by LangChain's callbacks, so that page and doors count alike;
and what there is, looked up when somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock
from time import perf_counter
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from records import Turn

SECONDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0, 180.0)
MAX_RUNNING = 10_000  # runs whose beginning is remembered
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics(BaseCallbackHandler):
    """The metrics of one running application, as callbacks of its chain.

    Args:
        amounts: returns what there is now: the name of a gauge -> its help and its value.
    """

    run_inline = True

    def __init__(self, amounts: Callable[[], dict[str, tuple[str, float]]]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Amounts(amounts))
        registry = self._registry
        self._questions = Counter(
            "assistant_questions", "Questions by what they came to.", ["outcome"], registry=registry
        )
        self._seconds = Histogram(
            "assistant_answer_seconds", "From a question to its answer.", buckets=SECONDS, registry=registry
        )
        self._steps = Histogram("assistant_step_seconds", "Of each step.", ["step"], buckets=SECONDS, registry=registry)
        self._calls = Counter("assistant_chat_model_calls", "Calls of chat models.", ["result"], registry=registry)
        self._tokens = Counter(
            "assistant_chat_model_tokens", "Tokens, as chat models report them.", ["way"], registry=registry
        )
        self._requests = Counter(
            "assistant_http_requests", "Requests by door and status.", ["door", "status"], registry=registry
        )
        self._began: dict[UUID, float] = {}  # of questions that are being answered
        self._lock = Lock()

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self._registry)

    def requested(self, door: str, status: int) -> None:
        """Count a request over HTTP."""
        self._requests.labels(door, str(status)).inc()

    def on_chain_start(
        self, serialized: Any, inputs: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: Any
    ) -> None:
        """Note when a question was put."""
        if parent_run_id is None:
            with self._lock:
                self._began[run_id] = perf_counter()
                if len(self._began) > MAX_RUNNING:
                    self._began.pop(next(iter(self._began)))

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """Count an answer; one that was left before it had a text was stopped."""
        if (seconds := self._taken(run_id)) is None or not isinstance(outputs, Turn):
            return
        self._questions.labels(outputs.outcome if outputs.answer else "stopped").inc()
        if outputs.answer:
            self._seconds.observe(seconds)
        for step, spent in outputs.timings_ms.items():
            self._steps.labels(step).observe(spent / 1000)

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Count a question that could not be answered."""
        if self._taken(run_id) is not None:
            self._questions.labels("failed").inc()

    def on_llm_end(self, response: Any, **kwargs: Any) -> None:
        """Count a call of a chat model, and the tokens that it says it took."""
        self._calls.labels("answered").inc()
        for generation in (one for several in response.generations for one in several):
            used = getattr(getattr(generation, "message", None), "usage_metadata", None) or {}
            self._tokens.labels("in").inc(used.get("input_tokens", 0))
            self._tokens.labels("out").inc(used.get("output_tokens", 0))

    def on_llm_error(self, error: BaseException, **kwargs: Any) -> None:
        """Count a call of a chat model that failed."""
        self._calls.labels("failed").inc()

    def _taken(self, run_id: UUID) -> float | None:
        """Seconds since the question ``run_id`` was put; None where that is a part of one."""
        with self._lock:
            began = self._began.pop(run_id, None)
        return None if began is None else perf_counter() - began


class _Amounts(Collector):
    """Gauges that are looked up when they are asked for."""

    def __init__(self, amounts: Callable[[], dict[str, tuple[str, float]]]) -> None:
        self._amounts = amounts

    def describe(self) -> Iterable[Metric]:
        """Name none of them before somebody asks: the index need not be open yet."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Return them with their values."""
        for name, (help_, value) in self._amounts().items():
            yield GaugeMetricFamily(name, help_, value=value)
