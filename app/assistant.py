"""What stands behind the page: one index, one chain, one intake, shared by everybody who has the page open."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cached_property
from threading import Lock, Thread
from typing import TYPE_CHECKING

from app.chat import Conversation, history, throttled
from app.intake import Intake
from app.pages import PageImages
from errors import AssistantError
from records import Scope, Source, Turn
from store.feedback import Feedback
from store.index import Index

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

log = logging.getLogger(__name__)


class Assistant:
    """Answers, takes in and removes. Use as a context manager, or call ``close``."""

    def __init__(self, index: Index, chain: Runnable[Turn, Turn] | None = None) -> None:
        self.index = index
        self.intake = Intake(index)
        self.pages = PageImages(index.settings, index.assets)
        self.feedback = Feedback(index.folder)
        self.uploads = index.uploads
        self._given = chain
        self._lock = Lock()

    def __enter__(self) -> Assistant:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def _built(self) -> Runnable[Turn, Turn]:
        from chains.pipeline import build

        return build(self.index, self.index.settings)

    @property
    def chain(self) -> Runnable[Turn, Turn]:
        """The chain of ``chains.pipeline``, built once."""
        with self._lock:
            return self._given or self._built

    def warm_up(self) -> None:
        """Loads in the background what the first question would wait for."""
        Thread(target=self._warm_up, name="warm-up", daemon=True).start()

    def _warm_up(self) -> None:
        self._tidy()
        try:
            self.index.dense("warm-up", 1, Scope())
            self.index.lexical("warm-up", 1, Scope())
            _ = self.chain
        except AssistantError as error:
            log.warning("The first question will fail: %s", error)

    def answer(self, question: str, conversation: Conversation) -> Iterator[Turn]:
        """Ever fuller turns for ``question`` after ``conversation``, a few a second.

        Raises:
            AssistantError: it cannot be answered.
        """
        yield from throttled(self.chain.stream(Turn(question=question, history=history(conversation))))

    def sources(self) -> dict[str, Source]:
        """All sources by name."""
        return {source.source: source for source in self.index.catalog.sources()}

    def remove(self, source: str) -> bool:
        """Removes ``source``; False when it is not known."""
        known = self.index.remove(source)
        if known:
            self._tidy()
        return known

    def _tidy(self) -> None:
        """Page pictures of sources that were removed or replaced, here or by a command, go too."""
        self.pages.keep_only(source.original for source in self.index.catalog.sources())

    def close(self) -> None:
        """Ends the intake. The index stays open: it belongs to the caller."""
        self.intake.close()
