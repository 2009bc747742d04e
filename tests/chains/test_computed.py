"""Computed statements: read from hits, cited cell by cell, checked, and shown as computed."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from asking import read
from fakes import chunk, put, table, unseen

from chains.pipeline import build
from chains.verification.check import check
from config import Settings
from records import Chunk, Hit, SubAnswer, Table, Turn
from store.index import Index

GAMES = table(
    ("Date", "Opponent", "Venue", "Result"),
    ("4 May 2010", "Rovers", "Home", "W"),
    ("11 May 2010", "Town", "Away", "L"),
    ("2 June 2011", "Castle", "Away", "W"),
    ("9 June 2012", "City", "Home", "W"),
    boxes=True,
)
QUESTION = "How many games were won at home?"


@pytest.fixture
def index(make_index: Callable[..., Index]) -> Index:
    opened = make_index()
    put(opened, [chunk(text) for text in ("a weir", "the roofs", "games of the bay", "output of plants", "a fish")])
    return opened


def parts(index: Index, whole: Table, *bounds: int) -> list[Chunk]:
    """The table's chunks: rows from each bound to the next."""
    name = index.assets.put_table(whole)
    grid = whole.grid()
    return [
        chunk(
            "\n".join(" | ".join(row) for row in (grid[0], *grid[first:last])),
            id=f"part {first}",
            kind="table",
            table=name,
            source="games.md",
            first_row=first,
            last_row=last,
        )
        for first, last in pairwise(bounds)
    ]


def answered(index: Index, question: str, chunks: list[Chunk]) -> SubAnswer:
    hits = [Hit(chunk=one, score=1 / (60 + rank)) for rank, one in enumerate(chunks, start=1)]
    return read(question, hits, index, Settings())


def test_a_count_cites_the_rows_it_counts(index: Index) -> None:
    answer = answered(index, QUESTION, parts(index, GAMES, 1, 5))
    (statement,), (citation,) = answer.statements, answer.citations
    assert statement.text == "2 rows (won, home): Rovers, City"
    assert statement.answer == ("2",)
    assert citation.quote == "Opponent Venue Result\nRovers Home W\nCity Home W"
    assert citation.bbox == (100.0, 0.0, 390.0, 48.0)  # columns 1 to 3, header to row 4
    turn = check(Turn(question=QUESTION, statements=answer.statements, citations=answer.citations), unseen)
    assert turn.statements[0].checked


def test_rows_in_two_chunks_are_two_citations(index: Index) -> None:
    chunks = parts(index, GAMES, 1, 3, 5)
    answer = answered(index, QUESTION, chunks)
    assert [(one.n, one.chunk.id, one.quote.splitlines()[1:]) for one in answer.citations] == [
        (1, "part 1", ["Rovers Home W"]),
        (2, "part 3", ["City Home W"]),
    ]
    assert answer.statements[0].citations == (1, 2)


def test_chunks_that_were_not_found_are_cited_too(index: Index) -> None:
    chunks = parts(index, GAMES, 1, 3, 5)
    put(index, chunks)
    assert [one.chunk.id for one in answered(index, QUESTION, chunks[:1]).citations] == ["part 1", "part 3"]


def test_two_that_are_compared_in_one_table_are_not_asked_for_one_by_one(index: Index, tmp_path: Path) -> None:
    points = table(("Rider", "Points"), ("Anna Berg", "25"), ("Carla Diaz", "18"), ("Eva Falk", "15"))
    put(index, parts(index, points, 1, 4))
    turn = build(index, index.settings).invoke(Turn(question="Who had more points, Carla Diaz or Anna Berg?"))
    assert [one.text for one in turn.statements] == ["Anna Berg — Points: 25, against 18 for Carla Diaz"]
    assert turn.statements[0].checked
    assert turn.citations[0].checked
