"""A picture as a question: where does it stand in the documents? By its pixels; no model looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chains.answering.synthesis import marked
from records import Citation, Hit, Principal, Statement, Turn
from store.documents import Documents
from store.searches import ImageSearch

MAX_PICTURE_HITS = 3  # named at most; a logo may stand in many


def find_picture(turn: Turn, images: ImageSearch, documents: Documents) -> Turn:
    """Fill ``picture_hits``. Found, a question that comes with the picture is asked of the source that has it, of the
    best one if several have; not found, or without a question, the turn has its answer.

    Raises:
        ParseError: the picture cannot be decoded, or has too many pixels.
    """
    found = images.search(turn.picture, MAX_PICTURE_HITS, turn.scope)
    turn = replace(turn, picture_hits=tuple(Hit(chunk=chunk, score=sure) for chunk, sure in found))
    if not found:
        hint = " Ask without it to search them all." if turn.question.strip() else ""
        return replace(turn, answer=f"This picture is not among your documents.{hint}", outcome="nothing")
    if not turn.question.strip():
        return with_picture_hits(replace(turn, hits=turn.picture_hits), documents)
    return replace(turn, scope=replace(turn.scope, sources=(found[0][0].source,)))


def with_picture_hits(turn: Turn, documents: Documents) -> Turn:
    """Put where the picture stands before the answer, each place cited. They count as checked: the pixels were
    compared."""
    first = max((citation.n for citation in turn.citations), default=0) + 1
    citations = tuple(
        Citation(n=n, chunk=hit.chunk, quote=hit.chunk.text, bbox=hit.chunk.bbox, checked=True)
        for n, hit in enumerate(turn.picture_hits, start=first)
    )
    statements = _statements(documents, citations, turn.scope.principal)
    lines = [*(marked(statement) for statement in statements), turn.answer]
    return replace(
        turn,
        answer="\n\n".join(line for line in lines if line),
        statements=(*statements, *turn.statements),
        citations=(*turn.citations, *citations),
    )


def _statements(documents: Documents, citations: Sequence[Citation], principal: Principal) -> tuple[Statement, ...]:
    said = []
    for citation in citations:
        chunk = citation.chunk
        source = documents.source(chunk.source, principal)
        name = chunk.title or chunk.source
        match source.kind if source else "":
            case "pdf":
                text = f"This picture stands on page {chunk.page} of {name}."
            case "image":
                text = f"This picture is {name}."
            case _:
                text = f"This picture stands in {name}."
        said.append(Statement(text=text, citations=(citation.n,), checked=True))
    return tuple(said)
