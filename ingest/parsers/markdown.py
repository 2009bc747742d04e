"""Markdown, by way of HTML."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

from config import Settings
from errors import ParseError
from ingest.connectors.download import Hop
from ingest.parsers.base import AssetSink
from ingest.parsers.decoding import decode
from ingest.parsers.html.page import parse_html
from records import Document, Raw

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(?=[\w\"'-]+[ \t]*:)(.*?\n)(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"^title[ \t]*:[ \t]*(.+?)[ \t]*$", re.IGNORECASE | re.MULTILINE)

# The parser drops what is nested deeper, silently, and needs about three Python frames a level.
MAX_NESTING = 150
_DEEP = re.compile(
    r"^((?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))){50})(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))+",
    re.M,
)


def parse_markdown(raw: Raw, *, assets: AssetSink, settings: Settings, hop: Hop | None = None) -> Document:
    """Return CommonMark with tables and strike-through as a document of one page; a front matter's ``title`` is its title.

    Raises:
        ParseError: there is no content in it.
    """
    text = decode(raw.data, charset=raw.charset).replace("\0", "")
    title = ""
    front = _FRONT_MATTER.match(text)
    if front:
        found = _TITLE.search(front[1])
        title = found[1].strip("\"'") if found else ""
        text = text[front.end() :]
    if not text.strip():
        raise ParseError(f"{raw.source} has no content.")
    text = _DEEP.sub(r"\1 ", text)
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])
    html = parser.render(text)
    return parse_html(html, raw=raw, kind="markdown", assets=assets, settings=settings, title=title, hop=hop)
