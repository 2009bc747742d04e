"""Small records for tests of the page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from records import Chunk, Citation, Hit, Source, SubAnswer, Turn

CHUNK = Chunk(
    id="c1", source="/docs/report.pdf", kind="text", text="Revenue was 12.5 million.", title="Report", page=3,
    bbox=(50.0, 100.0, 200.0, 120.0), section=("Finances",),
)  # fmt: skip
SOURCE = Source(
    source="/docs/report.pdf", kind="pdf", title="Report", pages=6, chunks=1, when="2026-01-02T03:04:05+00:00",
    original="a" * 40 + ".pdf",
)  # fmt: skip


def chunk(**changes: Any) -> Chunk:
    """Return a passage on page 3 of a report."""
    return replace(CHUNK, **changes)


def source(**changes: Any) -> Source:
    """Return that report."""
    return replace(SOURCE, **changes)


def citation(n: int = 1, **changes: Any) -> Citation:
    """Return a citation of that passage."""
    return replace(Citation(n=n, chunk=CHUNK, quote=CHUNK.text, bbox=CHUNK.bbox, checked=True), **changes)


def turn(**changes: Any) -> Turn:
    """Return an answered question."""
    part = SubAnswer(question="What was revenue?", hits=(Hit(chunk=CHUNK, score=1.0),), done=True)
    answered = Turn(
        question="What was revenue?", standalone="What was revenue?", parts=(part,), answer="12.5 million. [1]",
        citations=(citation(),), hits=part.hits, stage="check",
    )  # fmt: skip
    return replace(answered, **changes)
