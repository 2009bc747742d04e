"""A picture as a question: where does it stand in the documents? By its pixels; no model looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chains.answering.synthesis import marked
from records import Citation, Hit, Principal, Statement, Turn
from store.documents import Documents
from store.searches import ImageSearch

MAX_PICTURE_HITS = 3  # named at most; a logo may stand in many


def find_picture(turn: Turn, images: ImageSearch) -> Turn:
    """Fill ``picture_hits`` with where the picture of ``turn`` stands.

    Raises:
        ParseError: the picture cannot be decoded, or has too many pixels.
    """
    found = images.search(turn.picture, MAX_PICTURE_HITS, turn.scope)
    return replace(turn, picture_hits=tuple(Hit(chunk=chunk, score=sure) for chunk, sure in found))


def within_source(turn: Turn) -> Turn:
    """Narrow the scope to the source that has the picture, the best one if several have."""
    return replace(turn, scope=replace(turn.scope, sources=(turn.picture_hits[0].chunk.source,)))


def with_picture_hits(turn: Turn, documents: Documents) -> Turn:
    """Put where the picture stands before the answer, each place cited. They count as checked: the pixels were
    compared."""
    first = max((citation.n for citation in turn.citations), default=0) + 1
    citations = tuple(
        Citation(n=n, chunk=hit.chunk, quote=hit.chunk.text, bbox=hit.chunk.bbox, checked=True)
        for n, hit in enumerate(turn.picture_hits, start=first)
    )
    statements = tuple(
        Statement(text=f"This picture {where}.", citations=(citation.n,), checked=True)
        for citation, where in zip(citations, places(documents, citations, turn.scope.principal), strict=True)
    )
    lines = [*(marked(statement) for statement in statements), turn.answer]
    return replace(
        turn,
        answer="\n\n".join(line for line in lines if line),
        statements=(*statements, *turn.statements),
        citations=(*turn.citations, *citations),
    )


def places(documents: Documents, citations: Sequence[Citation], principal: Principal) -> list[str]:
    """Return for each of ``citations`` of pictures where it is: "stands on page 4 of Weir", "is photo"."""
    said = []
    for citation in citations:
        chunk = citation.chunk
        source = documents.source(chunk.source, principal)
        name = chunk.title or chunk.source
        match source.kind if source else "":
            case "pdf":
                said.append(f"stands on page {chunk.page} of {name}")
            case "image":
                said.append(f"is {name}")
            case _:
                said.append(f"stands in {name}")
    return said
