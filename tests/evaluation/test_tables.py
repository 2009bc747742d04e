"""Tables by camelot's protocol and cell by cell, all by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.load import load_pack
from evaluation.tables import cell_scores, gold_pages, score_tables, teds_proxy, trimmed
from records import Cell, Table

GOLD = [["Name", "2023"], ["Net  Income", "5"], ["Cash", "7"]]


def test_the_same_table_scores_one_whatever_its_case_and_blanks() -> None:
    assert teds_proxy([["name", "2023"], ["net income", "5"], ["CASH", "7"]], GOLD) == 1.0
    assert teds_proxy([], []) == 1.0


def test_a_lost_row() -> None:
    # 4 of 4 and 6 cells in common: ratio 2 * 4 / 10; shapes 2 x 2 and 3 x 2: 1 - 1 / (2 + 2 + 3 + 2 + 1)
    assert teds_proxy(GOLD[:2], GOLD) == pytest.approx(2 * 4 / 10 * (1 - 1 / 10))


def test_a_split_cell() -> None:
    split = [["Name", "", "2023"], ["Net", "Income", "5"], ["Cash", "", "7"]]
    # in common, in order: name, 2023, 5, cash, 7 of 9 and 6 cells; shapes 3 x 3 and 3 x 2
    assert teds_proxy(split, GOLD) == pytest.approx(2 * 5 / 15 * (1 - 1 / 12))


def test_the_protocol_by_hand() -> None:
    gold = {("a.pdf", 1): [GOLD, GOLD], ("a.pdf", 2): [GOLD], ("b.pdf", 1): [GOLD]}
    found = {("a.pdf", 1): [GOLD], ("a.pdf", 3): [GOLD[:2]], ("b.pdf", 1): [GOLD[:2], GOLD], ("c.pdf", 1): [GOLD]}
    scores = score_tables(found, gold)
    # a: one found on page 1, one missed there, one missed on page 2, one too many on page 3; c.pdf has no gold
    assert scores.detection == {"a.pdf": (1, 1, 2), "b.pdf": (1, 1, 0)}
    assert scores.matched["a.pdf p1 table 1"] == dict.fromkeys(
        ["teds_proxy", "rows", "columns", "teds_proxy_trimmed", "rows_trimmed", "columns_trimmed"], 1.0
    )
    assert scores.matched["b.pdf p1 table 1"]["rows"] == 0.0
    assert scores.matched["b.pdf p1 table 1"]["columns"] == 1.0
    assert len(scores.matched) == 2


def test_gold_that_counts_from_one_has_an_empty_first_row_and_column() -> None:
    gold = [["", "", ""], *(["", *row] for row in GOLD)]
    assert trimmed(gold) == GOLD
    assert trimmed([["", ""], ["", ""]]) == []
    score = score_tables({("a.pdf", 1): [GOLD]}, {("a.pdf", 1): [gold]}).matched["a.pdf p1 table 1"]
    assert (score["rows"], score["columns"]) == (0.0, 0.0)
    assert (score["teds_proxy_trimmed"], score["rows_trimmed"], score["columns_trimmed"]) == (1.0, 1.0, 1.0)


def test_empty_rows_inside_a_table_count() -> None:
    assert trimmed([["a", ""], ["", ""], ["b", ""]]) == [["a"], [""], ["b"]]


def table(grid: list[list[str]], **fields: int) -> Table:
    cells = tuple(Cell(row=i, col=j, text=text) for i, row in enumerate(grid) for j, text in enumerate(row))
    return Table(cells=cells, n_rows=len(grid), n_cols=len(grid[0]), **fields)


def test_cells_against_a_csv() -> None:
    assert cell_scores(table(GOLD), GOLD) == {"cells_found": 1.0, "cells_in_place": 1.0}
    # a second header row above: the body is found one row further down; of 6 cells, 2023 is missing
    deeper = table([["", "Year"], ["Name", "23"], ["Net income", "5"], ["Cash", "7"]])
    assert cell_scores(deeper, GOLD) == {"cells_found": 5 / 6, "cells_in_place": 1.0}
    swapped = table([["Name", "2023"], ["5", "Net income"], ["Cash", "7"]])
    assert cell_scores(swapped, GOLD) == {"cells_found": 1.0, "cells_in_place": 2 / 4}


def test_gold_tables_of_the_competition(packs: Path) -> None:
    pack = load_pack(packs / "tables_icdar2013")
    pages = gold_pages(pack)
    regions = sum(len(grids) for grids in pages.values())
    assert regions >= len(pack.questions)
    assert {document for document, _ in pages} <= {path.name for path in pack.documents}
    perfect = score_tables(pages, pages)
    assert {one["teds_proxy"] for one in perfect.matched.values()} == {1.0}
    assert all(fp == fn == 0 for _, fp, fn in perfect.detection.values())
