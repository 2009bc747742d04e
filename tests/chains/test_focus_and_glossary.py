"""What a question asks, and where its business terms stand."""

from __future__ import annotations

import pytest

from chains.focus import focus
from chains.glossary import BALANCE, CASH_FLOWS, INCOME, statements


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("What was revenue? Round to two decimals.", "What was revenue?"),
        ("Did margins improve? If margins are not a useful metric, please state that.", "Did margins improve?"),
        ("Here's the question: who won? Answer in one word.", "Here's the question: who won?"),
        ("The plant is old. When was it built?", "The plant is old. When was it built?"),
        ("State the capital of the region.", "State the capital of the region."),
        ("Use of water in FY2022", "Use of water in 2022"),
        ("If it rains, who opens the weir?", "If it rains, who opens the weir?"),
        ("Sales in Q22023 against Q2'2022 and 3Q 2021", "Sales in Q2 2023 against Q2 2022 and Q3 2021"),
        ("FY23 output", "2023 output"),
        ("", ""),
    ],
)
def test_what_is_asked_is_left(question: str, left: str) -> None:
    assert focus(question) == left


@pytest.mark.parametrize(
    ("question", "needed"),
    [
        ("What was the gross margin in 2022?", (INCOME,)),
        ("Is the quick ratio healthy?", (BALANCE,)),
        ("How much was spent on capex?", (CASH_FLOWS,)),
        ("What was unadjusted EBITDA?", (INCOME, CASH_FLOWS)),
        ("How many turbines are inspected?", ()),
        ("Which marginal note is older?", ()),
    ],
)
def test_terms_stand_on_statements(question: str, needed: tuple[str, ...]) -> None:
    assert statements(question) == needed
