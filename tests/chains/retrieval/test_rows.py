"""Rows of a table that a question speaks of."""

from __future__ import annotations

import pytest
from fakes import chunk

from chains.retrieval.rows import rows_asked

TABLE = "Player | Team\nAda Quay | Harbour\nBo Weir | Harbour\nCy Mole | Pier"


@pytest.mark.parametrize(
    ("question", "matches"),
    [
        ("Which team drafted Bo Weir?", [0, 1, 0]),
        ("Which player came to Harbour or Pier?", [0.369, 0.369, 1]),  # ln(3 / 2) against ln(3)
        ("Who is tall?", []),
        ("", []),
    ],
)
def test_rows_are_told_by_the_words_that_few_of_them_have(question: str, matches: list[float]) -> None:
    found = rows_asked(question, chunk(TABLE, kind="table", first_row=1, last_row=4))
    assert [match for _, match in found] == pytest.approx(matches, abs=1e-3)
    assert [row for row, _ in found] == TABLE.split("\n")[1:] * bool(matches)


def test_what_all_rows_share_tells_none_apart() -> None:
    same = chunk("Team\nHarbour A\nHarbour B", kind="table", first_row=1, last_row=3)
    assert rows_asked("Which harbour?", same) == []
