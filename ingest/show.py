"""What is stored of a source, for people and as JSON: python -m ingest --show SOURCE."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from errors import SourceError
from ingest.connectors.address import stored_names
from ingest.summary import plain
from records import DRAWING, OPERATOR, BBox, Chunk, Source
from store.assets import Assets
from store.auth.access import EVERYONE
from store.being_read import state_of
from store.catalog import Catalog
from store.contents import Contents, StoredTable, contents_of
from store.documents import Documents
from store.fields import fields_of


def stored(name: str, catalog: Catalog, assets: Assets) -> Contents:
    """Return what is stored of the source that somebody at the shell calls ``name``.

    Raises:
        SourceError: there is none.
    """
    for known in stored_names(name):
        if found := contents_of(known, OPERATOR, Documents(catalog), assets):
            return found
    raise SourceError(f"{name} is not in the index. `python -m ingest --list` shows what is.")


def listed(source: Source) -> dict[str, Any]:
    """Return a line of the catalog as plain data."""
    access: dict[str, Any] = {}
    if source.access.readers or source.access.owner:
        access = {"readers": list(source.access.readers) or [EVERYONE], "owner": source.access.owner}
    return {
        "source": source.source,
        "title": source.title,
        "kind": source.kind,
        "pages": source.pages,
        "chunks": source.chunks,
        "when": source.when,
        "losses": [asdict(loss) for loss in source.losses],
        "fields": {field: list(values) for field, values in fields_of(source).items()},
        "summary": source.about.summary,
        "summary_author": source.about.author,
        **({"state": state} if (state := state_of(source)) else {}),
        **access,
    }


def as_json(contents: Contents) -> dict[str, Any]:
    """Return what is stored as plain data: passages, tables with their cells, pictures with their words."""
    return {
        **listed(contents.source),
        "passages": [{**_place(chunk), "text": chunk.text} for chunk in contents.passages],
        "tables": [_table(one) for one in contents.tables],
        "pictures": [
            {**_place(chunk), "words": chunk.text, "author": chunk.author, "asset": chunk.picture}
            for chunk in contents.pictures
        ],
    }


def _place(chunk: Chunk) -> dict[str, Any]:
    return {
        "id": chunk.id,
        "kind": chunk.kind,
        "ordinal": chunk.ordinal,
        "page": chunk.page,
        "bbox": _rounded(chunk.bbox),
        "section": list(chunk.section),
    }


def _table(one: StoredTable) -> dict[str, Any]:
    table = one.table
    return {
        **_place(one.chunks[0]),
        "chunks": [{"id": chunk.id, "rows": [chunk.first_row, chunk.last_row]} for chunk in one.chunks],
        "caption": table.caption,
        "n_rows": table.n_rows,
        "n_cols": table.n_cols,
        "header_rows": table.header_rows,
        "cells": [{**asdict(cell), "bbox": _rounded(cell.bbox)} for cell in table.cells],
    }


def _rounded(bbox: BBox | None) -> list[float] | None:
    return [round(value, 2) for value in bbox] if bbox else None


def show(contents: Contents, console: Console) -> None:
    """Print what is stored, in reading order; each table stands whole where it begins."""
    source = contents.source
    console.print(f"[bold]{plain(source.title)}[/] {plain(source.source)}", soft_wrap=True)
    if source.about.summary:
        by = f" (as {source.about.author} says)" if source.about.author else ""
        console.print(plain(f"{source.about.summary}{by}"), soft_wrap=True)
    for field, values in sorted(fields_of(source).items()):
        console.print(f"[dim]{plain(field)}:[/] {plain(', '.join(values))}", soft_wrap=True)
    tables = {one.chunks[0].id: one for one in contents.tables}
    for chunk in contents.chunks:
        if chunk.table and chunk.id not in tables:
            continue
        place = " > ".join((f"page {chunk.page}", *chunk.section))
        what = {"text": "", "table": "table, ", "image": "picture, "}[chunk.kind]
        said = f" (as {chunk.author} says)" if chunk.author else ""
        said = " (measured in the drawing)" if chunk.author == DRAWING else said
        console.print(f"\n[dim]{what}{plain(place)}{plain(said)}[/]", soft_wrap=True)
        console.print(_grid(tables[chunk.id]) if chunk.table else plain(chunk.text), soft_wrap=not chunk.table)
    if source.losses:
        console.print("\n[yellow]Lost:[/]")
    for loss in source.losses:
        console.print(f"  {plain(loss.what)}: {plain(loss.why)}", soft_wrap=True)


def _grid(one: StoredTable) -> Table:
    shown = Table(title=plain(one.table.caption) or None, show_header=False, show_lines=True)
    for row in one.table.grid(repeat_spans=False):
        shown.add_row(*(plain(cell) for cell in row))
    return shown
