"""Small PDFs, good and bad, and readers that die over them in a worker process."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pymupdf

from config import Settings
from ingest.parsers import memory
from ingest.parsers.base import AssetSink
from ingest.parsers.memory import leave_if_grown
from ingest.parsers.pdf.document import PageContent, read_pages
from ingest.workers import Loaded, load

NO_PAGES = b"""%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [] /Count 0 >> endobj
trailer << /Root 1 0 R >>
%%EOF
"""


def pdf(*pages: str, title: str = "", password: str = "") -> bytes:
    """A PDF with the text of each page, printed in 12 points."""
    with pymupdf.open() as document:
        for content in pages:
            page = document.new_page()
            page.insert_textbox((50, 50, 500, 700), content, fontsize=12)
        document.set_metadata({"title": title})
        lock = (
            {"encryption": pymupdf.PDF_ENCRYPT_AES_256, "user_pw": password, "owner_pw": password} if password else {}
        )
        data: bytes = document.tobytes(**lock)
        return data


def read_or_die(data: bytes, numbers: Sequence[int], assets: AssetSink, settings: Settings) -> list[PageContent]:
    """Reads pages as ``ingest.parsers.pdf.document.read_pages`` does, but page 2 ends the process."""
    if 2 in numbers:
        os._exit(11)
    return read_pages(data, numbers, assets, settings)


def read_when_fresh(data: bytes, numbers: Sequence[int], assets: AssetSink, settings: Settings) -> list[PageContent]:
    """Reads pages as ``ingest.parsers.pdf.document.read_pages`` does, but finds no memory in a process that read before."""
    if memory._tasks > 1:
        leave_if_grown(RuntimeError("Failed to allocate memory for requested buffer of size 22200320"))
    return read_pages(data, numbers, assets, settings)


def load_or_fail(source: str, settings: Settings, known_hash: str, password: str = "") -> Loaded:
    """Loads as ``ingest.workers.load`` does, but fails as the source's name says."""
    name = Path(source).name
    if name == "crash.md":
        os._exit(11)
    if name == "hang.md":
        time.sleep(60)
    if name == "memory.md":
        raise MemoryError
    if name == "fault.md":
        raise RecursionError("maximum recursion depth exceeded")
    return load(source, settings, known_hash)


def load_all_or_fail(known_hashes: Mapping[str, str], settings: Settings) -> dict[str, Loaded]:
    """Loads as ``ingest.workers.load_all`` does, but fails as a source's name says."""
    return {source: load_or_fail(source, settings, known_hash) for source, known_hash in known_hashes.items()}
