"""One batch of sources that are in the index: what is stored anew of them, and their pictures described."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event

from ingest.describe import LOSS, Describing, Usage
from ingest.outcome import Outcome, Prepared, outcome_of
from models.caption import load_captioner
from models.said import CannotDescribe
from records import Loss
from store.being_read import is_whole
from store.index import Index
from store.new_document import NewDocument
from store.writer import AssetsGone, SourceChanged

REMOVED = "{} was removed while it was being read."


class Batch:
    """One batch of sources that are in the index already."""

    def __init__(self, index: Index, stop: Event) -> None:
        self.index = index
        self.stop = stop
        self.ended = Event()  # nobody waits for outcomes any more
        self.captioner = load_captioner(index.settings) if index.settings.vision_model else None
        self._describing = Describing(index, self.captioner, self.is_over) if self.captioner else None

    def is_over(self) -> bool:
        """Tell whether nothing more is to be begun."""
        return self.stop.is_set() or self.ended.is_set()

    def prepare(self, sources: Sequence[str]) -> list[Prepared | Outcome]:
        """Do everything short of embedding; runs in a thread that waits for workers and network."""
        return [
            Outcome(source=source, status="unchanged")
            if self.index.catalog.knows(source)
            else Outcome(source=source, status="failed", error=f"{source} is not in the index. Take it in first.")
            for source in sources
        ]

    def store(self, prepared: Sequence[Prepared], tries: int = 3) -> list[Outcome]:
        """Embed and store in one write; runs in the thread of the caller."""
        if not prepared:
            return []
        known = {source for one in prepared if is_whole(self.index.catalog, source := one.document.source)}
        when = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            new = [
                NewDocument(one.document, one.chunks, one.fingerprint, one.beside, one.instead_of, one.about)
                for one in prepared
            ]
            self.index.put_all(new, when)
        except (AssetsGone, SourceChanged) as error:
            # another batch removed what this one found already stored, or was faster with the same source
            if len(prepared) > 1:
                return [outcome for one in prepared for outcome in self.store([one], tries)]
            source = prepared[0].document.source
            if prepared[0].instead_of and not self.index.catalog.knows(source):
                return [Outcome(source=source, status="failed", error=REMOVED.format(source))]
            if isinstance(error, SourceChanged) and tries > 1:
                now = tuple(self.index.catalog.chunk_ids(source))
                return self.store([replace(prepared[0], instead_of=now)], tries - 1)
            (again,) = self.prepare([source])
            if isinstance(again, Outcome):
                return [again]
            if tries == 1:
                return [Outcome(source=source, status="failed", error=str(error))]
            return self.store([again], tries - 1)
        return [outcome_of(one, known) for one in prepared]

    def describes(self, outcome: Outcome) -> bool:
        """Tell whether pictures of a source are to be looked at that has come to ``outcome``."""
        return (
            self._describing is not None and outcome.status != "failed" and outcome.usage is None and not self.is_over()
        )

    def describe(self, outcome: Outcome) -> list[Prepared | Outcome]:
        """Have the pictures described; runs in a thread that waits for the model."""
        return [self._describe(outcome)]

    def _describe(self, outcome: Outcome) -> Outcome:
        assert self._describing is not None
        began = time.perf_counter()
        source = outcome.source
        try:
            if not self._describing.is_due(source):
                return replace(outcome, usage=Usage())
            usage, losses = self._describing.describe(source)
        except CannotDescribe as error:
            return self.without_model(outcome, error)
        except SourceChanged as error:
            return replace(outcome, usage=Usage(), losses=(*outcome.losses, Loss(f"{LOSS}s", str(error))))
        chunks = Counter(chunk.kind for chunk in self.index.catalog.chunks_of(source))
        return replace(
            outcome,
            status="updated" if outcome.status == "unchanged" and usage.described else outcome.status,
            chunks=None if outcome.chunks is None else dict(chunks),
            losses=losses,
            usage=usage,
            seconds=outcome.seconds + time.perf_counter() - began,
        )

    def without_model(self, outcome: Outcome, error: CannotDescribe) -> Outcome:
        """Return what becomes of a source whose pictures cannot be described: here the end, for nothing else is wanted.

        Raises:
            CannotDescribe: always.
        """
        raise error

    def close(self) -> None:
        """Have nothing more described."""
        if self._describing is not None:
            self._describing.close()
