"""A question on its way to a cited answer, and who asks it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from records.documents import BBox, Kind
from records.stored import Chunk

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

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
