"""What is read of a source: its bytes, and what a parser makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BBox = tuple[float, float, float, float]
# names in small letters, each with a value; one of several values stands repeatedly
Fields = tuple[tuple[str, str], ...]
Kind = Literal["text", "table", "image"]
DRAWING = "drawing"  # author of values that are measured in the drawing of a chart and printed nowhere


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
