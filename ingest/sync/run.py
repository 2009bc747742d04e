"""One run of a sync: list the place, follow moves, take in what is new or changed, remove what is gone, note what was done.

Killed anywhere, the next run finds what is left to do: sources are noted as the sync's own before they are taken in, and are
dropped from its own after they are removed.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Event

from config import Settings
from errors import AssistantError, FetchError
from ingest.connectors.base import Item, Selection
from ingest.connectors.listing import Listing, listing_of
from ingest.connectors.sidecar import SUFFIX as SIDECAR
from ingest.connectors.sidecar import accesses
from ingest.expand import expand
from ingest.parsers.registry import known_suffixes
from ingest.pipeline import ingest
from ingest.sync.moves import follow
from ingest.sync.schedule import next_due
from ingest.sync.versions import present_versions
from ingest.workers import Workers
from records import Access, Loss
from store.index import Index
from store.syncs import MOST_NAMED, State, Sync, SyncRun, Syncs

STOPPED = "Stopped before the end; the next run goes on."


def list_place(sync: Sync, settings: Settings) -> Listing:
    """Return what is at the place of ``sync`` now.

    Raises:
        FetchError: nothing could be listed; what was there before may still be.
    """
    exclude = (*sync.exclude, f"*{SIDECAR}")
    if sync.location.startswith("@"):
        sources, problems = expand([sync.location], include=sync.include, exclude=sync.exclude)
        if problems and problems[0].what == sync.location:
            raise FetchError(f"{sync.location}: {problems[0].why}")
        return Listing(tuple(Item(source) for source in sources), tuple(problems))
    return listing_of(sync.location, Selection(known_suffixes(), sync.include, exclude), settings)


@dataclass
class _Tally:
    """What a run has done so far."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[Loss] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    listed: int = 0
    error: str = ""


def run_sync(
    index: Index,
    workers: Workers,
    syncs: Syncs,
    state: State,
    *,
    stop: Event | None = None,
    clock: Callable[[], float] = time.time,
) -> SyncRun:
    """Bring the index in step with the place of ``state`` and return what was done, which is in the history then; a run that
    ``stop`` ends is not. It waits while another sync of the data folder runs.

    Whatever is wrong with the place or a source is in what is returned. Where the place could not be listed whole, or lists
    nothing although it did before, nothing is removed.
    """
    stop = stop or Event()
    sync = state.sync
    with syncs.lock.held():
        began, start = datetime.now(UTC).isoformat(timespec="seconds"), time.perf_counter()
        tally = _Tally()
        try:
            _follow_place(index, workers, syncs, sync, tally, stop)
        except AssistantError as error:
            tally.error = str(error)
        run = _run(sync.name, began, time.perf_counter() - start, tally)
        if stop.is_set():
            return replace(run, error=STOPPED)
        failures = state.failures + 1 if run.error else 0
        syncs.note(run, failures, next_due(clock(), sync.every, failures))
        return run


def _follow_place(index: Index, workers: Workers, syncs: Syncs, sync: Sync, tally: _Tally, stop: Event) -> None:
    listing = list_place(sync, index.settings)
    before = syncs.items(sync.name)
    tally.listed = len(listing.items)
    tally.losses += listing.notes
    if not listing.items and before:
        tally.error = (
            f"{sync.location} lists nothing, where it listed {len(before)} before. Nothing was removed. If it is meant to be "
            f"empty, forget this sync and remove what it brought."
        )
        return
    present = {item.source for item in listing.items}
    gone = before - present if not (listing.problems or listing.window) else set()
    groups = None if sync.groups is None else list(sync.groups)
    access, unclear = accesses([item.source for item in listing.items], groups)
    tally.failures += unclear
    refused = {problem.what for problem in unclear}
    items = [item for item in listing.items if item.source not in refused]
    syncs.add_items(sync.name, present)
    gone_alone = gone - syncs.shared(sync.name)
    new = {item.source: item.version for item in items if not index.catalog.knows(item.source)}
    moved = follow(index, sorted(gone_alone), new, access)
    tally.counts["moved"] = len(moved)
    _take_in(index, workers, items, access, moved, tally, stop)
    if stop.is_set():
        return
    for source in sorted(gone_alone - set(moved.values())):
        tally.counts["removed"] += index.remove(source)
    syncs.drop_items(sync.name, gone)
    if listing.problems:
        tally.failures += listing.problems
        tally.error = (
            f"Not all of {sync.location} could be listed, so nothing was removed: {listing.problems[0].what}: "
            f"{listing.problems[0].why}"
        )
    elif tally.failures and len(tally.failures) >= tally.listed:
        tally.error = f"Nothing of {sync.location} could be read: {tally.failures[0].why}"


def _take_in(
    index: Index,
    workers: Workers,
    items: list[Item],
    access: Mapping[str, Access],
    moved: Collection[str],
    tally: _Tally,
    stop: Event,
) -> None:
    versions, unreachable = present_versions(items, index.catalog, index.settings, stop)
    tally.failures += unreachable
    sources = [item.source for item in items if item.source in versions]
    said = {source: one for source, one in access.items() if source in versions}
    with closing(ingest(index, sources, workers=workers, stop=stop, access=said, versions=versions)) as outcomes:
        for outcome in outcomes:
            tally.losses += [Loss(f"{outcome.source}: {loss.what}", loss.why) for loss in outcome.losses]
            if outcome.status == "failed":
                tally.failures.append(Loss(outcome.source, outcome.error))
            elif not (outcome.status == "unchanged" and outcome.source in moved):
                tally.counts["changed" if outcome.status == "updated" else outcome.status] += 1
    if stop.is_set():
        index.jobs.cancel(sources)  # the next run names them again


def _run(name: str, began: str, seconds: float, tally: _Tally) -> SyncRun:
    return SyncRun(
        sync=name,
        began=began,
        seconds=round(seconds, 2),
        listed=tally.listed,
        added=tally.counts["added"],
        changed=tally.counts["changed"],
        unchanged=tally.counts["unchanged"],
        moved=tally.counts["moved"],
        removed=tally.counts["removed"],
        failed=len(tally.failures),
        error=tally.error,
        failures=tuple(tally.failures[:MOST_NAMED]),
        losses=tuple(tally.losses[:MOST_NAMED]),
    )
