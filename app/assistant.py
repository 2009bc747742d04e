"""The application behind the page: one index, one chain, one ingestion queue, shared by everybody who has the page open."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from app.chat import Conversation, history, rate_limited, redacted
from app.ingestion import Ingestion
from app.monitoring.monitoring import Monitoring
from app.pages import PageImages
from app.security.identity import Identity
from app.sources import name_of
from errors import AccessError, AssistantError, StoreError
from records import OPERATOR, Principal, Scope, Source, Turn
from store.auth.access import may_change
from store.feedback import Feedback, FeedbackEntry, user_name_of
from store.index import Index

if TYPE_CHECKING:
    import gradio as gr
    from langchain_core.runnables import Runnable

log = logging.getLogger(__name__)


class Assistant:
    """The application on one index: answers questions, ingests and removes sources. Use as a context manager, or call
    ``close``."""

    def __init__(
        self, index: Index, chain: Runnable[Turn, Turn] | None = None, identity: Identity | None = None
    ) -> None:
        self.index = index
        self.identity = identity or Identity(index.settings)
        self.ingestion = Ingestion(index)
        self.pages = PageImages(index.settings, index.assets, index.originals)
        self.feedback = Feedback(index.folder)
        self.uploads = index.uploads
        self.monitoring = Monitoring(index.settings, self._amounts)
        self._given = chain
        self._warm = Event()
        self._lock = Lock()

    def __enter__(self) -> Assistant:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def _built(self) -> Runnable[Turn, Turn]:
        from chains.pipeline import build

        return self.monitoring.watched(self._given or build(self.index, self.index.settings))

    @property
    def chain(self) -> Runnable[Turn, Turn]:
        """The chain of ``chains.pipeline``, built once, and watched."""
        with self._lock:
            return self._built

    def warm_up(self) -> None:
        """Load in the background what the first question would wait for."""
        Thread(target=self._warm_up, name="warm-up", daemon=True).start()

    def _warm_up(self) -> None:
        self._tidy()
        try:
            self.index.dense.search("warm-up", 1, Scope(principal=OPERATOR))
            self.index.lexical.search("warm-up", 1, Scope(principal=OPERATOR))
            _ = self.chain
        except AssistantError as error:
            log.warning("The first question will fail: %s", error)
        else:
            self._warm.set()

    def missing(self) -> list[str]:
        """Return what a question would still wait for, or fail by; [] when one can be answered."""
        missing = [] if self._warm.is_set() else ["the models are not loaded"]
        try:
            self.index.check_reachable()
        except StoreError as error:
            log.warning("The index cannot be searched: %s", error)
            missing.append("the index cannot be searched")
        return missing

    def _amounts(self) -> dict[str, tuple[str, float]]:
        """What there is now, for metrics."""
        sources = self.index.documents.sources(OPERATOR)
        waiting = sum(len(batch.sources) - len(batch.outcomes) for batch in self.ingestion.running())
        return {
            "assistant_sources": ("Sources in the index.", len(sources)),
            "assistant_passages": ("Passages of them.", sum(source.chunks for source in sources)),
            "assistant_sources_waiting": ("Sources that are being added.", waiting),
            "assistant_batches_running": ("Batches of them.", len(self.ingestion.running())),
        }

    def principal(self, request: gr.Request | None) -> Principal:
        """Return who sent ``request``.

        Raises:
            AccessError: the page it comes from was opened by somebody else.
        """
        principal = self.identity.principal(request)
        if request is not None and not self.identity.owns(request.session_hash or "", principal):
            raise AccessError("You have been logged in or out since this page was opened. Reload it.")
        return principal

    def answer(self, asked: Turn, conversation: Conversation, principal: Principal) -> Iterator[Turn]:
        """Yield ever fuller turns for what ``principal`` has ``asked`` after ``conversation``, a few a second.

        Raises:
            AssistantError: it cannot be answered.
        """
        turn = replace(asked, history=history(conversation), scope=Scope(principal=principal))
        yield from rate_limited(self.chain.stream(turn))

    def still_readable(self, conversation: Conversation, principal: Principal) -> Conversation:
        """Return ``conversation`` without the answers that rest on what ``principal`` may not read any more."""
        return redacted(conversation, self.index.documents.hidden(principal))

    def sources(self, principal: Principal) -> dict[str, Source]:
        """Return all sources that ``principal`` may read, by name."""
        return {source.source: source for source in self.index.documents.sources(principal)}

    def feedback_of(self, principal: Principal) -> list[FeedbackEntry]:
        """Return the feedback of ``principal``, or of everybody where users are not told apart."""
        entries = self.feedback.all()
        return [one for one in entries if one.who == user_name_of(principal)] if self.identity.enabled else entries

    def remove(self, source: str, principal: Principal) -> bool:
        """Remove ``source``; return False when it is not known.

        Raises:
            AccessError: it is not ``principal``'s to remove.
        """
        found = self.index.documents.source(source, principal)
        if found is not None and not may_change(principal, found):
            raise AccessError(f"{name_of(source)} was added by somebody else, who can remove it.")
        known = found is not None and self.index.remove(source)
        if known:
            self._tidy()
        return known

    def _tidy(self) -> None:
        """Page pictures of sources that were removed or replaced, here or by a command, go too."""
        self.pages.keep_only(source.original for source in self.index.documents.sources(OPERATOR))

    def close(self) -> None:
        """Stop the ingestion, and send what is left of traces. The index stays open: it belongs to the caller."""
        self.ingestion.close()
        self.monitoring.close()
