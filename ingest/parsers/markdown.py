"""Markdown, by way of HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

import yaml
from markdown_it import MarkdownIt

from config import Settings
from errors import ParseError
from ingest.connectors.download import Hop
from ingest.parsers.base import AssetSink
from ingest.parsers.decoding import decode
from ingest.parsers.html.page import parse_html
from records import Document, Raw

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(?=[\w\"'-]+[ \t]*:)(.*?\n)(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)

# The parser drops what is nested deeper, silently, and needs about three Python frames a level.
MAX_NESTING = 150
_DEEP = re.compile(
    r"^((?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))){50})(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))+",
    re.M,
)


def read_front_matter(text: str) -> dict[str, str]:
    """Return the entries of YAML front matter as text, lists in a row; those that are nested deeper, or are no YAML, are
    left out."""
    try:
        found = yaml.load(text, Loader=yaml.BaseLoader)  # nosec B506  makes nothing but text of it
    except (yaml.YAMLError, RecursionError):
        lines = (line.partition(":") for line in text.splitlines() if re.match(r"[\w-]+[ \t]*:", line))
        found = {name.strip(): value.strip().strip("\"'") for name, _, value in lines}
    if not isinstance(found, dict):
        return {}
    return {str(name): said for name, value in found.items() if (said := _said(value))}


def front_matter_of(text: str) -> list[tuple[str, str]]:
    """Return the entries of the YAML front matter that ``text`` begins with, of a list each by itself."""
    front = _FRONT_MATTER.match(text.replace("\0", ""))
    if front is None:
        return []
    try:
        found = yaml.load(front[1], Loader=yaml.BaseLoader)  # nosec B506  makes nothing but text of it
    except (yaml.YAMLError, RecursionError):
        return list(read_front_matter(front[1]).items())
    pairs = found.items() if isinstance(found, dict) else ()
    return [(str(name), _said(one)) for name, value in pairs for one in (value if isinstance(value, list) else [value])]


def _said(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(filter(None, (_said(one) if not isinstance(one, list) else "" for one in value)))
    if isinstance(value, dict):
        return ", ".join(f"{name}: {one}" for name, one in value.items() if isinstance(one, str) and one)
    return " ".join(str(value or "").split())


def _told(entries: Mapping[str, str]) -> str:
    """What is said of the document besides its title, as HTML."""
    told = (
        f"{name[:1].upper()}{name[1:].replace('_', ' ')}: {value}"
        for name, value in entries.items()
        if name.lower() != "title"
    )
    return "".join(f"<p>{escape(line)}</p>" for line in told)


def parse_markdown(raw: Raw, *, assets: AssetSink, settings: Settings, hop: Hop | None = None) -> Document:
    """Return CommonMark with tables and strike-through as a document of one page; a front matter's ``title`` is its title,
    and what else it says of the document comes first, a line an entry.

    Raises:
        ParseError: there is no content in it.
    """
    text = decode(raw.data, charset=raw.charset).replace("\0", "")
    front = _FRONT_MATTER.match(text)
    entries = read_front_matter(front[1]) if front else {}
    title = next((value for name, value in entries.items() if name.lower() == "title"), "")
    if front:
        text = text[front.end() :]
    if not text.strip():
        raise ParseError(f"{raw.source} has no content.")
    text = _DEEP.sub(r"\1 ", text)
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])
    html = _told(entries) + parser.render(text)
    return parse_html(html, raw=raw, kind="markdown", assets=assets, settings=settings, title=title, hop=hop)
