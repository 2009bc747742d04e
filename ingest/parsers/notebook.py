"""Jupyter notebooks: text cells by way of Markdown, code as it stands, results as text, tables and pictures."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

from markdown_it import MarkdownIt

from config import Settings
from errors import ParseError
from ingest.connectors.address import source_name
from ingest.parsers.base import AssetSink
from ingest.parsers.decoding import decode
from ingest.parsers.html.fragments import PartPictures, grouped, read_fragment
from ingest.parsers.markdown import MAX_NESTING
from records import Document, Raw

_PICTURES = ("image/png", "image/jpeg")


def parse_notebook(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    """Return a notebook as a document of one page.

    Raises:
        ParseError: it is no notebook, or holds nothing.
    """
    try:
        book = json.loads(decode(raw.data, charset=raw.charset))
        cells = book["cells"] if "cells" in book else [cell for sheet in book["worksheets"] for cell in sheet["cells"]]
        pictures: dict[str, Callable[[], bytes]] = {}
        html = "".join(_cell(cell, pictures) for cell in cells)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ParseError(f"{raw.source} is no Jupyter notebook ({type(error).__name__}: {error}).") from error
    elements, losses = read_fragment(html, PartPictures(settings, pictures), assets)
    if not elements:
        raise ParseError(f"{raw.source} has no cell with content.")
    heading = next((" ".join(one.text.split()) for one in elements if one.heading), "")
    return Document(
        source=raw.source,
        kind="notebook",
        title=heading or source_name(raw.source),
        pages=1,
        elements=tuple(elements),
        losses=grouped(losses),
    )


def _cell(cell: Any, pictures: dict[str, Callable[[], bytes]]) -> str:
    text = _joined(cell.get("source", cell.get("input", "")))
    if cell["cell_type"] == "markdown":
        return str(
            MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable(["table", "strikethrough"]).render(text)
        )
    shown = [_output(output, pictures) for output in cell.get("outputs", ())]
    return "".join([f"<pre>{escape(text)}</pre>" if text.strip() else "", *shown])


def _output(output: Any, pictures: dict[str, Callable[[], bytes]]) -> str:
    """What a cell came to: of its forms a picture, else its HTML (tables of data frames), else its text."""
    data = output.get("data", {})
    for kind in _PICTURES:
        if kind in data:
            address = f"part:{len(pictures)}"
            pictures[address] = partial(_decoded, _joined(data[kind]))
            return f'<p><img src="{address}" alt=""></p>'
    if "text/html" in data:
        return f"<div>{_joined(data['text/html'])}</div>"
    text = _joined(data.get("text/plain", output.get("text", "")))
    return f"<pre>{escape(text)}</pre>" if text.strip() else ""


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except binascii.Error as error:
        raise ParseError("its data are broken.") from error


def _joined(text: Any) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text)
