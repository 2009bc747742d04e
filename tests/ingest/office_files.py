"""Office files built for tests, and how they are read there."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from web_page import MemoryAssets

from config import Settings
from ingest.parsers.registry import PARSERS, kind_of
from records import Document, Element, Raw


def saved(document: Any) -> bytes:
    """The bytes of a document, presentation or workbook."""
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def read(data: bytes, name: str, *, assets: MemoryAssets | None = None, settings: Settings | None = None) -> Document:
    """Reads a file by whatever parser the registry has for it."""
    raw = Raw(source=f"/files/{name}", data=data)
    return PARSERS[kind_of(raw)].parse(raw, assets=assets or MemoryAssets(), settings=settings or Settings())


def with_part(data: bytes, name: str, content: bytes | None = None, changes: Mapping[str, str] | None = None) -> bytes:
    """A zip archive with one part replaced or added, or with texts in it changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry, old.read(entry.filename))
        text = content if content is not None else old.read(name)
        for before, after in (changes or {}).items():
            assert before.encode() in text, before
            text = text.replace(before.encode(), after.encode())
        new.writestr(name, text)
    return buffer.getvalue()


def tables(document: Document) -> list[Element]:
    """The elements that are tables."""
    return [element for element in document.elements if element.kind == "table"]


def texts(document: Document) -> str:
    """All text, a line a line."""
    return "\n".join(element.text for element in document.elements if element.kind == "text")
