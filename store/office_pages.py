"""Pages of Office files: drawn when somebody wants to see them, once, and kept beside the original.

The drawing is no asset of its own: it goes when the original goes (``Assets.remove``), and no backup carries it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as OutOfTime
from pathlib import PurePath
from threading import BoundedSemaphore, Event, Lock

from config import Settings
from errors import AssistantError
from records import Source
from store.assets import Assets
from vision.office_pdf import KINDS, can_draw, to_pdf

WAITING = 4  # requests that may wait for drawings at once: each holds a thread
log = logging.getLogger(__name__)
Draw = Callable[[bytes, str, Settings, Event], bytes]


class OfficePages:
    """What draws Office files, one at a time. Safe to use from several threads."""

    def __init__(self, settings: Settings, assets: Assets, draw: Draw = to_pdf) -> None:
        self._settings = settings
        self._assets = assets
        self._draw = draw
        self._lock = Lock()
        self._waiting = BoundedSemaphore(WAITING)
        self._stop = Event()
        self._thread: ThreadPoolExecutor | None = None
        self._begun: dict[str, Future[bool]] = {}  # by original; a file that cannot be drawn is not tried again

    def can_draw(self, source: Source) -> bool:
        """Tell whether pages of ``source`` can be drawn here, or are drawn already."""
        if source.kind not in KINDS or PurePath(source.original).suffix != f".{source.kind}":
            return False
        return self.is_drawn(source.original) or can_draw(self._settings.office_pages)

    def is_drawn(self, original: str) -> bool:
        """Tell whether the pages of the Office file in the asset ``original`` lie ready."""
        return self._assets.drawn_path(original).is_file()

    def begin(self, original: str) -> Future[bool]:
        """Have the Office file in the asset ``original`` drawn in the background, unless that has begun before. The result
        tells whether it could be."""
        with self._lock:
            known = self._begun.get(original)
            if known is None:
                self._thread = self._thread or ThreadPoolExecutor(1, "office pages")
                known = self._begun[original] = self._thread.submit(self._keep, original)
            return known

    def wait(self, original: str, seconds: float) -> bool:
        """Return whether the pages are drawn, after at most ``seconds``; of many who ask at once the last do not wait."""
        if self.is_drawn(original):
            return True
        drawing = self.begin(original)
        if not self._waiting.acquire(blocking=False):
            return False
        try:
            return drawing.result(seconds)
        except OutOfTime:
            return False
        finally:
            self._waiting.release()

    def _keep(self, original: str) -> bool:
        if self.is_drawn(original):
            return True
        try:
            drawn = self._draw(self._assets.read(original), PurePath(original).suffix[1:], self._settings, self._stop)
            self._assets.put_drawn(original, drawn)
        except AssistantError as error:
            log.info("No pages of %s: %s", original, error)
            return False
        return True

    def close(self) -> None:
        """End what is being drawn."""
        self._stop.set()
        with self._lock:
            if self._thread is not None:
                self._thread.shutdown(cancel_futures=True)
