"""Files that are attached to a PDF: read by the parser of their kind, as a part of the source that they came with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from config import Settings
from errors import SourceError
from ingest.parsers.base import AssetSink
from records import Document, Element, Loss, Raw

MOST_FILES = 50
ReadFile = Callable[[Raw, AssetSink, Settings], Document]  # by the parser of its kind


def attached(document: Any, assets: AssetSink, settings: Settings, read: ReadFile) -> tuple[list[Element], list[Loss]]:
    """Return what the files attached to ``document`` hold, each below its name as a heading, and what could not be read.

    They have no place on a page: the first page stands for all. What is attached to an attached PDF is named, not read.
    """
    elements: list[Element] = []
    losses: list[Loss] = []
    for number, (name, data) in enumerate(_files(document)):
        if number == MOST_FILES:
            losses.append(Loss("attached files", f"a document's limit of {MOST_FILES} is reached"))
            break
        try:
            if len(data) > settings.max_source_bytes:
                raise SourceError(f"it is larger than the limit of {settings.max_source_bytes:,} bytes")
            raw = Raw(source=f"attachment://{name}", data=data)  # no path: pages may look into no folder
            held = read(raw, assets, settings)
        except SourceError as error:
            losses.append(Loss(f"attached file {name}", str(error)))
            continue
        losses += (Loss(f"{loss.what} of the attached file {name}", loss.why) for loss in held.losses)
        elements += (_without_place(element, name) for element in held.elements)
    return elements, losses


def names_of(document: Any) -> list[str]:
    """Return the names of the files attached to ``document``."""
    return [name for name, _ in _files(document)]


def _files(document: Any) -> Iterator[tuple[str, bytes]]:
    for key in document.embfile_names():
        info = document.embfile_info(key)
        yield _plain(info.get("ufilename") or info.get("filename") or key), document.embfile_get(key)
    for page in document:
        for annotation in page.annots(types=[FILE_ATTACHMENT]):
            info = annotation.file_info
            yield _plain(info.get("ufilename") or info.get("filename") or "file"), annotation.get_file()


FILE_ATTACHMENT = 17  # PyMuPDF's number for annotations that hold a file


def _plain(name: str) -> str:
    return " ".join(name.replace("\\", "/").rsplit("/", 1)[-1].split())[:100] or "file"


def _without_place(element: Element, name: str) -> Element:
    """An element without its place, which is in another file, and below that file's name."""
    table = element.table
    if table is not None:
        table = replace(table, cells=tuple(replace(cell, bbox=None, page=0) for cell in table.cells))
    lines = tuple(replace(line, bbox=None, page=0) for line in element.lines)
    section = (name, *element.section)
    return replace(element, lines=lines, page=1, bbox=None, caption_bbox=None, section=section, table=table)
