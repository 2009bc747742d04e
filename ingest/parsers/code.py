"""Programs as text, and reStructuredText: what they define, or their underlined headings, are sections."""

from __future__ import annotations

import re
from dataclasses import replace

from config import Settings
from errors import ParseError
from ingest.connectors.address import source_name, suffix_of
from ingest.parsers.base import AssetSink
from ingest.parsers.decoding import decode
from ingest.parsers.plain import parse_plain
from records import Document, Element, Line, Raw

_DEFINES = re.compile(
    r"^(?:export\s+|public\s+|pub\s+|async\s+|static\s+|abstract\s+|final\s+|default\s+)*"
    r"(?:class|def|function|func|fn|interface|struct|enum|trait|impl|module|type|CREATE\s+(?:TABLE|VIEW))\s+"
    r"(?P<name>\w+(?:(?:\.|::)\w+)*)",
    re.IGNORECASE,
)
_ADORNMENT = re.compile(r"([=\-~^\"'`#*+.:_])\1{2,}")
LINES_TOGETHER = 40


def parse_code(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    """Return a program as its lines, those of a class or function below its name.

    Raises:
        ParseError: there is no text in it.
    """
    if suffix_of(raw.url or raw.source) == ".rst":
        return _parse_rst(raw, assets=assets, settings=settings)
    text = decode(raw.data, charset=raw.charset).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    elements: list[Element] = []
    section: tuple[str, ...] = ()
    block: list[Line] = []

    def flush() -> None:
        if any(line.text.strip() for line in block):
            elements.append(Element(kind="text", lines=tuple(block), section=section))
        block.clear()

    for line in text.split("\n"):
        defined = _DEFINES.match(line)
        if defined or len(block) >= LINES_TOGETHER:
            flush()
        if defined:
            section = (defined["name"],)
        if line.strip():
            block.append(Line(line.expandtabs(4).rstrip()))
    flush()
    if not elements:
        raise ParseError(f"{raw.source} has no text.")
    title = re.split(r"[/\\]", raw.source)[-1] or source_name(raw.source)
    return Document(source=raw.source, kind="code", title=title, pages=1, elements=tuple(elements))


def _parse_rst(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    """reStructuredText as plain text, with headings of any underline: the first that comes up is the highest."""
    document = parse_plain(raw, assets=assets, settings=settings)
    levels: dict[str, int] = {}
    open_headings: dict[int, str] = {}
    elements: list[Element] = []
    for element in document.elements:
        lines = [line.text for line in element.lines]
        if element.heading:
            lines = [element.text, {1: "=", 2: "-"}[element.heading] * len(element.text)]
        over = len(lines) > 2 and bool(_ADORNMENT.fullmatch(lines[0].strip())) and lines[0].strip() == lines[2].strip()
        lines = lines[1:] if over else lines
        if len(lines) > 1 and _ADORNMENT.fullmatch(lines[1].strip()) and len(lines[1].strip()) >= len(lines[0].strip()):
            level = min(levels.setdefault(lines[1].strip()[0] * (1 + over), len(levels) + 1), 6)
            open_headings = {known: text for known, text in open_headings.items() if known < level}
            heading = Element(kind="text", lines=(Line(lines[0].strip()),), heading=level)
            elements.append(replace(heading, section=tuple(open_headings.values())))
            open_headings[level] = lines[0].strip()
            lines = lines[2:]
        if lines:
            elements.append(
                Element(
                    kind="text",
                    lines=tuple(map(Line, lines)),
                    page=element.page,
                    section=tuple(open_headings.values()),
                )
            )
    title = next((one.text for one in elements if one.heading == 1), document.title)
    return replace(document, kind="code", title=title, elements=tuple(elements))
