"""Rich Text Format: its text by striprtf, its tables from the rows that are left of them."""

from __future__ import annotations

import re
from html import escape

from config import Settings
from errors import ParseError
from ingest.connectors.address import source_name
from ingest.parsers.base import AssetSink
from ingest.parsers.html.fragments import PartPictures, read_fragment
from records import Document, Loss, Raw


def parse_rtf(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    """Return an RTF file as paragraphs and tables; its pictures are lost, and said to be.

    Raises:
        ParseError: it is no RTF, damaged, or holds no text.
    """
    from striprtf.striprtf import rtf_to_text

    source = raw.data.decode("latin-1")
    if not source.lstrip().startswith("{\\rtf"):
        raise ParseError(f"{raw.source} is no RTF: it does not begin as one.")
    try:
        text = rtf_to_text(source, errors="replace")
    except (ValueError, IndexError, KeyError, LookupError, TypeError) as error:
        raise ParseError(f"{raw.source} is damaged ({type(error).__name__}: {error}). Save it anew.") from error
    elements, _ = read_fragment(_html(text), PartPictures(settings, {}), assets)
    if not elements:
        raise ParseError(f"{raw.source} has no text.")
    pictures = len(re.findall(r"\\pict\b", source))
    why = "pictures in RTF are not read. Save the file as DOCX or PDF."
    return Document(
        source=raw.source,
        kind="rtf",
        title=source_name(raw.source),
        pages=1,
        elements=tuple(elements),
        losses=(Loss(f"{pictures} pictures", why),) if pictures else (),
    )


def _html(text: str) -> str:
    """Paragraphs, and as tables the lines in which each cell ends with a stroke."""
    html: list[str] = []
    rows: list[str] = []
    for line in [*text.split("\n"), ""]:
        if re.fullmatch(r"(?:[^|]*\|)+", line) and line.count("|") > 1:
            cells = "".join(f"<td>{escape(cell.strip())}</td>" for cell in line.split("|")[:-1])
            rows.append(f"<tr>{cells}</tr>")
            continue
        if rows:
            html.append(f"<table>{''.join(rows)}</table>")
            rows = []
        html.append(f"<p>{escape(line.strip())}</p>" if line.strip() else "")
    return "".join(html)
