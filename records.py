"""The records of the system, in the order in which data meets them.

    Raw -> Document(Element...) -> Chunk          ingest
    Chunk -> Hit -> Citation, Statement -> Turn   chains

All are frozen; a step that changes one returns ``dataclasses.replace(record, ...)``. Pages count from 1. A rectangle is
``(x0, y0, x1, y1)`` in PDF points with the origin at the top left; for a picture file it is in pixels, for a sheet in cells
of one size (``text.cell_address``); web pages and plain text have none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

BBox = tuple[float, float, float, float]
Fields = tuple[
    tuple[str, str], ...
]  # names in small letters, each with a value; one of several values stands repeatedly
Kind = Literal["text", "table", "image"]
DRAWING = "drawing"  # author of values that are measured in the drawing of a chart and printed nowhere


# --- ingestion -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Raw:
    """The bytes of one source, before anything is known about them but where they came from."""

    source: str  # absolute path, or URL as it was asked for
    data: bytes
    media_type: str = ""  # as the server or the file name says; may be wrong
    charset: str = ""  # as the server says
    url: str = ""  # after redirects; "" for a file


@dataclass(frozen=True)
class Line:
    """One line of text as it stands on the page."""

    text: str
    bbox: BBox | None = None
    page: int = 0  # where it stands if that is not its element's page: the end of a sentence that goes on over the page


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell of a table; a cell that spans is stated once, at its top left."""

    row: int  # from 0
    col: int  # from 0
    text: str
    rowspan: int = 1
    colspan: int = 1
    bbox: BBox | None = None
    page: int = 0  # where it stands if that is not the page on which its table begins


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as data."""

    cells: tuple[Cell, ...]
    n_rows: int
    n_cols: int
    header_rows: int = 0  # the first rows that name the columns
    caption: str = ""

    def grid(self, *, repeat_spans: bool = True) -> list[list[str]]:
        """Return the cell texts as ``n_rows`` lists of ``n_cols`` strings.

        A spanning cell's text stands at every position it covers, or only at its top left with ``repeat_spans=False``.
        """
        rows = [[""] * self.n_cols for _ in range(self.n_rows)]
        for cell in self.cells:
            for row in range(cell.row, cell.row + (cell.rowspan if repeat_spans else 1)):
                for col in range(cell.col, cell.col + (cell.colspan if repeat_spans else 1)):
                    rows[row][col] = cell.text
        return rows

    def column_names(self) -> list[str]:
        """Return one name a column: its header cells from top to bottom, repeats left out, joined by a space."""
        names: list[str] = []
        header = self.grid()[: self.header_rows]
        for col in range(self.n_cols):
            parts = dict.fromkeys(row[col] for row in header if row[col])
            names.append(" ".join(parts))
        return names


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A figure, chart, photograph or scan; its pixels are an asset."""

    asset: str  # name in the asset store
    width: int  # pixels
    height: int  # pixels
    alt: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Element:
    """One block of a source in reading order: a heading, a paragraph, a table, a figure."""

    kind: Kind
    lines: tuple[Line, ...] = ()  # text: the text; image: the text inside the picture; table: unused
    page: int = 1
    bbox: BBox | None = None
    section: tuple[str, ...] = ()  # headings above it, outermost first
    heading: int = 0  # 1-6 for a heading, else 0
    caption: str = ""
    caption_bbox: BBox | None = None
    mentions: tuple[str, ...] = ()  # sentences elsewhere that refer to it ("Figure 3 shows ...")
    table: Table | None = None
    picture: Picture | None = None
    author: str = ""  # as of a chunk

    @property
    def text(self) -> str:
        """The lines joined by newlines."""
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True)
class Loss:
    """A part of a source that could not be ingested, and why."""

    what: str  # "page 12", "image https://..."
    why: str


@dataclass(frozen=True, kw_only=True)
class Document:
    """One parsed source."""

    source: str
    kind: str  # file type, of ingest.parsers.registry.PARSERS: "pdf", "web", "docx", "text", "image"
    title: str
    pages: int
    elements: tuple[Element, ...]
    losses: tuple[Loss, ...] = ()
    original: str = ""  # asset that holds the source's own bytes, for showing its pages later
    unit: str = ""  # what its pages are called: "page", "slide", "sheet", "section"; "" where their number says nothing
    attachments: tuple[str, ...] = ()  # sources of their own that belong to it
    stated: Fields = ()  # what the file says of itself: author, date, modified, version, subject, keyword


@dataclass(frozen=True, kw_only=True)
class Description:
    """What a model says of a picture."""

    picture: str  # asset
    text: str
    author: str  # the model's name
    prompt: str = ""  # version of what it was asked
    tokens_in: int = 0  # as the model reports them
    tokens_out: int = 0


# --- storage ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    """The rectangle of the characters ``text[start:end]`` of a chunk on its page."""

    start: int
    end: int
    bbox: BBox
    page: int = 0  # where it is if that is not the chunk's page


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """The unit that is embedded, indexed, retrieved and cited. It never crosses a page, but for the end of a sentence."""

    id: str  # from source, position and content
    source: str
    kind: Kind
    text: str  # what is quoted and checked
    context: str = ""  # title and section path; embedded and indexed before the text
    title: str = ""
    section: tuple[str, ...] = ()
    page: int = 1
    unit: str = ""  # what the page is called, as its document says: "slide", "sheet"
    bbox: BBox | None = None
    spans: tuple[Span, ...] = ()
    ordinal: int = 0  # reading order within the source
    element: str = ""  # the whole it is part of: chunks of one long table share it
    table: str = ""  # asset with the whole table as JSON
    picture: str = ""  # asset with the picture
    first_row: int = 0  # table: rows of the whole that this chunk holds: [first_row, last_row)
    last_row: int = 0
    author: str = ""  # a model that wrote the text, or ``DRAWING``; "" where the words stand in the source itself
    language: str = ""  # of the text, ISO 639-1; "" where it has no letters

    def __hash__(self) -> int:
        return hash((self.id, self.text))  # of all fields it would be a hundred rectangles

    @property
    def searched_text(self) -> str:
        """The text that the lexical index sees."""
        return f"{self.context}\n{self.text}" if self.context else self.text


@dataclass(frozen=True)
class Access:
    """The readers of a source, and its owner."""

    readers: tuple[str, ...] = ()  # groups, and "user:NAME"; none: everybody may
    owner: str = ""  # the user who added it; "" for whoever runs the commands


@dataclass(frozen=True, kw_only=True)
class About:
    """What is known of a source besides its passages."""

    stated: Fields = ()  # by the file itself
    own: Fields = ()  # by the user, in a sidecar; what is named there is not asked of the file
    tags: tuple[str, ...] = ()  # the most telling first
    summary: str = ""
    author: str = ""  # the model that wrote tags and summary; "" where they are the source's own words
    sketch: str = ""  # of its words, so that versions of one document are known (text.sketch)


@dataclass(frozen=True)
class Reading:
    """How far a long source has come of which, so far, the plain words alone can be searched."""

    words: int  # pages, from the first on, whose words can be searched
    done: int = 0  # pages that are read as a whole: with their tables and figures


@dataclass(frozen=True, kw_only=True)
class Source:
    """A line of the catalog."""

    source: str
    kind: str  # file type
    title: str
    pages: int
    chunks: int
    when: str  # ISO 8601, UTC
    content_hash: str = ""
    original: str = ""  # asset
    losses: tuple[Loss, ...] = ()
    access: Access = Access()
    name: str = ""  # that somebody gave it; it outlives that the source is read again
    about: About = About()
    reading: Reading | None = None  # None when it is in whole


# --- questions and answers -------------------------------------------------------------------------------------------

# What a question came to, the best first: an answer that we hold to be one; at most two nearest passages, quoted and placed,
# of which nothing is claimed; or neither. What is no question of the documents (a greeting, "which are there?") is a
# conversation.
Outcome = Literal["answered", "conversation", "passages", "nothing"]
OUTCOMES: tuple[Outcome, ...] = ("answered", "conversation", "passages", "nothing")
# What a message wants: an answer from the documents, a summary of some, or to know what there is and who one talks to.
Intent = Literal["question", "summary", "documents", "help", "greeting", "thanks"]


@dataclass(frozen=True)
class Principal:
    """The user who asks, which decides what is found. The default is a guest, who reads what is open to everybody."""

    name: str = ""
    groups: frozenset[str] = frozenset()
    manages: bool = False  # changes and removes what others added, as far as it may read it
    everything: bool = False  # reads every source

    @property
    def adds(self) -> bool:
        """Whether it may add sources; guests of a page on which one can log in may not."""
        return self.manages or bool(self.name)

    @property
    def labels(self) -> tuple[str, ...]:
        """The readers of a source among which this user counts."""
        return (*sorted(self.groups), *((f"user:{self.name}",) if self.name else ()))


GUEST = Principal()
OPERATOR = Principal(manages=True, everything=True)  # whoever may run the commands, and so read the files themselves


@dataclass(frozen=True)
class Scope:
    """The part of the index that a question may look at. ``None`` means everything that the user may read."""

    sources: tuple[str, ...] | None = None
    kinds: tuple[Kind, ...] | None = None
    tags: tuple[str, ...] = ()  # figures alone that have one of these, where an image embedder is set
    principal: Principal = GUEST
    left_out: frozenset[str] = frozenset()  # sources of which another version is read


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A retrieved chunk. Ranks count from 1."""

    chunk: Chunk
    score: float
    ranks: tuple[tuple[str, int], ...] = ()  # ("dense", 3), ("lexical", 1): where each ranking had it
    scores: tuple[tuple[str, float], ...] = ()  # ("dense", 0.61), ("lexical", 14.2): what each ranking, or hop, gave it


@dataclass(frozen=True, kw_only=True)
class Citation:
    """The passage of a source that supports a statement."""

    n: int  # as printed: [1]
    chunk: Chunk
    quote: str  # the words in the source
    bbox: BBox | None = None  # around the quote; the chunk's own when the quote cannot be located more closely
    checked: bool = False  # all that is said of it is borne out there
    disputed: bool = False  # the passage was read a second time, and has other words than the quote


@dataclass(frozen=True, kw_only=True)
class Computation:
    """The arithmetic of a statement over cells, so that it can be computed again."""

    operation: str  # of text.arithmetic: "count", "sum", "highest"
    cells: tuple[str, ...]  # as they stand in the cited quotes, from the top
    result: tuple[str, ...] = ()  # what it came to
    given: tuple[float, ...] = ()  # numbers of the question that the statement repeats


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One sentence of an answer with the numbers of its citations."""

    text: str
    citations: tuple[int, ...] = ()
    added: bool = False  # a model wrote it without a citation that exists; those it has were looked for and found by us
    checked: bool = False  # the passages it cites bear it out
    computed: Computation | None = None
    answer: tuple[str, ...] = ()  # the value alone, where cells answer: their text, or the number they come to


@dataclass(frozen=True, kw_only=True)
class SubAnswer:
    """One sub-question, what was found for it and what was answered."""

    question: str
    hits: tuple[Hit, ...] = ()
    after: tuple[int, ...] = ()  # numbers, from 1, of the parts whose answers its question needs
    text: str = ""  # the answer as a model writes it; when it is done, with the numbers of ``citations`` as marks
    reasoning: str = ""  # what the model thought before it answered; no part of the answer
    notices: tuple[str, ...] = ()  # what the reader of its answer must know
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    outcome: Outcome = "answered"
    done: bool = False
    confidence: float | None = None  # of the extractive reader in its best evidence, 0 to 1
    out_of_corpus: tuple[str, ...] = ()  # names in the question that stand in no document

    @property
    def abstained(self) -> bool:
        """Whether nothing is shown."""
        return self.outcome == "nothing"


@dataclass(frozen=True, kw_only=True)
class FoundObject:
    """A thing that was found in a picture."""

    label: str  # what was looked for
    score: float  # how sure the detector is, 0 to 1
    bbox: BBox  # in pixels of the picture


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A question on its way to a cited answer; each step returns a fuller copy."""

    question: str
    history: tuple[BaseMessage, ...] = ()  # earlier messages of the conversation, as LangChain has them
    scope: Scope = Scope()
    picture: bytes = b""  # the file of a picture that is asked about, with or without words
    picture_hits: tuple[Hit, ...] = ()  # where that picture stands, with how well the pixels agree
    objects: tuple[FoundObject, ...] = ()  # things that were looked for in that picture, and found
    drawn: bytes = b""  # PNG: that picture with these things outlined
    stage: str = ""  # the step that made this copy
    intent: Intent = "question"
    chat_model: str = ""  # that is to answer, of those that the settings let one choose; "" is theirs
    standalone: str = ""  # the question, understandable without the history
    parts: tuple[SubAnswer, ...] = ()
    answer: str = ""
    reasoning: str = ""  # what a model thought when it put the parts together
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()  # over all sub-questions, fused
    outcome: Outcome = "answered"  # the best of the parts' outcomes
    model: str = ""
    notices: tuple[str, ...] = ()  # what the reader of the answer must know: that a model could not be reached
    timings_ms: dict[str, float] = field(default_factory=dict)

    @property
    def abstained(self) -> bool:
        """Whether nothing is shown."""
        return self.outcome == "nothing"

    @property
    def nearest(self) -> frozenset[int]:
        """Numbers of the citations that only quote nearest passages: no part that is answered rests on them."""
        cited = [(part.outcome, {citation.n for citation in part.citations}) for part in self.parts]
        answering = set().union(*(numbers for outcome, numbers in cited if outcome == "answered"))
        return frozenset().union(*(numbers for outcome, numbers in cited if outcome == "passages")) - answering

    @property
    def added(self) -> frozenset[int]:
        """Numbers of the citations that a model did not give: all statements that cite them were added theirs by us."""
        own = {n for statement in self.statements if not statement.added for n in statement.citations}
        return frozenset(n for statement in self.statements if statement.added for n in statement.citations) - own

    @property
    def confidence(self) -> float | None:
        """Of the extractive reader in its best evidence for any sub-question, 0 to 1; None when a model answered."""
        return max((part.confidence for part in self.parts if part.confidence is not None), default=None)

    def __add__(self, later: Turn) -> Turn:
        """Return ``later``: LangChain adds up the chunks of a stream, and of two snapshots the later one is the sum."""
        return later
