"""Stopping an answer before its end, even while a model is silent."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event

from errors import StoppedError
from models.chat.stopping import stopped_by
from records import Turn

LOOK_SECONDS = 0.1


class Stop:
    """A request to stop an answer; ``dropped`` when what was found is not to be shown either."""

    def __init__(self) -> None:
        self.asked = Event()
        self.left = Event()
        self.dropped = False

    def ask(self) -> None:
        """Ask to stop; what was found so far stays."""
        self.asked.set()

    def drop(self, seconds: float = 1.0) -> None:
        """Ask to stop and keep nothing. Waits until the answer has been left, so that nothing of it comes afterwards."""
        self.dropped = True
        self.asked.set()
        self.left.wait(seconds)


def until_stopped(stop: Stop, turns: Iterator[Turn]) -> Iterator[Turn]:
    """Yield ``turns``, made in a thread of its own, until they end or ``stop`` is asked for.

    The thread cannot be killed: it ends with the next turn after the stop; a call of a chat model ends at once.
    """
    made: SimpleQueue[Turn] = SimpleQueue()

    def make() -> None:
        with stopped_by(stop.asked), suppress(StoppedError):
            for turn in turns:
                made.put(turn)
                if stop.left.is_set():
                    return

    executor = ThreadPoolExecutor(1, thread_name_prefix="answer")
    try:
        making = executor.submit(make)
        while not stop.asked.is_set():
            with suppress(Empty):
                yield made.get(timeout=LOOK_SECONDS if not making.done() else 0)
                continue
            if making.done() and made.empty():
                making.result()  # raises what the making raised
                return
    finally:
        stop.left.set()
        executor.shutdown(wait=False)
