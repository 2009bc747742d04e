"""A document on its way in: what it brings, and what the catalog says of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from records import Chunk, Document, Source
from store.catalog import Fingerprint


class Entry(NamedTuple):
    """A document to be taken in."""

    document: Document
    chunks: Sequence[Chunk]
    fingerprint: Fingerprint


def source_of(document: Document, chunks: int, fingerprint: Fingerprint, when: str) -> Source:
    """What the catalog says of ``document``."""
    return Source(
        source=document.source,
        kind=document.kind,
        title=document.title,
        pages=document.pages,
        chunks=chunks,
        when=when,
        content_hash=fingerprint.content_hash,
        original=document.original,
        losses=document.losses,
    )


def assets_of(document: Document, chunks: Sequence[Chunk]) -> set[str]:
    """Names of all assets that belong to ``document`` and its ``chunks``."""
    names = {document.original, *(chunk.table for chunk in chunks), *(chunk.picture for chunk in chunks)}
    names |= {element.picture.asset for element in document.elements if element.picture}
    return names - {""}
