"""Vectors that an older version stored get the readers of their sources, in the background: nothing is parsed or embedded
again. Killed anywhere, whoever opens the store next goes on."""

from __future__ import annotations

import logging
from threading import Event, Thread

from errors import StoreError
from store.parts import Parts
from store.relabelling import labelled, unlabelled

log = logging.getLogger(__name__)
AT_ONCE = 100  # sources under one hold of the write lock
SECONDS = 0.05  # between two holds, so that writers get in
BUSY_SECONDS = 1.0  # where somebody else holds it


class Labeller:
    """Labels the vectors of a store, a few sources at a time, as long as it is open. Until then searches name those sources
    (``Documents.view_of_vectors``)."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._closed = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin, where there is anything to label."""
        if unlabelled(self._parts.catalog, 1):
            self._thread = Thread(target=self._run, name="label vectors", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        try:
            pause = SECONDS
            while not self._closed.wait(pause):
                with self._parts.write_lock.if_free() as free:
                    if free and not self._label_some():
                        return
                pause = SECONDS if free else BUSY_SECONDS
        except StoreError as error:
            log.warning("Vectors of an older version could not be labelled with their readers yet: %s", error)

    def _label_some(self) -> bool:
        catalog = self._parts.catalog
        sources = unlabelled(catalog, AT_ONCE)
        chunks = [chunk for source in sources for chunk in catalog.chunks_of(source)]
        self._parts.label_vectors(chunks, catalog.readers(sources))
        labelled(catalog, sources)
        return bool(sources)

    def join(self, seconds: float) -> bool:
        """Wait for the end, at most ``seconds``; return whether it has come."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()

    def close(self) -> None:
        """Stop after the sources that are being labelled."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()
