"""What python -m ingest does with what is in the index: --list, --show, --related, --remove."""

from __future__ import annotations

import json
from contextlib import closing

from rich.console import Console
from rich.table import Table

from config import Settings
from ingest import show as shown
from ingest.connectors.address import stored_names
from ingest.summary import plain
from store.being_read import state_of

MOST_RELATED = 10


def list_sources(settings: Settings, where: str = "", *, as_json: bool) -> int:
    """Print the catalog, or what of it the filter ``where`` lets through.

    Raises:
        FilterError: the filter cannot be used, or lets nothing through.
    """
    from store.catalog import Catalog
    from store.fields import matching

    with closing(Catalog(settings.data_dir / "catalog.sqlite", settings.catalog_url)) as catalog:
        sources = matching(where, catalog.sources())
    if as_json:
        print(json.dumps({"sources": [shown.listed(source) for source in sources]}, ensure_ascii=False, indent=1))
        return 0
    table = Table("Title", "Kind", "Pages", "Chunks", "Taken in", "Source", box=None, header_style="bold")
    for source in sources:
        when = state_of(source) or source.when[:16]
        row = (source.title, source.kind, str(source.pages), str(source.chunks), when, source.source)
        table.add_row(*(plain(cell) for cell in row))
    Console(highlight=False).print(
        table if sources else "The index is empty. Add something: python -m ingest SOURCE..."
    )
    return 0


def show_source(name: str, settings: Settings, *, as_json: bool) -> int:
    """Print what is stored of a source.

    Raises:
        SourceError: there is none of that name.
    """
    from store.bucket_assets import open_assets
    from store.catalog import Catalog

    with closing(Catalog(settings.data_dir / "catalog.sqlite", settings.catalog_url)) as catalog:
        contents = shown.stored(name, catalog, open_assets(settings))
    if as_json:
        print(json.dumps(shown.as_json(contents), ensure_ascii=False, indent=1))
    else:
        shown.show(contents, Console(highlight=False))
    return 0


def show_related(name: str, settings: Settings, *, as_json: bool) -> int:
    """Print the sources that are nearest to the source ``name``, with their cosine similarity.

    Raises:
        SourceError: there is none of that name.
    """
    from records import OPERATOR
    from store.index import Index

    with Index(settings) as index:
        source = shown.stored(name, index.catalog, index.assets).source.source
        found = index.dense.related(source, MOST_RELATED, OPERATOR)
    if as_json:
        print(
            json.dumps(
                {"source": source, "related": [{"source": one, "score": round(score, 4)} for one, score in found]}
            )
        )
        return 0
    for one, score in found:
        Console(highlight=False).print(f"{score:.2f} {plain(one)}", soft_wrap=True)
    return 0


def remove(names: list[str], settings: Settings, console: Console, *, as_json: bool) -> int:
    """Remove sources; return 1 when one of them was not there."""
    from store.index import Index

    removed, missing = [], []
    with Index(settings) as index:
        for name in names:
            source = next((known for known in stored_names(name) if index.catalog.knows(known)), None)
            if source is not None and index.remove(source):
                removed.append(source)
                console.print(f"Removed {plain(source)}")
            else:
                missing.append(name)
                console.print(f"[red]Not in the index:[/] {plain(name)}. `python -m ingest --list` shows what is.")
    if as_json:
        print(json.dumps({"removed": removed, "missing": missing}, ensure_ascii=False))
    return 1 if missing else 0
