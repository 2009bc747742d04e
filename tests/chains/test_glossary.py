"""Where the business terms of a question stand."""

from __future__ import annotations

import pytest
from fakes import chunk

from chains.retrieval.sections import BALANCE, CASH_FLOWS, INCOME, of_whole_company, stands_on, statements


@pytest.mark.parametrize(
    ("question", "needed"),
    [
        ("What was the gross margin in 2022?", (INCOME,)),
        ("Is the quick ratio healthy?", (BALANCE,)),
        ("How much was spent on capex?", (CASH_FLOWS,)),
        ("What was unadjusted EBITDA?", (INCOME, CASH_FLOWS)),
        ("How many turbines are inspected?", ()),
        ("Which marginal note is older?", ()),
        ("Which debt securities are registered?", ()),
    ],
)
def test_terms_stand_on_statements(question: str, needed: tuple[str, ...]) -> None:
    assert statements(question) == needed


@pytest.mark.parametrize(
    ("statement", "headings", "itself"),
    [
        (INCOME, ("Report", "HARBOUR CO. CONSOLIDATED STATEMENTS OF OPERATIONS (in thousands)"), True),
        (INCOME, ("Bank of the Weir and Subsidiaries Consolidated Statement of Income",), True),
        (INCOME, ("Statement of Profit or Loss", "Harbour Co. and Subsidiaries"), True),
        (INCOME, ("Consolidated Statements of Comprehensive Income",), False),
        (INCOME, ("Selected Income Statement Information",), False),
        (INCOME, ("Statements of Income", "Note 1", "Leases"), False),  # far above
        (BALANCE, ("Consolidated Balance Sheets for the years ended 2024 and 2023",), True),
        (BALANCE, ("Statement of Financial Position",), True),
        (BALANCE, ("Fair Value on the Consolidated Balance Sheets",), False),
        (BALANCE, ("Balance Sheets for Obligor Group",), False),
        (BALANCE, ("PARENT COMPANY – CONDENSED BALANCE SHEETS",), False),
        (CASH_FLOWS, ("Condensed Consolidated Statements of Cash Flows (Unaudited)",), True),
        (CASH_FLOWS, ("ANALYSIS OF THE CONSOLIDATED STATEMENTS OF CASH FLOWS",), False),
        (CASH_FLOWS, ("Cash Flows",), False),
        (CASH_FLOWS, (), False),
    ],
)
def test_a_statement_itself_is_told_from_what_speaks_of_it(
    statement: str, headings: tuple[str, ...], itself: bool
) -> None:
    assert stands_on(statement, chunk("Net | 1", kind="table", section=headings)) is itself


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        ("What was the operating margin?", True),
        ("What was unadjusted EBITDA?", True),
        ("What was adjusted EBITDA?", False),
        ("Which region had the most revenue?", False),
        ("What were net sales by segment?", False),
    ],
)
def test_statements_are_of_the_whole_company(question: str, whole: bool) -> None:
    assert of_whole_company(question) is whole
