"""A limit to how often one question asks chat models."""

from __future__ import annotations

from threading import Lock
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler

from errors import ModelError


class CallLimit(BaseCallbackHandler):
    """A callback that fails the call after ``most`` of one run: of everything that one invocation of a chain leads to.

    The call that is too many raises ``ModelError``.
    """

    raise_error = True  # else LangChain would log it and go on
    run_inline = True

    def __init__(self, most: int) -> None:
        self._most = most
        self._roots: dict[UUID, UUID] = {}  # run -> the run that it is a part of, directly or by others
        self._calls: dict[UUID, int] = {}  # by the latter
        self._lock = Lock()

    def on_chain_start(
        self, serialized: Any, inputs: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: Any
    ) -> None:
        """Remember to which question a run belongs."""
        with self._lock:
            self._roots[run_id] = self._roots.get(parent_run_id, run_id) if parent_run_id else run_id

    def on_chat_model_start(
        self, serialized: Any, messages: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: Any
    ) -> None:
        """Count a call.

        Raises:
            ModelError: there were enough.
        """
        with self._lock:
            root = self._roots.get(parent_run_id, run_id) if parent_run_id else run_id
            calls = self._calls.get(root, 0) + 1
            if root in self._roots:
                self._calls[root] = calls
        if calls > self._most:
            raise ModelError(
                f"This question asked the chat model more than {self._most} times, which CHAT_CALLS allows."
            )

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """Forget a run."""
        self._forget(run_id)

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Forget a run."""
        self._forget(run_id)

    def _forget(self, run_id: UUID) -> None:
        with self._lock:
            self._roots.pop(run_id, None)
            self._calls.pop(run_id, None)
