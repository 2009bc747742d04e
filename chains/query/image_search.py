"""A picture as a question: where does it stand in the documents? By its pixels; no model looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chains.answering.synthesis import marked
from records import Citation, Hit, Reader, Statement, Turn
from store.index import Index

PLACES = 3  # named at most; a logo may stand in many


def look(index: Index, turn: Turn) -> Turn:
    """Fills ``places``. Found, a question that comes with the picture is asked of the source that has it, of the best one
    if several have; not found, or without a question, the turn has its answer.

    Raises:
        ParseError: the picture cannot be decoded, or has too many pixels.
    """
    found = index.alike(turn.picture, PLACES, turn.scope)
    turn = replace(turn, places=tuple(Hit(chunk=chunk, score=sure) for chunk, sure in found))
    if not found:
        hint = " Ask without it to search them all." if turn.question.strip() else ""
        return replace(turn, answer=f"This picture is not among your documents.{hint}", abstained=True)
    if not turn.question.strip():
        return placed(index, replace(turn, hits=turn.places))
    return replace(turn, scope=replace(turn.scope, sources=(found[0][0].source,)))


def placed(index: Index, turn: Turn) -> Turn:
    """Puts where the picture stands before the answer, each place cited. They count as checked: the pixels were
    compared."""
    first = max((citation.n for citation in turn.citations), default=0) + 1
    citations = tuple(
        Citation(n=n, chunk=hit.chunk, quote=hit.chunk.text, bbox=hit.chunk.bbox, checked=True)
        for n, hit in enumerate(turn.places, start=first)
    )
    statements = _statements(index, citations, turn.scope.reader)
    lines = [*(marked(statement) for statement in statements), turn.answer]
    return replace(
        turn,
        answer="\n\n".join(line for line in lines if line),
        statements=(*statements, *turn.statements),
        citations=(*turn.citations, *citations),
    )


def _statements(index: Index, citations: Sequence[Citation], reader: Reader) -> tuple[Statement, ...]:
    said = []
    for citation in citations:
        chunk = citation.chunk
        source = index.source(chunk.source, reader)
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
