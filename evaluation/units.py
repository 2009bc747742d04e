"""Units: what is ranked and judged at each level, and which units are gold.

A unit is named by a string, so that a ranking is a list of strings:

    document  "report.pdf"            a document (or a passage, as a distractor)
    page      "report.pdf p12"
    table     "page.html t<asset>"    a table among all tables found; other chunks do not count
    image     "chart.png"
    passage   "p00042"
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

from evaluation.answers import normalise
from evaluation.corpus import Corpus
from evaluation.packs import Evidence, Pack, Question
from evaluation.systems import Location
from records import Table

Level = Literal["document", "page", "table", "image", "passage"]
LEVELS: tuple[Level, ...] = ("document", "page", "table", "image", "passage")
SAME_TABLE = 0.5  # share of words that a table of ours must have in common with the gold table


def ranking(locations: Iterable[Location], level: Level) -> list[str]:
    """Return the units of ``locations``, each once, in the order of its best rank."""
    return list(dict.fromkeys(unit for location in locations if (unit := unit_of(location, level))))


def unit_of(location: Location, level: Level) -> str:
    """Return the unit that a location belongs to; "" for one that has none at this level."""
    if level == "page":
        return page_unit(location.source, location.page)
    if level == "table":
        return table_unit(location.source, location.table) if location.table else ""
    return location.source


def page_unit(source: str, page: int) -> str:
    """Return the name of a page."""
    return f"{source} p{page}"


def table_unit(source: str, asset: str) -> str:
    """Return the name of a table."""
    return f"{source} t{asset}"


class Gold:
    """The gold units of a pack's questions. Without a corpus there are no tables of ours to judge."""

    def __init__(self, pack: Pack, corpus: Corpus | None = None) -> None:
        self._pack = pack
        self._corpus = corpus

    def units(self, question: Question, level: Level) -> frozenset[str]:
        """Return the units that hold the answer; empty when the pack does not say at this level."""
        documents = [one for one in question.evidence if not one.passage]
        if level == "passage":
            passages = [one.source for one in question.evidence if one.passage]
            return frozenset(passages if question.passages_complete else ())
        if level == "image":
            return frozenset(one.source for one in documents if one.image)
        if level == "table":
            tables = [one for one in documents if one.table_index is not None and self._corpus is not None]
            # a table that was lost in ingestion stays gold, and cannot be found
            return frozenset(table_unit(one.source, self.table_asset(one)) for one in tables)
        if not question.evidence_complete:
            return frozenset()
        if level == "page":
            return frozenset(page_unit(one.source, one.page) for one in documents if one.page is not None)
        return frozenset(one.source for one in documents)

    def table_asset(self, evidence: Evidence) -> str:
        """Return our table that is most like the gold table; "" when none is."""
        return self._tables.get(_table_key(evidence), "")

    @property
    def missing_tables(self) -> int:
        """The number of gold tables that none of ours is like: they were lost in ingestion."""
        return len(self._wanted) - len(self._tables)

    @cached_property
    def _wanted(self) -> dict[tuple[str, int], Evidence]:
        if self._corpus is None:
            return {}
        tables = (one for question in self._pack.questions for one in question.evidence if one.table_index is not None)
        return {_table_key(one): one for one in tables}

    @cached_property
    def _tables(self) -> Mapping[tuple[str, int], str]:
        """Source and index of each gold table -> the asset of our table that holds its words."""
        found: dict[tuple[str, int], str] = {}
        for source in sorted({source for source, _ in self._wanted}):
            ours = {asset: _words_of(table) for asset, table in self._our_tables(source).items()}
            for key, evidence in self._wanted.items():
                if key[0] != source:
                    continue
                gold = gold_words(self._pack, evidence)
                similarity = {asset: dice_coefficient(gold, words) for asset, words in ours.items()}
                best = max(similarity, key=lambda asset: similarity[asset], default="")
                if best and similarity[best] >= SAME_TABLE:
                    found[key] = best
        return found

    def _our_tables(self, source: str) -> dict[str, Table]:
        if self._corpus is None:
            return {}
        index = self._corpus.index
        chunks = index.catalog.chunks_of(self._corpus.source(source))
        return {asset: index.assets.read_table(asset) for asset in dict.fromkeys(one.table for one in chunks) if asset}


def _table_key(evidence: Evidence) -> tuple[str, int]:
    return evidence.source, -1 if evidence.table_index is None else evidence.table_index


def gold_words(pack: Pack, evidence: Evidence) -> Counter[str]:
    """Return the words of a gold table: of its CSV when the pack has one, else of the page's n-th wikitable."""
    if evidence.table_csv:
        with (pack.folder / evidence.table_csv).open(encoding="utf-8", newline="") as file:
            return _counted(cell for row in csv.reader(file) for cell in row)
    path = next(path for path in pack.documents if path.name == evidence.source)
    return _counted([_wikitable(path, evidence.table_index or 0)])


def _wikitable(path: Path, position: int) -> str:
    from bs4 import BeautifulSoup

    tables = BeautifulSoup(path.read_bytes(), "html.parser").select("table.wikitable")
    return tables[position].get_text(" ") if position < len(tables) else ""


def _words_of(table: Table) -> Counter[str]:
    return _counted(cell.text for cell in table.cells)


def _counted(texts: Iterable[str]) -> Counter[str]:
    return Counter(word for text in texts for word in normalise(text).split())


def dice_coefficient(one: Counter[str], other: Counter[str]) -> float:
    """Return the Dice coefficient of two bags of words: 1.0 when they are the same."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0
