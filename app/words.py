"""What the page says of evidence, in one place, so that the chat and the panel say the same.

Two things are told apart: that the words stand in the source, which is checked, and that they answer the question, which is
somebody's judgement and is never called checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.text import shortened
from records import DRAWING, Chunk, SubAnswer
from text.cell_address import place

NEAREST = "Not sure that it answers the question: a nearest passage, for you to judge."
ADDED = "The model did not cite this passage; it was found for the statement afterwards."
IN_SOURCE = "In the source: what is stated stands at this place."
COMPUTED = "In the source: the result was computed again from the cited cells."
NOT_IN_SOURCE = (
    "Not confirmed: a number, a name or a quotation of the statement is not at this place, or too few of its words are."
)
NOT_COMPUTED = "Not confirmed: the cited cells do not come to this result."
DISPUTED = "Not confirmed: read a second time, this place has other words than these. See for yourself."
MARKED = "Outlined: the cited passage"
MARKED_NEAR = "Outlined: a passage that came near; nothing is claimed of it"

_KINDS = {"table": "table", "image": "figure"}


def authorship(author: str) -> str:
    """Return what is said of words that stand nowhere in the source."""
    if author == DRAWING:
        return "Measured in the drawing of the chart, where these values are not printed: approximate."
    return f"Written by the model {author}, not in the source itself."


@dataclass(frozen=True)
class Finding:
    """One thing that is said of a piece of evidence."""

    mark: Literal["good", "bad", "near"]  # of its colour; "near" claims nothing
    text: str

    @property
    def sign(self) -> str:
        """The sign before the text, for those who do not see colours."""
        return {"good": "✓ ", "bad": "⚠ ", "near": ""}[self.mark]


def in_source(checked: bool | None, *, computed: bool = False, disputed: bool = False) -> Finding | None:
    """Return whether what is stated stands in the source; None where nothing was stated."""
    if disputed:
        return Finding("bad", DISPUTED)
    if checked is None:
        return None
    if checked:
        return Finding("good", COMPUTED if computed else IN_SOURCE)
    return Finding("bad", NOT_COMPUTED if computed else NOT_IN_SOURCE)


def answers(part: SubAnswer | None, model: str) -> Finding | None:
    """Return who holds that the evidence of ``part`` answers the question; ``model`` is the answerer's name. None where
    nobody says so. No percentage is given: on documents unlike those that were learned from, it would promise too much."""
    if part is None or part.outcome == "nothing":
        return None
    if part.outcome == "passages":
        return Finding("near", NEAREST)
    if part.confidence is not None:
        return Finding("near", "Probably answers the question, by the words in it. Read it to be certain.")
    return Finding("near", f"Answers the question: so says {model or 'the model'}. That is not checked.")


def location(chunk: Chunk) -> str:
    """Return where a chunk stands, for people: "Annual report, page 3, table"."""
    return ", ".join(part for part in (_name(chunk), _place(chunk), _KINDS.get(chunk.kind)) if part)


def citation_label(chunk: Chunk) -> str:
    """Return what a mark in an answer stands for: "page 3 of Annual report, table"."""
    name = f"{_place(chunk)} of {_name(chunk)}" if place(chunk) or is_paged(chunk) else _name(chunk)
    return ", ".join(part for part in (name, _KINDS.get(chunk.kind)) if part)


def is_paged(chunk: Chunk) -> bool:
    """Tell whether the page number of a chunk says something: of a PDF it does, of a web page it does not."""
    is_picture = chunk.source.lower().endswith((".png", ".jpg", ".jpeg", ".webp"))
    return chunk.page > 1 or (chunk.bbox is not None and not is_picture)


def _name(chunk: Chunk) -> str:
    return shortened(chunk.title or chunk.source.rsplit("/", 1)[-1] or chunk.source, 80)


def _place(chunk: Chunk) -> str:
    if named := place(chunk):
        return named
    if is_paged(chunk):
        return f"page {chunk.page}"
    return shortened(chunk.section[-1], 60) if chunk.section and chunk.section[-1] != chunk.title else ""
