"""A turn as plain data, for scripts and for the page's endpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from records import Citation, Hit, Statement, Turn
from text.cell_address import place


def as_json(turn: Turn, name: Callable[[str], str] = str) -> dict[str, Any]:
    """Return the object that ``--json`` prints. Stable: other people's scripts read it.

    Args:
        name: what whoever reads it is told of a source; by default its name in the index.
    """
    return {
        "question": turn.question,
        "subquestions": [part.question for part in turn.parts],
        "answer": turn.answer,
        "outcome": turn.outcome,
        "abstained": turn.abstained,
        "statements": [_statement(statement) for statement in turn.statements],
        "citations": [_citation(citation, name) for citation in turn.citations],
        "hits": [_hit(hit, name) for hit in turn.hits],
        "objects": [
            {"label": one.label, "score": round(one.score, 4), "bbox": [round(value, 1) for value in one.bbox]}
            for one in turn.objects
        ],
        "timings_ms": turn.timings_ms,
        "model": turn.model,
        "notices": list(turn.notices),
    }


def _statement(statement: Statement) -> dict[str, Any]:
    return {
        "text": statement.text,
        "citations": list(statement.citations),
        "checked": statement.checked,
        "added": statement.added,
    }


def _citation(citation: Citation, name: Callable[[str], str]) -> dict[str, Any]:
    chunk = citation.chunk
    return {
        "n": citation.n,
        "source": name(chunk.source),
        "page": chunk.page,
        "bbox": [round(value, 2) for value in citation.bbox] if citation.bbox else None,
        "place": place(chunk, citation.bbox),
        "kind": chunk.kind,
        "quote": citation.quote,
        "checked": citation.checked,
    }


def _hit(hit: Hit, name: Callable[[str], str]) -> dict[str, Any]:
    chunk = hit.chunk
    return {"source": name(chunk.source), "page": chunk.page, "kind": chunk.kind, "score": round(hit.score, 6)}
