"""What is told of the running application: metrics always, traces where a collector is set."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables import Runnable

from app.monitoring.metrics import Metrics
from config import Settings
from records import Turn

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider


class Monitoring:
    """The callbacks that watch a chain. ``close`` sends what is left.

    Raises:
        ModelError: traces are wanted, and their exporter is not installed.
        SettingsError: a setting of traces cannot be used.
    """

    def __init__(self, settings: Settings, amounts: Callable[[], dict[str, tuple[str, float]]]) -> None:
        self.metrics = Metrics(amounts)
        self._provider: TracerProvider | None = None
        self._callbacks: list[BaseCallbackHandler] = [self.metrics]
        if settings.otlp_endpoint:
            from app.monitoring.traces import Traces, hides, provider_for

            hide_inputs = hides("OPENINFERENCE_HIDE_INPUTS", settings.trace_hide_inputs)
            hide_outputs = hides("OPENINFERENCE_HIDE_OUTPUTS", settings.trace_hide_outputs)
            self._provider = provider_for(settings)
            tracer = self._provider.get_tracer(__name__)
            self._callbacks.append(Traces(tracer, hide_inputs=hide_inputs, hide_outputs=hide_outputs))

    def watched(self, chain: Runnable[Turn, Turn]) -> Runnable[Turn, Turn]:
        """Return ``chain`` with the callbacks."""
        return chain.with_config(callbacks=self._callbacks)

    def close(self) -> None:
        """Send what is left, and stop."""
        if self._provider is not None:
            self._provider.shutdown()
