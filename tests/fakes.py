"""Small stand-ins whose answers a reader can work out, and short ways to make records."""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count as counter
from types import SimpleNamespace

from PIL import Image, ImageStat

from config import Settings
from records import BBox, Cell, Chunk, Citation, Document, Element, Line, Loss, Statement, Table
from store.assets import Assets
from store.catalog import Fingerprint
from store.index import Index
from text.tokens import content_words, stem

DIMENSIONS = 256
_spaces = counter()


class FakeEmbedder:
    """A bag of word stems, hashed into ``DIMENSIONS`` places and of unit length; remembers what it embedded.

    Each has an embedding space of its own, so that tests can share one Chroma server.
    """

    def __init__(self, name: str = "", *, limit: int = 120) -> None:
        self.name = "fake"
        self.fingerprint = name or f"fake{next(_spaces):06d}"
        self.embedded: list[str] = []
        self.tokenizer = SimpleNamespace(limit=limit, count=count_words)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.embedded += texts
        return [_vector(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return _vector(text)


def count_words(text: str) -> int:
    """The fake tokenizer: a token is a run of word characters or one other mark."""
    return len(re.findall(r"\w+|[^\w\s]", text))


def _vector(text: str) -> list[float]:
    places = [0.0] * DIMENSIONS
    for word in content_words(text):
        places[zlib.crc32(stem(word).encode()) % DIMENSIONS] += 1.0
    length = math.sqrt(sum(value * value for value in places))
    return [value / length for value in places] if length else [1.0] + [0.0] * (DIMENSIONS - 1)


@dataclass(frozen=True)
class Samples:
    """The parsed sample corpus."""

    documents: dict[str, Document]
    assets: Assets

    @property
    def report(self) -> Document:
        return self.documents["annual-report-2025.pdf"]


def chunk(text: str, *, source: str = "a.md", id: str = "", **fields: object) -> Chunk:
    """A chunk; its id is its text unless one is given."""
    return replace(Chunk(id=id or text, source=source, kind="text", text=text), **fields)  # type: ignore[arg-type]


def document(
    source: str = "a.md", *, elements: Iterable[Element] = (), original: str = "", losses: tuple[Loss, ...] = ()
) -> Document:
    """A Markdown document titled like its source."""
    return Document(
        source=source,
        kind="markdown",
        title=source.partition(".")[0],
        pages=1,
        elements=tuple(elements),
        original=original,
        losses=losses,
    )


def fingerprint(content_hash: str = "h", stamp: str = "1/1", parser: str = "p") -> Fingerprint:
    """What a source looked like when it was taken in."""
    return Fingerprint(content_hash, stamp, parser)


def put(index: Index, chunks: list[Chunk], doc: Document | None = None) -> None:
    """Takes ``chunks`` in as all that their source has."""
    index.put(doc or document(chunks[0].source), chunks, fingerprint(), "2026-01-02T03:04:05+00:00")


def table(*rows: tuple[str, ...], header_rows: int = 1, caption: str = "", boxes: bool = False) -> Table:
    """A table without spans; with ``boxes`` the cell in row r and column c lies at (100c, 10r, 100c + 90, 10r + 8)."""
    cells = tuple(
        Cell(row=r, col=c, text=text, bbox=(100.0 * c, 10.0 * r, 100.0 * c + 90, 10.0 * r + 8) if boxes else None)
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    )
    return Table(cells=cells, n_rows=len(rows), n_cols=len(rows[0]), header_rows=header_rows, caption=caption)


def text(*lines: str, page: int = 1, heading: int = 0, section: tuple[str, ...] = (), top: float = 0.0) -> Element:
    """A text element; its nth line lies at (10, top + 12n, 510, top + 12n + 10)."""
    boxes: list[BBox] = [(10.0, top + 12.0 * n, 510.0, top + 12.0 * n + 10) for n in range(len(lines))]
    placed = tuple(Line(line, box) for line, box in zip(lines, boxes, strict=True))
    return Element(kind="text", lines=placed, page=page, heading=heading, section=section)


def vector_ids(index: Index, space: str = "text") -> set[str]:
    """The chunks that have a vector of the present embedder of ``space``."""
    return index.parts.vectors.ids(index.parts.spaces[space].key)


def agree(index: Index) -> bool:
    """Whether vectors, lexical index, catalog and assets name the same things, and nothing is left half done."""
    named = sorted(id_ for source in index.catalog.sources() for id_ in index.catalog.chunk_ids(source.source))
    return (
        sorted(vector_ids(index)) == named
        and sorted(index.parts.lexical.open().ids()) == named
        and set(index.assets.names()) == index.catalog.assets()
        and index.catalog.journal() == []
    )


def unseen(statement: Statement, citations: Sequence[Citation]) -> None:
    """A witness who can look into no original."""


def settings_at(folder: object, chroma_url: str = "", **fields: object) -> Settings:
    """Settings on ``folder`` without a look at the environment."""
    return Settings.from_env({}, data_dir=folder, chroma_url=chroma_url, **fields)


class FakeImageEmbedder:
    """Embeds a picture as its mean red, green and blue, and a text as those of the three that it names; of unit length."""

    def __init__(self, fingerprint: str = "") -> None:
        self.name = "fake colours"
        self.fingerprint = fingerprint or f"colours{next(_spaces):06d}"
        self.pictures = 0  # embedded so far

    def embed_pictures(self, pictures: Sequence[Image.Image]) -> list[list[float]]:
        self.pictures += len(pictures)
        return [_unit_of([float(value) for value in ImageStat.Stat(one.convert("RGB")).mean]) for one in pictures]

    def embed_texts(self, texts: Sequence[str]) -> list[list[float]]:
        return [_unit_of([float(colour in text.lower()) for colour in ("red", "green", "blue")]) for text in texts]


def _unit_of(values: Sequence[float]) -> list[float]:
    values = [value + 0.001 for value in values]  # black, and a text without a colour, have a direction, too
    length = math.sqrt(sum(value * value for value in values))
    return [value / length for value in values]
