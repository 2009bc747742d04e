"""What the steps of retrieval share: a query, what they may use, and their two signatures."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from chains.query.language import question_language
from config import Settings
from models.embed import Embedder, Remembered
from models.reader import SpanReader
from models.rerank import Reranker
from records import Chunk, Hit, Principal, Scope
from store.assets import Assets
from store.auth.per_principal import KEPT
from store.documents import Documents
from store.page_search import PageSearch
from store.picture_search import PictureSearch
from store.searches import DenseSearch, LexicalSearch
from text.glossary import Glossary
from text.source_names import SourceNames

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

PLACE, GLOSSARY = "place: ", "glossary: "  # how the names of rankings begin that a place, or the glossary, gives
ROUTED = 5  # sources that are searched by themselves, too
PATIENCE = 10  # times as long as it took
PIECES = 4096  # whose vectors are kept, 6 MB of the packaged embedder's
ROUTED_SHARE = 0.5  # of the best match, that another source needs for that


class NameIndex:
    """The names of the sources that each principal may read, kept up with the catalog. Safe to use from several threads.

    Each is made of the one before. Comparing the titles takes a moment that grows with their number, so that while the
    catalog changes all the time they are compared again after ``PATIENCE`` times as long: names only say where to look
    first, and what is not to be read is not found there.
    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._known: dict[tuple[bool, tuple[str, ...]], _Known] = {}
        self._lock = Lock()

    def of(self, principal: Principal) -> SourceNames:
        """Return the names of the sources that ``principal`` may read."""
        stamp, key = self._documents.stamp(), (principal.everything, principal.labels)
        with self._lock:
            known = self._known.pop(key, None)
            if known is None or (known.stamp != stamp and time.monotonic() >= known.due):
                began = time.monotonic()
                titles = self._documents.titles(principal)
                names = known.names.updated(titles) if known else SourceNames(titles)
                ended = time.monotonic()
                wait = PATIENCE * (ended - began) if known else 0.0
                known = _Known(names, stamp, ended + wait)
            self._known[key] = known  # as the one used last
            if len(self._known) > KEPT:
                del self._known[next(iter(self._known))]
            return known.names


@dataclass(frozen=True)
class _Known:
    names: SourceNames
    stamp: tuple[object, ...]  # of the catalog that they were read from
    due: float  # when they may be compared again, as ``time.monotonic`` counts


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What a step may use; each search is limited to what the query's principal may read."""

    settings: Settings
    documents: Documents
    dense: DenseSearch
    lexical: LexicalSearch
    assets: Assets
    embedder: Embedder
    names: NameIndex
    glossary: Glossary
    reranker: Reranker | None = None
    reader: SpanReader | None = None  # finds the words that answer, where one is set
    pictures: PictureSearch | None = None  # by what they show, where an image embedder is set
    pages: PageSearch | None = None  # the same of whole pages, where the settings want them
    model: BaseChatModel | None = None  # a chat model, where one is set
    decompose_model: BaseChatModel | None = None  # the one that condenses and splits; None is the same

    @cached_property
    def embed_pieces(self) -> Remembered:
        """What embeds the pieces of passages that a reader compares: the parts of a question, and the questions after it, are
        read from the same ones, and this is most of what an answer costs."""
        return Remembered(self.embedder.embed_documents, PIECES)


@dataclass(frozen=True)
class Query:
    """A question, where it may look, and which sources it names."""

    text: str
    scope: Scope
    resources: Resources

    @cached_property
    def language(self) -> str:
        """The question's language, ISO 639-1."""
        return question_language(self.text)

    @cached_property
    def source_names(self) -> SourceNames:
        """The names of all sources that may be read."""
        return self.resources.names.of(self.scope.principal)

    @cached_property
    def named(self) -> dict[str, float]:
        """The sources within the scope that the question names, with how surely, from 0 to 1; {} where there is only one to
        look at."""
        if self.scope.sources is not None and len(self.scope.sources) < 2:
            return {}
        found = self.source_names.match(
            self.text, lambda stem, sources: self.resources.lexical.share(stem, sources, self.scope.principal)
        )
        allowed = self.scope.sources
        return {source: sure for source, sure in found.items() if allowed is None or source in allowed}

    @property
    def scopes(self) -> list[Scope]:
        """The scope, and one of the sources that are most surely meant, so that enough of their chunks are candidates."""
        if not self.named:
            return [self.scope]
        best = sorted(self.named, key=lambda source: (-self.named[source], source))[:ROUTED]
        least = ROUTED_SHARE * self.named[best[0]]
        return [self.scope, replace(self.scope, sources=tuple(one for one in best if self.named[one] >= least))]


@dataclass(frozen=True)
class Ranking:
    """Chunks with their scores, best first, and what the ranking counts for in the fusion."""

    chunks: Sequence[tuple[Chunk, float]]
    weight: float = 1.0


class RankingStep(Protocol):
    """A step that finds candidates."""

    def __call__(self, query: Query, found: Mapping[str, Ranking]) -> Mapping[str, Ranking]:
        """Return new rankings by name; ``found`` are those of the steps before."""
        ...


class RerankingStep(Protocol):
    """A step that orders the fused hits anew."""

    def __call__(self, query: Query, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
        """Return ``hits`` with other scores, best first; it may add some."""
        ...
