"""Where the business terms of a question stand."""

from __future__ import annotations

import pytest

from chains.glossary import BALANCE, CASH_FLOWS, INCOME, statements


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
