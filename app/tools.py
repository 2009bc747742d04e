"""Tools over an index for LangChain's agents: search, open a page, read a table."""

from __future__ import annotations

import json

from langchain_core.tools import BaseTool, StructuredTool
from pydantic import BaseModel, Field

from chains.pipeline import resources_of
from chains.retrieval.search import retrieve
from config import Settings
from records import Chunk, Scope
from store.index import Index

PASSAGE_CHARACTERS = 1_200  # of a passage that a search shows
PAGE_CHARACTERS = 12_000  # of a page


class Search(BaseModel):
    """What ``search`` takes."""

    question: str = Field(description="one question, complete in itself")


class OpenPage(BaseModel):
    """What ``open_page`` takes."""

    source: str = Field(description="a source as a search names it")
    page: int = Field(1, ge=1, description="the page, from 1")


class ReadTable(BaseModel):
    """What ``table`` takes."""

    id: str = Field(description="the id of a passage of kind table, as a search names it")


def tools(index: Index, settings: Settings, scope: Scope) -> list[BaseTool]:
    """Return ``search``, ``open_page`` and ``table`` over what ``scope`` allows, for ``create_agent`` and the like.

    What they return is text that names source, page, kind and id of each passage. A wrong argument is answered with a text
    that says what is right, so that an agent can go on.
    """
    resources = resources_of(index, settings)
    documents, principal = resources.documents, scope.principal

    def allows(source: str) -> bool:
        return scope.sources is None or source in scope.sources

    def search(question: str) -> str:
        hits = retrieve(question, scope, resources)
        return "\n\n".join(_passage(hit.chunk) for hit in hits) or "Nothing comes near it."

    def open_page(source: str, page: int = 1) -> str:
        if not allows(source) or documents.source(source, principal) is None:
            return f"There is no source {source!r}. Name one as a search does."
        chunks = [chunk for chunk in documents.chunks_of(source, principal) if chunk.page == page]
        return (
            "\n\n".join(chunk.text for chunk in chunks)[:PAGE_CHARACTERS] or f"Page {page} of {source} holds nothing."
        )

    def table(id: str) -> str:
        chunk = documents.chunk(id, principal)
        if chunk is None or not chunk.table or not allows(chunk.source):
            return f"There is no table {id!r}. Name a passage of kind table by its id, as a search does."
        return json.dumps(resources.assets.read_table(chunk.table).grid(), ensure_ascii=False)

    return [
        StructuredTool.from_function(
            search,
            name="search",
            args_schema=Search,
            description="Find passages of the documents that answer a question.",
        ),
        StructuredTool.from_function(
            open_page,
            name="open_page",
            args_schema=OpenPage,
            description="Read one page of a source, in reading order.",
        ),
        StructuredTool.from_function(
            table, name="table", args_schema=ReadTable, description="Read a whole table as rows of cells (JSON)."
        ),
    ]


def _passage(chunk: Chunk) -> str:
    where = f"{chunk.source}, page {chunk.page}, {chunk.kind}, id {chunk.id}"
    return f"[{where}]\n{' › '.join([chunk.title, *chunk.section])}\n{chunk.text[:PASSAGE_CHARACTERS]}"
