"""What cells come to, and that it is computed anew."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import chunk, unseen

from chains.verification.check import check
from records import Citation, Computation, Statement, Turn
from text.arithmetic import compute, results, within


@pytest.mark.parametrize(
    ("operation", "cells", "expected"),
    [
        ("count", ("a", "b", "a"), ("3",)),
        ("different", ("a", "b", "a"), ("2",)),
        ("sum", ("1,200", "0.5"), ("1200.5",)),
        ("average", ("1", "2", "2"), ("1.667",)),
        ("difference", ("10", "12.5"), ("2.5",)),
        ("difference", ("May 1999", "2004"), ("5",)),  # years
        ("ratio", ("1", "3"), ("0.333",)),
        ("ratio", ("1", "0"), ()),
        ("ratio", ("1", "2", "3"), ()),
        ("percent", ("1,200", "800"), ("150",)),
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
