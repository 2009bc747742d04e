"""Helpers for tests of web pages: a sink that counts, a network that is not there, and small pictures."""

from __future__ import annotations

import hashlib
import io

from PIL import Image

from config import Settings
from errors import FetchError
from ingest.connectors.download import Answer
from ingest.parsers.html.page import parse_web
from records import Document, Raw


class MemoryAssets:
    """Keeps what it is given; the name is the content's hash."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, data: bytes, suffix: str) -> str:
        name = hashlib.sha256(data).hexdigest()[:16] + suffix
        self.kept[name] = data
        return name

    def read(self, name: str) -> bytes:
        return self.kept[name]


class FakeNetwork:
    """Answers from a dictionary, and remembers what it was asked for."""

    def __init__(self, answers: dict[str, Answer | bytes] | None = None) -> None:
        self.answers = answers or {}
        self.asked: list[str] = []

    def __call__(self, url: str, max_bytes: int, seconds: float) -> Answer:
        self.asked.append(url)
        if url not in self.answers:
            raise FetchError(f"{url} cannot be reached.") from OSError("no network")
        answer = self.answers[url]
        return answer if isinstance(answer, Answer) else Answer(url=url, status=200, data=answer)


def png(width: int, height: int, colour: str = "red") -> bytes:
    """A PNG of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "PNG")
    return buffer.getvalue()


def parse(
    html: str,
    *,
    source: str = "https://example.org/docs/page.html",
    network: FakeNetwork | None = None,
    assets: MemoryAssets | None = None,
    settings: Settings | None = None,
) -> Document:
    """Parses a page that was fetched from ``source``."""
    raw = Raw(source=source, data=html.encode(), charset="utf-8", url=source if source.startswith("http") else "")
    return parse_web(
        raw, assets=assets or MemoryAssets(), settings=settings or Settings(), hop=network or FakeNetwork()
    )


def all_text(document: Document) -> str:
    """Everything a document says: text, captions, cells, alternative texts."""
    parts = []
    for element in document.elements:
        parts.extend((element.text, element.caption))
        parts.extend(cell.text for cell in element.table.cells) if element.table else None
        parts.append(element.picture.alt if element.picture else "")
    return "\n".join(parts)
