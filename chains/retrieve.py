"""Hybrid retrieval of one question: dense and lexical rankings, fused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from chains.fuse import reciprocal_rank_fusion
from config import Settings
from records import Chunk, Hit, Scope
from store.index import Index


def retrieve(index: Index, question: str, scope: Scope, settings: Settings) -> tuple[Hit, ...]:
    """The ``settings.top_k`` chunks that dense and lexical retrieval together hold to be best, best first."""
    rankings: dict[str, Sequence[tuple[Chunk, float]]] = {
        "dense": index.dense(question, settings.candidates, scope),
        "lexical": index.lexical(question, settings.candidates, scope),
    }
    return fuse_hits(rankings, settings)[: settings.top_k]


def fuse_hits(rankings: dict[str, Sequence[tuple[Chunk, float]]], settings: Settings) -> tuple[Hit, ...]:
    """Rankings of chunks as one, by reciprocal rank fusion on the chunks' ids."""
    chunks = {chunk.id: chunk for ranking in rankings.values() for chunk, _ in ranking}
    order = {name: [chunk.id for chunk, _ in ranking] for name, ranking in rankings.items()}
    ranks = {name: {id_: rank for rank, id_ in enumerate(ids, start=1)} for name, ids in order.items()}
    return tuple(
        Hit(
            chunk=chunks[id_],
            score=score,
            ranks=tuple((name, places[id_]) for name, places in ranks.items() if id_ in places),
        )
        for id_, score in reciprocal_rank_fusion(order, settings.rrf_k)
    )


class Retriever(BaseRetriever):
    """The retrieval of this project as a LangChain retriever, for chains of other people's making."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: Index
    settings: Settings
    scope: Scope = Scope()

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [_document(hit) for hit in retrieve(self.index, query, self.scope, self.settings)]


def _document(hit: Hit) -> Document:
    chunk = hit.chunk
    place = {
        name: value for name, value in asdict(chunk).items() if name in ("source", "title", "page", "kind", "bbox")
    }
    return Document(page_content=chunk.text, id=chunk.id, metadata={**place, "score": hit.score, **dict(hit.ranks)})
