"""What is kept of a source: passages, who may read them, and a line of the catalog."""

from __future__ import annotations

from dataclasses import dataclass

from records.documents import BBox, Fields, Kind, Loss


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
