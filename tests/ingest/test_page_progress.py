"""Pages are told one by one, by workers that may be killed."""

from __future__ import annotations

import threading

import pytest

from errors import SourceError
from ingest import page_progress
from ingest.page_progress import PageProgress, tell, tell_to


def test_each_page_counts_once_for_who_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_progress, "_writer", None)
    tell("a.pdf", 1)  # outside a worker nobody is told
    progress, told, done = PageProgress(), [], threading.Event()

    def on_page(count: int) -> None:
        told.append(count)
        if count == 1:
            raise SourceError("Stopped.")  # ends nothing but what it is told
        if count == 3:
            done.set()

    tell_to(progress.writer)
    with progress.listening("a.pdf", on_page):
        for original, number in (("a.pdf", 4), ("b.pdf", 1), ("a.pdf", 2), ("a.pdf", 4), ("a.pdf", 9)):
            tell(original, number)
        assert done.wait(10)
    assert told == [1, 2, 2, 3]
    progress.close()
    tell("a.pdf", 5)  # a pipe that is closed harms no worker
