"""Short ways to the steps of chains over an index."""

from __future__ import annotations

from collections.abc import Sequence

from chains.answering.base import Context
from chains.answering.extractive.reader import Reader
from chains.pipeline import resources_of
from chains.retrieval import search
from chains.verification import source_check
from config import Settings
from records import Citation, Hit, Principal, Scope, Statement, SubAnswer
from store.index import Index

EVERYTHING = Scope()


def retrieve(index: Index, question: str, scope: Scope, settings: Settings) -> tuple[Hit, ...]:
    """What is found for ``question``."""
    return search.retrieve(question, scope, resources_of(index, settings))


def is_supported(
    statement: Statement, citations: Sequence[Citation], index: Index, principal: Principal
) -> bool | None:
    """Whether the originals of ``index`` bear the statement out."""
    return source_check.is_supported(statement, citations, index.documents, index.originals, principal)


def reader(index: Index, settings: Settings) -> Reader:
    """The extractive reader over ``index``."""
    return Reader(
        Context(
            settings=settings,
            resources=resources_of(index, settings),
            is_supported=lambda statement, cited, principal: is_supported(statement, cited, index, principal),
        )
    )


def read(question: str, hits: Sequence[Hit], index: Index, settings: Settings, scope: Scope = EVERYTHING) -> SubAnswer:
    """What the extractive reader answers from ``hits``."""
    return reader(index, settings).read(question, hits, scope)


def read_table(
    question: str, hits: Sequence[Hit], index: Index, settings: Settings, scope: Scope = EVERYTHING
) -> SubAnswer | None:
    """What the rows of a table among ``hits`` come to."""
    return reader(index, settings).read_table(question, hits, scope)
