"""Plain text."""

from __future__ import annotations

import re

from config import Settings
from errors import ParseError
from ingest.connectors.address import source_name
from ingest.parsers.base import AssetSink
from ingest.parsers.decoding import decode
from records import Document, Element, Line, Raw
from text.invisible import without_invisible


def parse_plain(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    """Return text as paragraphs that empty lines part; a form feed begins a page. Never more than is certain is a heading:
    a line underlined by as many ``=`` or ``-``, between empty lines.

    Raises:
        ParseError: there is no text in it.
    """
    text = (
        without_invisible(decode(raw.data, charset=raw.charset))
        .replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\0", "")
    )
    elements: list[Element] = []
    headings: list[tuple[int, str]] = []
    pages = text.rstrip("\f\n ").split("\f")
    for page, content in enumerate(pages, start=1):
        for block in re.split(r"\n(?:[ \t]*\n)+", content):
            lines = [line.rstrip() for line in block.split("\n") if line.strip()]
            if not lines:
                continue
            level = _heading_level(lines)
            while level and headings and headings[-1][0] >= level:
                headings.pop()
            section = tuple(heading for _, heading in headings)
            kept = [lines[0].strip()] if level else lines
            elements.append(
                Element(kind="text", lines=tuple(map(Line, kept)), page=page, section=section, heading=level)
            )
            if level:
                headings.append((level, kept[0]))
    if not elements:
        raise ParseError(f"{raw.source} has no text.")
    title = next((element.text for element in elements if element.heading == 1), "") or source_name(raw.source)
    return Document(source=raw.source, kind="text", title=title, pages=len(pages), elements=tuple(elements))


def _heading_level(lines: list[str]) -> int:
    """1 for a line underlined by ``=``, 2 by ``-``, 0 for anything else."""
    if len(lines) != 2 or len(lines[0].strip()) > 120:
        return 0
    line, rule = lines[0].strip(), lines[1].strip()
    if len(rule) < max(3, len(line) - 2) or len(rule) > len(line) + 2 or not re.search(r"\w", line):
        return 0
    return {"=": 1, "-": 2}.get(rule[0], 0) if len(set(rule)) == 1 else 0
