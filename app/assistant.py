"""The application behind the page: one index, one chain, one ingestion queue, shared by everybody who has the page open."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from app.chat import Conversation, history, rate_limited, redacted
from app.ingestion import Ingestion
from app.monitoring.monitoring import Monitoring
from app.names import shown_name
from app.pages import PageImages
from app.scope import Picked, scope_of
from app.security.identity import Identity
from app.sync_runner import SyncRunner
from chains.answering.base import EXTRACTIVE
from chains.suggestions import suggestions
from errors import AccessError, AssistantError, StoreError
from models.ocr import load_engine
from records import OPERATOR, Hit, Principal, Scope, Source, Turn
from store.auth.access import may_change
from store.contents import Contents, contents_of
from store.conversations import Conversations
from store.feedback import Feedback, FeedbackEntry, user_name_of
from store.index import Index
from store.removed import RemovedSource
from store.source_ids import source_id

if TYPE_CHECKING:
    import gradio as gr
    from langchain_core.runnables import Runnable

    from chains.retrieval.base import Resources

log = logging.getLogger(__name__)
TIDY_SECONDS = 600.0  # between two looks for what was removed too long ago to come back
RELATED = 4  # sources that a preview names as nearest to its own


class Assistant:
    """The application on one index: answers questions, ingests and removes sources. Use as a context manager, or call
    ``close``."""

    def __init__(
        self, index: Index, chain: Runnable[Turn, Turn] | None = None, identity: Identity | None = None
    ) -> None:
        self.index = index
        self.identity = identity or Identity(index.settings)
        self.ingestion = Ingestion(index)
        self.sync_runner = SyncRunner(index, lambda: self.chain)
        self.pages = PageImages(index.settings, index.assets, index.originals)
        self.feedback = Feedback(index.settings.shared_path)
        self.conversations = Conversations(index.folder, index.settings.catalog_url)
        self.uploads = index.uploads
        self.monitoring = Monitoring(index.settings, self._amounts)
        self._given = chain
        self._warm = Event()
        self._lock = Lock()
        self._closing = Event()

    def __enter__(self) -> Assistant:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def _built(self) -> Runnable[Turn, Turn]:
        from chains.pipeline import build

        return self.monitoring.watched(self._given or build(self.index, self.index.settings, resources=self._resources))

    @cached_property
    def _resources(self) -> Resources:
        from chains.pipeline import resources_of

        return resources_of(self.index, self.index.settings)

    @property
    def chain(self) -> Runnable[Turn, Turn]:
        """The chain of ``chains.pipeline``, built once, and watched."""
        with self._lock:
            return self._built

    @cached_property
    def _reader(self) -> Runnable[Turn, Turn]:
        from chains.pipeline import build

        return build(self.index, replace(self.index.settings, answerer=EXTRACTIVE), resources=self._resources)

    def search(self, query: str, scope: Scope, limit: int) -> tuple[Hit, ...]:
        """Return at most ``limit`` passages of ``scope`` for ``query``, the best first, as the chain finds them.

        Raises:
            AssistantError: the index cannot be searched.
        """
        from chains.retrieval.retriever import Retriever, hits_of

        with self._lock:
            resources = self._resources
        deep = replace(resources, settings=replace(resources.settings, top_k=max(limit, resources.settings.top_k)))
        return hits_of(Retriever(deep, scope=scope).invoke(query))[:limit]

    def suggestions(self, turn: Turn, principal: Principal, picked: Picked = ()) -> list[str]:
        """Return questions that may come after ``turn``, each with an answer in what ``principal`` ``picked``; see
        ``chains.suggestions``."""
        scope = self._scope_of(picked, principal)
        with self._lock:
            reader = self._reader
        return suggestions(replace(turn, scope=scope), reader.invoke, self.index.documents, self.index.assets)

    def _scope_of(self, picked: Picked, principal: Principal) -> Scope:
        sources = self.index.documents.sources(principal) if picked else ()
        return scope_of(picked, sources, self.index.uploads, principal)

    def warm_up(self) -> None:
        """Load in the background what the first question would wait for, and begin to run syncs that are due."""
        self.sync_runner.start()
        Thread(target=self._warm_up, name="warm-up", daemon=True).start()

    def _warm_up(self) -> None:
        self._tidy()
        Thread(target=self._keep_tidy, name="tidy", daemon=True).start()
        try:
            self.index.dense.search("warm-up", 1, Scope(principal=OPERATOR))
            self.index.lexical.search("warm-up", 1, Scope(principal=OPERATOR))
            _ = self.chain
            if any(source.kind in ("pdf", "image") for source in self.index.documents.sources(OPERATOR)):
                load_engine()  # it reads the pixels of cited places again
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

    def answer(
        self, asked: Turn, conversation: Conversation, principal: Principal, picked: Picked = ()
    ) -> Iterator[Turn]:
        """Yield ever fuller turns, a few a second, for what ``principal`` has ``asked`` after ``conversation`` of what they
        ``picked``.

        Raises:
            AssistantError: it cannot be answered.
        """
        scope = self._scope_of(picked, principal)
        turn = replace(asked, history=history(conversation), scope=scope)
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

    def contents(self, source: str, principal: Principal) -> Contents | None:
        """Return what is stored of ``source``, by name or id; None when it is not known, or not for ``principal`` to read."""
        found = self.index.documents.source(source, principal)
        if found is None:
            return None
        return contents_of(found.source, principal, self.index.documents, self.index.assets)

    def related(self, source: str, principal: Principal) -> list[Source]:
        """Return the sources that ``principal`` may read whose passages are nearest to those of ``source``, a name; none
        where they cannot be told."""
        try:
            found = self.index.dense.related(source, RELATED, principal)
        except AssistantError as error:  # what is stored was embedded with another model: the rest of the page works
            log.warning("Related sources cannot be told: %s", error)
            return []
        known = self.sources(principal)
        return [known[name] for name, _ in found if name in known]

    def changeable(self, source: str, principal: Principal) -> Source | None:
        """Return ``source``, by name or id, which ``principal`` may change; None when it is not known.

        Raises:
            AccessError: it is not ``principal``'s to change.
        """
        found = self.index.documents.source(source, principal)
        if found is not None and not may_change(principal, found):
            raise AccessError(f"{shown_name(found)} was added by somebody else, who can change or remove it.")
        return found

    def remove(self, source: str, principal: Principal) -> bool:
        """Remove ``source``, by name or id; return False when it is not known. It can be brought back for the hours that the
        settings say.

        Raises:
            AccessError: it is not ``principal``'s to remove.
        """
        found = self.changeable(source, principal)
        known = found is not None and self.index.remove(found.source, for_good=not self.index.settings.undo_hours)
        if known:
            self._tidy()
        return known

    def removed(self, principal: Principal) -> list[RemovedSource]:
        """Return what ``principal`` may bring back."""
        return [one for one in self.index.removed.all(principal) if may_change(principal, one.source)]

    def restore(self, source: str, principal: Principal) -> RemovedSource | None:
        """Bring the removed ``source``, an id, back; None when it is not among ``removed``."""
        found = next((one for one in self.removed(principal) if source_id(one.source.source) == source), None)
        return found if found is not None and self.index.removed.restore(found.source.source) else None

    def _tidy(self) -> None:
        """What was removed longer ago than it can come back goes, and page pictures of sources that were removed or
        replaced, here or by a command."""
        self.index.removed.purge(time.time() - self.index.settings.undo_hours * 3600)
        self.pages.keep_only(source.original for source in self.index.documents.sources(OPERATOR))

    def _keep_tidy(self) -> None:
        while not self._closing.wait(TIDY_SECONDS):
            try:
                self._tidy()
            except AssistantError as error:
                log.warning("What was removed could not be deleted yet: %s", error)

    def close(self) -> None:
        """Stop the ingestion, and send what is left of traces. The index stays open: it belongs to the caller."""
        self._closing.set()
        self.sync_runner.close()
        self.ingestion.close()
        self.monitoring.close()
