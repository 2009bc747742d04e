"""Sources taken in by many workers on machines of a Ray cluster: https://docs.ray.io/en/latest/ray-core/actors.html

Each worker opens the shared store (CATALOG_URL, CHROMA_URL, SHARED_DIR) and takes in one source at a time as one program
does. One that dies is started again and given its source again: what was stored already is found unchanged, and what was half
done is recovered as after any kill (store.maintenance.recovery).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from config import Settings
from errors import ModelError, SettingsError
from ingest.outcome import Outcome
from ingest.pipeline import ingest
from ingest.workers import Workers
from records import Access
from store.index import Index

ROOT = Path(__file__).resolve().parent.parent
TRIES = 3  # of a source whose worker dies over it
OpenIndex = Callable[[Settings], Index]


class IngestWorker:
    """One of them, in a process of its own."""

    def __init__(self, settings: Settings, open_index: OpenIndex) -> None:
        self._index = open_index(settings)
        self._workers = Workers(settings)

    def take_in(self, source: str, access: Access | None, password: str) -> list[Outcome]:
        """Take ``source`` in with what is attached to it; return what became of each."""
        said = {} if access is None else {source: access}
        with closing(ingest(self._index, [source], workers=self._workers, access=said, password=password)) as outcomes:
            return list(outcomes)


def ingest_on_ray(
    settings: Settings,
    sources: Sequence[str],
    *,
    address: str,
    access: Mapping[str, Access],
    password: str = "",
    open_index: OpenIndex = Index,
) -> Generator[Outcome]:
    """Take ``sources`` in on the cluster at ``address`` ("local" starts one on this machine) and yield what became of each.

    Raises:
        SettingsError: the store is not one that machines share, or there is no cluster at ``address``.
        ModelError: Ray is not installed.
    """
    if not settings.catalog_url:
        raise SettingsError("--ray needs a store that machines share: set CATALOG_URL, CHROMA_URL and SHARED_DIR.")
    ray = _ray()
    # workers find what this program finds: ours, and the modules of kinds and places that somebody added
    environment = {"env_vars": {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}}
    try:
        ray.init(address, runtime_env=environment, log_to_driver=False, configure_logging=False)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise SettingsError(
            f"There is no Ray cluster at {address!r} ({error}). Start one: ray start --head."
        ) from error
    try:
        count = min(settings.workers or int(ray.cluster_resources().get("CPU", 1)), max(len(sources), 1))
        worker = ray.remote(num_cpus=1, max_restarts=-1, max_task_retries=TRIES)(IngestWorker)
        pool = ray.util.ActorPool([worker.remote(settings, open_index) for _ in range(count)])
        for outcomes in pool.map_unordered(
            lambda one, source: one.take_in.remote(source, access.get(source), password), sources
        ):
            yield from outcomes
    finally:
        ray.shutdown()


def _ray() -> Any:
    try:
        import ray
        import ray.util
    except ImportError as error:
        raise ModelError("--ray needs Ray. Install it: pip install ray==2.60.0 -c constraints.txt") from error
    return ray
