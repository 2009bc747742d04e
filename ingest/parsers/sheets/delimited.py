"""Tables as text: CSV and TSV, with whatever delimiter their lines agree on."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter

from config import Settings
from errors import ParseError
from ingest.connectors.address import source_name, suffix_of
from ingest.parsers.base import AssetSink
from ingest.parsers.decoding import decode
from ingest.parsers.sheets.grid import MAX_CELLS, MAX_ROWS, Position, Sheet, Value, sheet_elements
from records import Document, Loss, Raw

DELIMITERS = (",", ";", "\t", "|")
SAMPLE = 100  # rows that tell the delimiter
MAX_FIELD = 1_000_000  # characters
_NUMBER = re.compile(
    r"[-+(]?\s?[$€£¥]?\s?\d[\d.,\u00a0\u202f' ]*(?:[eE][-+]?\d+)?\s?[%€$£)]?"
    r"|\d{4}-\d\d-\d\d(?:[T ][\d:.]+Z?)?"
    r"|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
)


def parse_delimited(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    """Return a CSV or TSV file as a sheet without a name.

    Raises:
        ParseError: there is no cell with a value, or a cell is no cell any more.
    """
    text = decode(raw.data, charset=raw.charset).replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    stated = re.match(r"sep=(.)\n", text)  # Excel's own way to say it
    text = text[stated.end() :] if stated else text
    delimiter = stated[1] if stated else delimiter_of(text, "\t" if suffix_of(raw.url or raw.source) == ".tsv" else ",")
    csv.field_size_limit(MAX_FIELD)
    values: dict[Position, Value] = {}
    losses: list[Loss] = []
    try:
        for row, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter)):
            if row >= MAX_ROWS or len(values) + len(cells) > MAX_CELLS:
                why = f"only its first {row:,} rows were read: at most {MAX_ROWS:,}, and {MAX_CELLS:,} cells."
                losses.append(Loss("the end of the table", why))
                break
            for col, cell in enumerate(cells):
                if shown := " ".join(cell.split()):
                    values[row, col] = Value(shown, bool(_NUMBER.fullmatch(shown)))
    except csv.Error as error:
        raise ParseError(f"{raw.source} is no table as CSV has it ({error}). Save it again as CSV.") from error
    elements = sheet_elements(Sheet("", values), 1)
    if not elements:
        raise ParseError(f"{raw.source} has no cell with a value.")
    return Document(
        source=raw.source,
        kind="csv",
        title=source_name(raw.source),
        pages=1,
        elements=tuple(elements),
        losses=tuple(losses),
        unit="sheet",
    )


def delimiter_of(text: str, default: str) -> str:
    """Return the delimiter by which most of the first rows have the same number of cells, more than one; ``default`` where
    none does better."""
    best, most = default, (0.0, 0)
    sample = text[:200_000]
    for delimiter in (default, *(one for one in DELIMITERS if one != default)):
        try:
            rows = [
                len(row)
                for _, row in zip(range(SAMPLE), csv.reader(io.StringIO(sample), delimiter=delimiter), strict=False)
            ]
        except csv.Error:
            continue
        counts = Counter(length for length in rows if length > 1)
        if counts:
            width, times = counts.most_common(1)[0]
            agreement = (times / len(rows), width)
            if agreement > most:
                best, most = delimiter, agreement
    return best
