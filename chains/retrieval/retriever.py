"""The retrieval of this project as LangChain's: what the pipeline itself uses, and what chains of others do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import PrivateAttr

from chains.query.language import question_language
from chains.retrieval.base import Resources
from chains.retrieval.search import retrieve
from models.embed import embed_ahead, serves
from records import Hit, Scope


class HitDocument(Document):
    """A LangChain document that knows the hit it was made of.

    Its metadata hold where the chunk stands (source, title, section, page, bbox, kind, element, ordinal), its score and the
    rank, from 1, that each ranking gave it (``ranks``).
    """

    _hit: Hit = PrivateAttr()

    @classmethod
    def of(cls, hit: Hit) -> HitDocument:
        """Return ``hit`` as a document."""
        chunk = hit.chunk
        names = ("source", "title", "section", "page", "bbox", "kind", "element", "ordinal")
        metadata: dict[str, Any] = {name: getattr(chunk, name) for name in names}
        document = cls(
            page_content=chunk.text,
            id=chunk.id,
            metadata={**metadata, "section": list(chunk.section), "score": hit.score, "ranks": dict(hit.ranks)},
        )
        document._hit = hit
        return document


class Retriever(BaseRetriever):
    """Finds chunks within ``scope``; invoke, batch and stream, and their asynchronous forms, as any LangChain retriever."""

    scope: Scope = Scope()
    _resources: Resources = PrivateAttr()

    def __init__(self, resources: Resources, **fields: Any) -> None:
        super().__init__(**fields)
        self._resources = resources

    @property
    def resources(self) -> Resources:
        """What the steps of retrieval use."""
        return self._resources

    def within(self, scope: Scope) -> Retriever:
        """Return the same retriever over another scope."""
        return self.model_copy(update={"scope": scope})

    def prepare(self, questions: Sequence[str]) -> None:
        """Embed ``questions``, which are to be asked next, in one batch.

        Raises:
            ModelError: the embedder cannot be loaded.
        """
        if "dense" in self._resources.settings.steps:
            embedder = self._resources.embedder
            embed_ahead(embedder, [one for one in questions if serves(embedder, question_language(one))])

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [HitDocument.of(hit) for hit in retrieve(query, self.scope, self._resources)]


def hits_of(documents: Iterable[Document]) -> tuple[Hit, ...]:
    """Return the hits that ``documents`` of a ``Retriever`` were made of."""
    return tuple(document._hit for document in documents if isinstance(document, HitDocument))
