"""JSON and XML: lists of records as tables, everything else as lines that say where in the structure they stand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lxml import etree

from config import Settings
from errors import ParseError
from ingest.connectors.address import source_name
from ingest.parsers.base import AssetSink
from ingest.parsers.decoding import decode
from ingest.parsers.sheets.grid import MAX_CELLS
from records import Cell, Document, Element, Line, Loss, Raw, Table

MAX_DEPTH = 60  # of structures in structures; what lies deeper is one line
LINES_TOGETHER = 40  # of one element
_SCALARS = (str, int, float, bool, type(None))


def parse_json(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    """Return JSON, or a JSON object a line, as tables and lines.

    Raises:
        ParseError: it is no JSON, or holds nothing.
    """
    text = decode(raw.data, charset=raw.charset)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        try:
            value = [json.loads(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            raise ParseError(f"{raw.source} is no JSON ({error}).") from error
    return _document(raw, "json", value)


def parse_xml(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    """Return XML as tables and lines; entities are not resolved and nothing that it names is fetched.

    Raises:
        ParseError: it is no XML, or holds nothing.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(raw.data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ParseError(f"{raw.source} is no XML ({str(error)[:200]}).") from error
    return _document(raw, "xml", {etree.QName(root).localname: _value(root, 0)})


def _value(tag: etree._Element, depth: int) -> Any:
    """A tag as JSON has structures: attributes and children by name, children of one name as a list."""
    children = [child for child in tag if isinstance(child.tag, str)]
    if depth > MAX_DEPTH or not (children or tag.attrib):
        return " ".join("".join(tag.itertext()).split())
    fields: dict[str, Any] = {etree.QName(name).localname: text for name, text in tag.attrib.items()}
    if len(children) and "".join([tag.text or "", *(child.tail or "" for child in children)]).strip():
        fields["text"] = " ".join("".join(tag.itertext()).split())  # words with tags between them
        return fields if len(fields) > 1 else fields["text"]
    grouped: dict[str, list[Any]] = {}
    for child in children:
        grouped.setdefault(etree.QName(child).localname, []).append(_value(child, depth + 1))
    fields |= {name: values[0] if len(values) == 1 else values for name, values in grouped.items()}
    if not children and (tag.text or "").strip():
        fields["text"] = " ".join((tag.text or "").split())
    return fields


def _document(raw: Raw, kind: str, value: Any) -> Document:
    elements: list[Element] = []
    lines: list[Line] = []
    losses: list[Loss] = []
    room = MAX_CELLS

    def flush() -> None:
        for start in range(0, len(lines), LINES_TOGETHER):
            elements.append(Element(kind="text", lines=tuple(lines[start : start + LINES_TOGETHER])))
        lines.clear()

    for path, found in _walk(value, (), 0):
        name = ".".join(path)
        if isinstance(found, Table):
            room -= len(found.cells)
            if room < 0:
                losses.append(Loss(f"the records {name}", f"more than {MAX_CELLS:,} cells are not read."))
                break
            flush()
            elements.append(Element(kind="table", table=found, caption=found.caption))
        elif str(found).strip():
            lines.append(Line(f"{name}: {found}" if name else str(found)))
    flush()
    if not elements:
        raise ParseError(f"{raw.source} holds no value.")
    return Document(
        source=raw.source,
        kind=kind,
        title=source_name(raw.source),
        pages=1,
        elements=tuple(elements),
        losses=tuple(losses),
    )


def _walk(value: Any, path: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield tables and single values with their paths, in their order."""
    if isinstance(value, _SCALARS):
        yield path, _shown(value)
    elif depth > MAX_DEPTH:
        yield path, json.dumps(value, ensure_ascii=False)[:10_000]
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _walk(inner, (*path, str(name)), depth + 1)
    elif _are_records(value):
        yield path, _table(value, ".".join(path))
    elif all(isinstance(one, _SCALARS) for one in value):
        yield path, ", ".join(_shown(one) for one in value)
    else:
        for number, inner in enumerate(value, start=1):
            yield from _walk(inner, (*path, str(number)), depth + 1)


def _are_records(values: Sequence[Any]) -> bool:
    """Whether a list holds more than one object whose fields are single values, or lists of them."""
    return len(values) > 1 and all(
        isinstance(one, Mapping) and one and all(_is_flat(field) for field in one.values()) for one in values
    )


def _is_flat(field: Any) -> bool:
    return isinstance(field, _SCALARS) or (isinstance(field, list) and all(isinstance(one, _SCALARS) for one in field))


def _table(records: Sequence[Mapping[str, Any]], name: str) -> Table:
    columns = list(dict.fromkeys(str(field) for record in records for field in record))
    rows = [columns, *([_cell(record.get(column)) for column in columns] for record in records)]
    cells = [
        Cell(row=row, col=col, text=text) for row, texts in enumerate(rows) for col, text in enumerate(texts) if text
    ]
    return Table(cells=tuple(cells), n_rows=len(rows), n_cols=len(columns), header_rows=1, caption=name)


def _cell(value: Any) -> str:
    return ", ".join(_shown(one) for one in value) if isinstance(value, list) else _shown(value)


def _shown(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else " ".join(str(value).split())
