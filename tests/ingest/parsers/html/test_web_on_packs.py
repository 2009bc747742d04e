"""Real pages: the cells of their tables against the cells that others took down."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from web_page import FakeNetwork, MemoryAssets

from config import Settings
from ingest.connectors.registry import read_source
from ingest.parsers.html.page import parse_web
from records import Document, Table

PAGES = 12


def plain(text: str) -> str:
    return " ".join(text.replace("\ufeff", "").split())


def as_csv(table: Table) -> list[list[str]]:
    """A table as those CSVs have it: one header row, no titles within, no column without content."""
    grid = table.grid()
    titles = {cell.row for cell in table.cells if cell.colspan == table.n_cols > 1 and cell.rowspan == 1}
    body = [row for index, row in enumerate(grid) if index >= table.header_rows and index not in titles]
    columns = [col for col in range(table.n_cols) if any(row[col] for row in body)]
    rows = ([table.column_names()] if table.header_rows else []) + body
    return [[plain(row[col]) for col in columns] for row in rows]


def parse_file(path: Path) -> Document:
    raw = read_source(str(path), Settings())
    return parse_web(raw, assets=MemoryAssets(), settings=Settings(), hop=FakeNetwork())


def equal_cells(document: Document, gold: list[list[str]]) -> int:
    """Cells of the gold table that stand at the same place in the table most like it."""
    return max(
        sum(
            a == b
            for gold_row, row in zip(gold, as_csv(element.table), strict=False)
            for a, b in zip(gold_row, row, strict=False)
        )
        for element in document.elements
        if element.table
    )


def cells(folder: Path, records: Sequence[dict[str, Any]]) -> tuple[int, int]:
    """How many cells of the pages' tables equal the published CSVs, and how many there are."""
    equal = total = 0
    for record in records:
        document = parse_file(folder / "documents" / record["source"])
        for table in record["tables"]:
            with (folder / table["table"]).open(encoding="utf-8", newline="") as file:
                gold = [[plain(cell) for cell in row] for row in csv.reader(file)]
            equal += equal_cells(document, gold)
            total += sum(map(len, gold))
    return equal, total


def pages(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "documents.jsonl").read_text(encoding="utf-8").splitlines()
    return sorted((json.loads(line) for line in lines), key=lambda record: record["bytes"])


def test_cells_equal_the_csv(packs: Path) -> None:
    """A sample may hold a page or two of those that are not read whole."""
    records = pages(packs / "tables_wtq")
    middle = len(records) // 2
    equal, total = cells(packs / "tables_wtq", records[middle : middle + PAGES])
    assert total > 500
    assert equal / total >= 0.98


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_cells_of_all_pages_equal_the_csv(packs: Path) -> None:
    records = pages(packs / "tables_wtq")
    equal, total = cells(packs / "tables_wtq", records)
    sys.stdout.write(f"\n{equal:,} of {total:,} cells of {len(records)} pages equal: {equal / total:.2%}\n")
    assert equal / total >= 0.995


def test_every_page_with_one_table_gives_it_back_whole(packs: Path) -> None:
    paths = sorted((packs / "hybrid_ottqa" / "documents").glob("*.html"))[:40]
    assert len(paths) == 40
    for path in paths:
        html = path.read_text(encoding="utf-8")
        tables = [element.table for element in parse_file(path).elements if element.table]
        assert len(tables) == 1, path.name
        assert tables[0].n_rows == html.count("<tr>"), path.name
        assert tables[0].header_rows == 1
