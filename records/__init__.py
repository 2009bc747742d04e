"""The records of the system, in the order in which data meets them.

    Raw -> Document(Element...)                   records/documents.py: what a parser reads
    Document -> Chunk, Source                     records/stored.py: what the store keeps
    Chunk -> Hit -> Citation, Statement -> Turn   records/answers.py: the way of a question

All are frozen; a step that changes one returns ``dataclasses.replace(record, ...)``. Pages count from 1. A rectangle is
``(x0, y0, x1, y1)`` in PDF points with the origin at the top left; for a picture file it is in pixels, for a sheet in cells
of one size (``text.cell_address``); web pages and plain text have none.
"""

from __future__ import annotations

from records.answers import (
    GUEST,
    OPERATOR,
    OUTCOMES,
    Citation,
    Computation,
    FoundObject,
    Hit,
    Intent,
    Outcome,
    Principal,
    Scope,
    Statement,
    SubAnswer,
    Turn,
)
from records.documents import (
    DRAWING,
    BBox,
    Cell,
    Description,
    Document,
    Element,
    Fields,
    Kind,
    Line,
    Loss,
    Picture,
    Raw,
    Table,
)
from records.stored import About, Access, Chunk, Reading, Source, Span

__all__ = [
    "DRAWING",
    "GUEST",
    "OPERATOR",
    "OUTCOMES",
    "About",
    "Access",
    "BBox",
    "Cell",
    "Chunk",
    "Citation",
    "Computation",
    "Description",
    "Document",
    "Element",
    "Fields",
    "FoundObject",
    "Hit",
    "Intent",
    "Kind",
    "Line",
    "Loss",
    "Outcome",
    "Picture",
    "Principal",
    "Raw",
    "Reading",
    "Scope",
    "Source",
    "Span",
    "Statement",
    "SubAnswer",
    "Table",
    "Turn",
]
