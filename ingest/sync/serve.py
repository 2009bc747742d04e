"""Running syncs as time goes by: those that are due, or one whenever its folder changes. A stop ends it after the sources at
hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

from ingest.sync.run import run_sync
from ingest.workers import Workers
from store.index import Index
from store.syncs import State, SyncRun, Syncs

LOOK_AGAIN = 30.0  # seconds after which syncs that another program has defined are noticed
TICK_MS = 1_000  # in which a watched folder's stop and failures are looked at

OnRun = Callable[[SyncRun], None]


def due_now(states: list[State], now: float) -> list[State]:
    """Return those of ``states`` that run by themselves and are due, the longest due first."""
    return sorted((state for state in states if state.sync.every and state.due <= now), key=lambda state: state.due)


def seconds_to_next(states: list[State], now: float) -> float:
    """Return how long to sleep until the next of ``states`` is due, at most ``LOOK_AGAIN``."""
    waits = [state.due - now for state in states if state.sync.every]
    return max(0.0, min([LOOK_AGAIN, *waits]))


def serve(
    index: Index, workers: Workers, syncs: Syncs, on_run: OnRun, stop: Event, clock: Callable[[], float] = time.time
) -> None:
    """Run the syncs of a schedule, each when it is due, until ``stop``."""
    while not stop.is_set():
        for state in due_now(syncs.all(), clock()):
            run = run_sync(index, workers, syncs, state, stop=stop, clock=clock)
            if stop.is_set():
                return
            on_run(run)
        stop.wait(seconds_to_next(syncs.all(), clock()))


def watch(index: Index, workers: Workers, syncs: Syncs, name: str, on_run: OnRun, stop: Event) -> None:
    """Run the sync ``name`` of a folder now and after each change in it, until ``stop``; while it fails, after its waits."""
    from watchfiles import watch as changes_in

    state = syncs.state(name)
    assert state is not None
    folder = Path(state.sync.location)
    # the first round comes after the watching has begun, so that no change falls between it and the first run
    first = True
    for changes in changes_in(folder, stop_event=stop, yield_on_timeout=True, rust_timeout=TICK_MS):
        state = syncs.state(name)
        if state is None or stop.is_set():
            return
        if changes or first or (state.failures and state.due <= time.time()):
            run = run_sync(index, workers, syncs, state, stop=stop)
            first = False
            if not stop.is_set():
                on_run(run)
