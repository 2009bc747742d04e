"""What cells come to, and that it is computed anew."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import chunk, unseen

from chains.verification.check import check
from records import Citation, Computation, Statement, Turn
from text.arithmetic import compute, fraction, results, said, within


@pytest.mark.parametrize(
    ("operation", "cells", "expected"),
    [
        ("count", ("a", "b", "a"), ("3",)),
        ("different", ("a", "b", "a"), ("2",)),
        ("sum", ("1,200", "0.5"), ("1200.5",)),
        ("average", ("1", "2", "2"), ("1.667",)),
        ("difference", ("10", "12.5"), ("2.5",)),
        ("difference", ("May 1999", "2004"), ("5",)),  # years
        ("highest", ("9", "10", "2"), ("10",)),
        ("lowest", ("4 May 2010", "2 May 2010"), ("2 May 2010",)),
        ("most often", ("a", "b", "a"), ("a", "2")),
        ("least often", ("a", "b", "a"), ("b", "1")),
        ("most often", ("a", "b"), ()),  # a tie
        ("first", ("a", "b"), ("a",)),
        ("last", ("a", "b"), ("b",)),
        ("same", ("a", "a"), ("a",)),
        ("same", ("a", "b"), ()),
        ("sum", ("1", "DNF"), ()),
        ("sum", (), ()),
    ],
)
def test_operations(operation: str, cells: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert compute(operation, cells) == expected


def test_bounds() -> None:
    assert within("more than", "28,723", 23000) is True
    assert within("less than", "12 June 1998", 1998) is False
    assert within("at least", "DNF", 1) is None


def test_a_computation_holds_when_it_comes_to_its_result() -> None:
    assert results(Computation(operation="sum", cells=("2", "3"), result=("5",))) == (5,)
    assert results(Computation(operation="sum", cells=("2", "3"), result=("6",))) is None
    assert results(Computation(operation="change", cells=("200", "150"))) == (-50, -25)
    assert results(Computation(operation="at most", cells=("7",), given=(7,), result=("yes",))) == ()
    assert results(Computation(operation="at most", cells=("8",), given=(7,), result=("yes",))) is None
    assert results(Computation(operation="first", cells=("Ann", "Bo"), result=("Ann",))) == ()


@pytest.mark.parametrize(
    ("result", "holds"),
    [
        (("25.0 %",), True),
        (("0.25",), True),
        (("0.3",), False),
        (("26 %",), False),
        (("0.250", "25 %"), True),
        ((), False),
    ],
)
def test_a_fraction_holds_as_it_is_rounded(result: tuple[str, ...], holds: bool) -> None:
    over, under = (1.0, -1.0, 0.0), (0.0, 0.0, 1.0)  # (4 - 1) / 12
    computed = Computation(operation="fraction", cells=("4", "$ 1", "12"), result=result, weights=(over, under))
    assert (results(computed) is not None) is holds


@pytest.mark.parametrize(
    ("result", "holds"), [("down 0.5", True), ("up 0.5", False), ("0.5", False), ("-0.5", True), ("down 0.4", False)]
)
def test_a_change_holds_with_its_direction(result: str, holds: bool) -> None:
    weights = ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))  # 2 / 4 - 4 / 4
    computed = Computation(operation="fraction", cells=("4", "2", "4"), result=(result,), weights=weights)
    assert (results(computed) is not None) is holds


def test_a_fraction_without_weights_does_not_hold() -> None:
    assert results(Computation(operation="fraction", cells=("4",), result=("4",))) is None
    assert results(Computation(operation="fraction", cells=("4",), result=("4",), weights=((), ()))) is None


@pytest.mark.parametrize(
    ("cells", "under", "value"),
    [
        (("1,200", "(200)"), (0.0, 0.0), 1400.0),  # a sum, what is in brackets taken off: 1200 - -200
        (("6", "3"), (0.0, 1.0), 1.0),  # (6 - 3) / 3
        (("6", "(3)"), (0.0, 1.0), None),  # by less than nothing
        (("6", "0"), (0.0, 1.0), None),
        (("6", "n/a"), (0.0, 1.0), None),
    ],
)
def test_what_a_fraction_comes_to(cells: tuple[str, ...], under: tuple[float, ...], value: float | None) -> None:
    assert fraction(cells, (1.0, -1.0), under) == value


@pytest.mark.parametrize(
    ("value", "decimals", "percent", "text"),
    [(1902216.0, 0, False, "1,902,216"), (0.694, 2, False, "0.69"), (0.2468, 1, True, "24.7 %")],
)
def test_numbers_as_they_are_said(value: float, decimals: int, percent: bool, text: str) -> None:
    assert said(value, decimals, percent=percent) == text


def test_the_check_computes_again_from_the_cited_cells() -> None:
    computed = Computation(operation="sum", cells=("3", "3"), result=("6",))
    statement = Statement(text="Goals: 6 in total (Ann 3, Bo 3)", citations=(1,), computed=computed)

    def checked(one: Statement, quote: str = "Player Goals\nAnn 3\nBo 3") -> bool:
        cited = Citation(n=1, chunk=chunk("t"), quote=quote)
        return check(Turn(question="?", statements=(one,), citations=(cited,)), unseen).statements[0].checked

    assert checked(statement)
    assert not checked(statement, "Player Goals\nAnn 3\nBo 4")  # the second 3 is nowhere
    assert not checked(statement, "Player Goals\nAnn 3\nBo 30")
    assert not checked(replace(statement, text="Goals: 7 in total"))
    assert not checked(replace(statement, computed=replace(computed, result=("7",)), text="Goals: 7"))
    assert not checked(replace(statement, computed=None))
    best = Computation(operation="highest", cells=("3", "5"), result=("5",))
    of_bo = Statement(text="Bo — Goals: 5", citations=(1,), computed=best)
    assert checked(of_bo, "Player Goals\nAnn 3\nBo 5")
    assert not checked(replace(of_bo, text="Ann — Goals: 3"), "Player Goals\nAnn 3\nBo 5")  # another row's
