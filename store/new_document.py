"""A document on its way into the store: what it brings, and what the catalog says of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from records import About, Chunk, Document, Reading, Source
from store.catalog import Fingerprint


class NewDocument(NamedTuple):
    """A document to be taken in, with its chunks and what it was read from."""

    document: Document
    chunks: Sequence[Chunk]
    fingerprint: Fingerprint
    beside: frozenset[str] = frozenset()  # assets besides those that the document and its chunks name
    instead_of: tuple[str, ...] | None = None  # chunks that the source must still have; None does not ask
    about: About = About()
    reading: Reading | None = None  # where its words alone are taken in: its chunks are embedded in no space


def source_of(new: NewDocument, when: str) -> Source:
    """Return what the catalog says of a document taken in at ``when`` (ISO 8601)."""
    document = new.document
    return Source(
        source=document.source,
        kind=document.kind,
        title=document.title,
        pages=document.pages,
        chunks=len(new.chunks),
        when=when,
        content_hash=new.fingerprint.content_hash,
        original=document.original,
        losses=document.losses,
        about=new.about,
    )


def assets_of(new: NewDocument) -> set[str]:
    """Return the names of all assets that belong to a document and its chunks."""
    names = {
        *new.beside,
        new.document.original,
        *(chunk.table for chunk in new.chunks),
        *(chunk.picture for chunk in new.chunks),
    }
    names |= {element.picture.asset for element in new.document.elements if element.picture}
    return names - {""}
