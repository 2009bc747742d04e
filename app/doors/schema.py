"""What goes in and out of the doors for programs, as REST's OpenAPI document and the MCP tools describe it.

Pages count from 1; a ``bbox`` is ``[x0, y0, x1, y1]`` as ``records`` says. A source is named for people by ``source``, its
file's name or its link, and for programs by ``source_id``: where a file lies on the server is nobody's business.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from records import Kind, Outcome
from store.feedback import Rating

MAX_QUESTION = 4_000  # characters
MAX_MESSAGES = 100  # of the conversation before it
MAX_MESSAGE = 40_000  # characters of one
MAX_NAMED = 1_000  # sources of a scope
MAX_HITS = 50
MAX_LISTED = 500  # sources at once
MAX_WAIT = 60.0  # seconds

BBox = tuple[float, float, float, float]
Name = Annotated[str, Field(max_length=2_000)]
# What became of a source that was added: it waits, is being read, is in, was the same before, or could not be read.
Status = Literal["waiting", "reading", "added", "updated", "unchanged", "failed", "stopped"]


class ErrorDetail(BaseModel):
    """What failed, on which value, and the way out."""

    message: str
    type: str


class Problem(BaseModel):
    """The body of every answer that is no success."""

    error: ErrorDetail


# --- what comes in ---


class ScopeIn(BaseModel):
    """The part of the documents that is asked; what is left out does not limit it."""

    model_config = ConfigDict(extra="forbid")

    sources: list[Name] = Field(default=[], max_length=MAX_NAMED, description="ids of sources, or their names or links")
    kinds: list[Kind] = Field(default=[], max_length=3, description="passages of these kinds alone")
    tags: list[Name] = Field(default=[], max_length=100, description="figures alone that have one of these tags")
    where: Name = Field(default="", description="documents whose fields fit, e.g. date>=2024 author=Kim tag=energy")


class Message(BaseModel):
    """An earlier message of the conversation."""

    role: Literal["user", "assistant"]
    content: str = Field(max_length=MAX_MESSAGE)


class AskIn(BaseModel):
    """A question, which may follow a conversation or come with a picture."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(default="", max_length=MAX_QUESTION)
    history: list[Message] = Field(default=[], max_length=MAX_MESSAGES)
    scope: ScopeIn = ScopeIn()
    picture: str = Field(default="", description="a picture file as base64: find it, or ask its source")


class SearchIn(BaseModel):
    """A search for passages."""

    model_config = ConfigDict(extra="forbid")

    query: str = Field(min_length=1, max_length=MAX_QUESTION)
    scope: ScopeIn = ScopeIn()
    limit: int = Field(default=10, ge=1, le=MAX_HITS)


class LinkIn(BaseModel):
    """A link to add, and who may read it."""

    model_config = ConfigDict(extra="forbid")

    link: Name = Field(description="http(s)")
    readers: Name = Field(
        default="", description="one of your groups, or “Everybody”; left out, you alone where users are told apart"
    )
    wait: float = Field(default=0.0, ge=0, le=MAX_WAIT, description="seconds to wait until it is in")
    password: SecretStr = Field(default=SecretStr(""), description="of an encrypted PDF; it is kept nowhere")


class CitedIn(BaseModel):
    """A passage that an answer cited."""

    source: Name
    page: int = Field(default=1, ge=1, le=1_000_000)
    quote: str = Field(default="", max_length=MAX_MESSAGE)


class FeedbackIn(BaseModel):
    """What somebody thinks of an answer."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(min_length=1, max_length=MAX_QUESTION)
    rating: Rating
    answer: str = Field(default="", max_length=MAX_MESSAGE)
    correction: str = Field(default="", max_length=MAX_MESSAGE, description="what would have been right")
    citations: list[CitedIn] = Field(default=[], max_length=100)


# --- what goes out ---


class StatementOut(BaseModel):
    """One sentence of an answer with the numbers of its citations."""

    model_config = ConfigDict(extra="allow")

    text: str
    citations: list[int]
    checked: bool
    added: bool = False


class CitationOut(BaseModel):
    """The passage that a statement cites."""

    model_config = ConfigDict(extra="allow")

    n: int
    source: str
    source_id: str
    page: int
    bbox: BBox | None = None
    kind: Kind
    quote: str
    checked: bool


class HitOut(BaseModel):
    """A passage that was found, best first."""

    model_config = ConfigDict(extra="allow")

    source: str
    source_id: str
    page: int
    kind: Kind
    score: float


class ObjectOut(BaseModel):
    """A thing that was found in the picture."""

    label: str
    score: float
    bbox: BBox


class AnswerOut(BaseModel):
    """The object of ``python -m chains --json``, with ids of sources."""

    model_config = ConfigDict(extra="allow")

    question: str
    subquestions: list[str]
    answer: str
    outcome: Outcome
    abstained: bool
    statements: list[StatementOut]
    citations: list[CitationOut]
    hits: list[HitOut]
    objects: list[ObjectOut]
    timings_ms: dict[str, float]
    model: str
    notices: list[str]


class PassageOut(BaseModel):
    """A passage; ``score`` and ``ranks`` (from 1, by each ranking) where it was searched for."""

    passage_id: str
    source: str
    source_id: str
    title: str
    section: list[str]
    page: int
    bbox: BBox | None = None
    kind: Kind
    text: str
    has_table: bool = Field(description="whether its whole table can be had")
    score: float | None = None
    ranks: dict[str, int] = {}


class FoundOut(BaseModel):
    """Passages, the best first."""

    passages: list[PassageOut]


class PageOut(BaseModel):
    """What stands on a page, in reading order."""

    source: str
    source_id: str
    title: str
    page: int
    pages: int
    text: str
    passages: list[PassageOut]


class TableOut(BaseModel):
    """A whole table: a text a cell, and a spanning cell's text at every position that it covers."""

    source: str
    source_id: str
    page: int
    caption: str
    columns: list[str]
    header_rows: int
    rows: list[list[str]]


class LossOut(BaseModel):
    """A part of a source that could not be read, and why."""

    what: str
    why: str


class SourceOut(BaseModel):
    """A source, or one that is being added."""

    source: str
    source_id: str
    status: Status
    title: str = ""
    kind: str = ""
    pages: int = 0
    passages: int = 0
    added: str = Field(default="", description="when, in ISO 8601, UTC")
    pages_read: int = Field(default=0, description="while it is being read")
    error: str = ""
    losses: list[LossOut] = []
    readers: list[str] = Field(
        default=[], description="groups and users who may read it, if you may change that; none: everybody"
    )
    may_change: bool = Field(default=False, description="whether you may remove it")
    fields: dict[str, list[str]] = Field(
        default={}, description="by which questions can be filtered: author, date, tag"
    )
    summary: str = ""


class SourcesOut(BaseModel):
    """Sources, the newest first, and how many there are in all."""

    sources: list[SourceOut]
    total: int


class RemovedOut(BaseModel):
    """What was removed."""

    source: str
    source_id: str
