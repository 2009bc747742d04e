"""A sync that is run once over an index."""

from __future__ import annotations

from collections.abc import Callable

from fakes import agree

from ingest.sync.run import run_sync
from ingest.workers import Workers
from store.index import Index
from store.syncs import Sync, SyncRun, Syncs

Run = Callable[[Sync], SyncRun]


def runner(index: Index, workers: Workers) -> Run:
    """A function that runs a sync, which it defines where it is new, at one moment of an even clock."""
    syncs = Syncs(index.folder)

    def run(sync: Sync) -> SyncRun:
        if syncs.state(sync.name) is None:
            syncs.define(sync)
        state = syncs.state(sync.name)
        assert state is not None
        done = run_sync(index, workers, syncs, state, clock=lambda: 1_000.0)
        assert agree(index)
        return done

    return run
