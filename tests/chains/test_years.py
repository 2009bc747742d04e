"""Tables and charts of other years than the question's."""

from __future__ import annotations

import pytest
from fakes import chunk

from chains.retrieval.years import OTHER_YEARS, of_years_asked
from records import Hit, Kind
from text.years import years_in

TABLE = "Year | 2004 | 2006\nSales | 3 | 4"


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("Sales in FY2019 and 2020Q4", {2019, 2020}),
        ("1999-2003", {1999, 2003}),
        ("'2028**", {2028}),
        ("$ 2,015 and 2015.5 and 20,190 of 12019", set()),
        ("2019\n© Statista 2021\n2018", {2018, 2019}),
        ("Copyright 1998 by somebody", set()),
        ("", set()),
    ],
)
def test_years_are_read_from_texts(text: str, years: set[int]) -> None:
    assert years_in(text) == years


@pytest.mark.parametrize(
    ("question", "text", "kind", "kept"),
    [
        ("Sales in 2019?", TABLE, "table", OTHER_YEARS),
        ("Sales in 2019?", TABLE, "image", OTHER_YEARS),
        ("Sales in 2019?", TABLE, "text", 1.0),
        ("Sales in 2004?", TABLE, "table", 1.0),
        ("Sales in 2005?", TABLE, "image", 1.0),
        ("Sales in 2006 and 2007?", TABLE, "table", (1 + OTHER_YEARS) / 2),
        ("Sales in 2019?", "Sales | 3\nAs of 2006", "table", 1.0),
        ("Sales of all years?", TABLE, "table", 1.0),
    ],
)
def test_a_table_over_other_years_loses_of_its_score(question: str, text: str, kind: Kind, kept: float) -> None:
    (hit,) = of_years_asked(question, [Hit(chunk=chunk(text, kind=kind), score=2.0)])
    assert hit.score == pytest.approx(2.0 * kept)


def test_what_loses_comes_later() -> None:
    hits = [Hit(chunk=chunk(TABLE, kind="table"), score=1.0), Hit(chunk=chunk("2019 | 2020", kind="table"), score=0.9)]
    assert [hit.chunk.text for hit in of_years_asked("Sales in 2019?", hits)] == ["2019 | 2020", TABLE]
