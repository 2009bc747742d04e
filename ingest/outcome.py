"""What becomes of a source that is taken in, and what it is on its way."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from ingest.describe import Usage
from records import About, Chunk, Document, Kind, Loss
from store.catalog import Fingerprint

Status = Literal["added", "updated", "unchanged", "failed"]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one source."""

    source: str
    status: Status
    kind: str = ""  # of ingest.parsers.registry.PARSERS
    title: str = ""
    pages: int = 0
    chunks: dict[Kind, int] | None = None
    losses: tuple[Loss, ...] = ()
    error: str = ""
    seconds: float = 0.0
    usage: Usage | None = None  # of the vision model; None where none was to be asked
    attachments: tuple[str, ...] = ()  # sources that belong to it, and are taken in after it
    locked: bool = False  # it failed for want of a password


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A parsed source on its way into the index."""

    document: Document
    chunks: list[Chunk]
    fingerprint: Fingerprint
    beside: frozenset[str]  # assets with descriptions that it keeps
    about: About
    began: float
    instead_of: tuple[str, ...] | None = None  # chunks of its words alone, whose place it takes


def storable(source: str) -> bool:
    """Return whether a name is text: one of a file may hold other bytes, which cannot be stored or shown."""
    return not any("\ud800" <= character <= "\udfff" for character in source)


def unstorable(source: str) -> Outcome:
    """Return what becomes of a source whose name cannot be stored."""
    shown = source.encode(errors="replace").decode()
    return Outcome(source=shown, status="failed", error=f"The name of {shown} is no valid text. Rename the file.")


def unchanged(source: str, began: float) -> Outcome:
    """Return what becomes of a source that is in already, looked at from ``began`` on."""
    return Outcome(source=source, status="unchanged", seconds=time.perf_counter() - began)


def outcome_of(prepared: Prepared, known: Collection[str]) -> Outcome:
    """Return what became of a source that was stored; those in ``known`` were in before."""
    document = prepared.document
    return Outcome(
        source=document.source,
        status="updated" if document.source in known else "added",
        kind=document.kind,
        title=document.title,
        pages=document.pages,
        chunks=dict(Counter(chunk.kind for chunk in prepared.chunks)),
        losses=document.losses,
        seconds=time.perf_counter() - prepared.began,
        attachments=document.attachments,
    )
