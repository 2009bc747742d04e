"""Scores of tables against gold cells.

PDF tables by camelot's protocol (``bench/_metrics.py`` of https://github.com/camelot-dev/camelot): on each page the tables
found and the gold tables are matched in order. Detection F1 counts how many there are; matched tables are compared by a
stand-in for TEDS (the difflib ratio of their cells, row by row, times one minus the relative difference in shape) and by
whether rows and columns are as many. A spanning cell's text stands at its top left alone.

Some gold files of the ICDAR 2013 competition count rows or columns from 1. The protocol reads all as counting from 0, which
gives their tables a first row and column without any cell; a table read perfectly is then scored as wrong. The figures
called ``trimmed`` leave empty rows and columns at the edges out on both sides. The plain ones are those to compare with
camelot's.

Web tables are compared cell by cell with a CSV of the same table.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from evaluation.corpus import Corpus
from evaluation.packs import QUESTIONS, Evidence, Pack, json_lines
from evaluation.scoring import Figure
from evaluation.statistics import estimates, ratio_estimate
from evaluation.units import Gold
from records import Table

Grid = Sequence[Sequence[str]]
Pages = Mapping[tuple[str, int], Sequence[Grid]]  # document and page -> its tables from top to bottom
OFFSETS = 6  # rows that a header of ours may be longer than the CSV's one


@dataclass(frozen=True, kw_only=True)
class TableScores:
    """Scores of the tables of a pack."""

    detection: dict[str, tuple[int, int, int]]  # document -> true positives, false positives, false negatives
    matched: dict[str, dict[str, float]]  # table -> "teds_proxy", "rows", "columns", and each "_trimmed"
    documents: dict[str, str]  # table -> document


def normalised(cell: str) -> str:
    """Normalise a cell's text for comparison: lower case, single blanks."""
    return " ".join(cell.split()).lower()


def teds_proxy(predicted: Grid, gold: Grid) -> float:
    """Return camelot's stand-in for TEDS; 1.0 when both have the same cells in the same shape."""
    ours, wanted = ([normalised(cell) for row in grid for cell in row] for grid in (predicted, gold))
    if not ours and not wanted:
        return 1.0
    content = SequenceMatcher(None, ours, wanted).ratio()
    rows, cols, gold_rows, gold_cols = len(predicted), width(predicted), len(gold), width(gold)
    difference = abs(rows - gold_rows) + abs(cols - gold_cols)
    return content * (1.0 - difference / (rows + cols + gold_rows + gold_cols + 1))


def width(grid: Grid) -> int:
    """Return the number of columns of the widest row."""
    return max((len(row) for row in grid), default=0)


def score_tables(predicted: Pages, gold: Pages) -> TableScores:
    """Score by camelot's protocol over all pages of the documents that ``gold`` names."""
    documents = {document for document, _ in gold}
    pages = sorted(set(gold) | {page for page in predicted if page[0] in documents})
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    matched: dict[str, dict[str, float]] = {}
    names: dict[str, str] = {}
    for document, page in pages:
        ours, wanted = predicted.get((document, page), ()), gold.get((document, page), ())
        count = counts[document]
        count[0] += min(len(ours), len(wanted))
        count[1] += max(0, len(ours) - len(wanted))
        count[2] += max(0, len(wanted) - len(ours))
        for position, (one, other) in enumerate(zip(ours, wanted, strict=False), start=1):
            name = f"{document} p{page} table {position}"
            names[name] = document
            inner = _compared(trimmed(one), trimmed(other))
            matched[name] = _compared(one, other) | {f"{metric}_trimmed": score for metric, score in inner.items()}
    detection = {document: (tp, fp, fn) for document, (tp, fp, fn) in counts.items()}
    return TableScores(detection=detection, matched=matched, documents=names)


def _compared(predicted: Grid, gold: Grid) -> dict[str, float]:
    return {
        "teds_proxy": teds_proxy(predicted, gold),
        "rows": float(len(predicted) == len(gold)),
        "columns": float(width(predicted) == width(gold)),
    }


def trimmed(grid: Grid) -> Grid:
    """Return the grid without empty rows and columns at its edges."""
    rows = [index for index, row in enumerate(grid) if any(row)]
    columns = [col for row in grid for col, cell in enumerate(row) if cell]
    if not rows:
        return []
    return [row[min(columns) : max(columns) + 1] for row in grid[rows[0] : rows[-1] + 1]]


def gold_pages(pack: Pack) -> Pages:
    """Return the gold tables of a pack whose questions have ``regions`` with grids; a table of two regions counts as two."""
    found: dict[tuple[str, int], list[tuple[float, Grid]]] = defaultdict(list)
    wanted = {question.id: question for question in pack.questions}
    path = pack.folder / QUESTIONS
    for _, row in json_lines(path, []) if path.is_file() else ():
        if row.get("id") not in wanted:
            continue
        for region in row.get("regions") or ():
            found[wanted[row["id"]].evidence[0].source, int(region["page"])].append(region["grid"])
    return found  # type: ignore[return-value]


def found_pages(corpus: Corpus, documents: set[str]) -> Pages:
    """Return the tables that the index holds, in reading order."""
    found: dict[tuple[str, int], list[Grid]] = defaultdict(list)
    for document in sorted(documents):
        chunks = corpus.index.catalog.chunks_of(corpus.source(document))
        wholes = dict.fromkeys((chunk.page, chunk.table) for chunk in chunks if chunk.table)
        for page, asset in wholes:
            found[document, page].append(corpus.index.assets.read_table(asset).grid(repeat_spans=False))
    return found


def cell_scores(table: Table, gold: Grid) -> dict[str, float]:
    """Score how much of a CSV's table is in ours.

    Returns:
        ``cells_found``: share of the CSV's cells that ours has somewhere, each as often; ``cells_in_place``: share of the
        CSV's cells below its header that stand in the same row and column of ours, the header of which may have more rows.
    """
    ours = [[normalised(cell) for cell in row] for row in table.grid()]
    wanted = [[normalised(cell) for cell in row] for row in gold]
    have = Counter(cell for row in ours for cell in row if cell)
    need = Counter(cell for row in wanted for cell in row if cell)
    found = (have & need).total() / need.total() if need else 1.0
    body = wanted[1:]
    size = sum(len(row) for row in body)
    same = max(_same_cells(ours[offset:], body) for offset in range(OFFSETS)) if size else 0
    return {"cells_found": found, "cells_in_place": same / size if size else 1.0}


def _same_cells(ours: Grid, wanted: Grid) -> int:
    rows = zip(ours, wanted, strict=False)
    return sum(one == other for mine, gold in rows for one, other in zip(mine, gold, strict=False))


def read_gold_csv(pack: Pack, evidence: Evidence) -> list[list[str]]:
    """Read the cells of a gold table's CSV."""
    with (pack.folder / evidence.table_csv).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def table_figures(pack: Pack, corpus: Corpus, gold: Gold, *, seed: int) -> list[Figure]:
    """Return all figures on tables that the pack allows."""
    figures: list[Figure] = []
    if pages := gold_pages(pack):
        scores = score_tables(found_pages(corpus, {document for document, _ in pages}), pages)
        figures += _pdf_figures(scores, seed)
    return [*figures, *_means(*web_cell_scores(pack, corpus, gold), seed)]


def web_cell_scores(pack: Pack, corpus: Corpus, gold: Gold) -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    """Return ``cell_scores`` of every gold CSV against the table of ours that is most like it; 0 where none is."""
    wanted = {one.table_csv: one for question in pack.questions for one in question.evidence if one.table_csv}
    scores: dict[str, dict[str, float]] = {}
    for name, evidence in wanted.items():
        asset = gold.table_asset(evidence)
        cells = read_gold_csv(pack, evidence)
        missing = {"cells_found": 0.0, "cells_in_place": 0.0}
        scores[name] = cell_scores(corpus.index.assets.read_table(asset), cells) if asset else missing
    return scores, {name: evidence.source for name, evidence in wanted.items()}


def _pdf_figures(scores: TableScores, seed: int) -> list[Figure]:
    documents = sorted(scores.detection)
    counts = [scores.detection[document] for document in documents]
    f1 = ratio_estimate(
        [2.0 * tp for tp, _, _ in counts], [2.0 * tp + fp + fn for tp, fp, fn in counts], documents, seed=seed
    )
    detection = Figure(part="tables", within="store", level="", group="all", metric="detection_f1", estimate=f1)
    return [detection, *_means(scores.matched, scores.documents, seed)]


def _means(scores: Mapping[str, Mapping[str, float]], documents: Mapping[str, str], seed: int) -> list[Figure]:
    if not scores:
        return []
    names = list(next(iter(scores.values())))
    columns = {name: [one[name] for one in scores.values()] for name in names}
    found = estimates(columns, [documents[table] for table in scores], seed=seed)
    return [
        Figure(part="tables", within="store", level="", group="all", metric=name, estimate=one)
        for name, one in found.items()
    ]
