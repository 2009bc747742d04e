"""Where the terms of a question stand."""

from __future__ import annotations

import pytest
from fakes import chunk

from chains.retrieval.sections import is_section, sections_for
from text.glossary import load_glossary

GLOSSARY = load_glossary()
INCOME, BALANCE, CASH_FLOWS = GLOSSARY.sections


@pytest.mark.parametrize(
    ("question", "needed"),
    [
        ("What was the gross margin in 2022?", [INCOME]),
        ("Is the quick ratio healthy?", [BALANCE]),
        ("How much was spent on capex?", [CASH_FLOWS]),
        ("What was EBITDA?", [INCOME, CASH_FLOWS]),
        ("What were the capital expenditures?", [CASH_FLOWS]),  # by their stems
        ("What was adjusted EBITDA?", []),
        ("What were net sales by segment?", []),
        ("How many turbines are inspected?", []),
        ("Which marginal note is older?", []),
    ],
)
def test_terms_stand_in_sections(question: str, needed: list[object]) -> None:
    assert list(sections_for(question, GLOSSARY)) == needed


@pytest.mark.parametrize(
    ("section", "headings", "itself"),
    [
        (INCOME, ("Report", "HARBOUR CO. CONSOLIDATED STATEMENTS OF OPERATIONS (in thousands)"), True),
        (INCOME, ("Bank of the Weir and Subsidiaries Consolidated Statement of Income",), True),
        (INCOME, ("Statement of Profit or Loss", "Harbour Co. and Subsidiaries"), True),
        (INCOME, ("Consolidated Statements of Comprehensive Income",), False),
        (INCOME, ("Statements of Income", "Note 1", "Leases"), False),  # far above
        (BALANCE, ("Statement of Financial Position",), True),
        (CASH_FLOWS, ("Condensed Consolidated Statements of Cash Flows (Unaudited)",), True),
        (CASH_FLOWS, ("Cash Flows",), False),
        (CASH_FLOWS, (), False),
    ],
)
def test_a_section_is_known_by_its_heading(section: object, headings: tuple[str, ...], itself: bool) -> None:
    assert is_section(section, chunk("Net | 1", kind="table", section=headings)) is itself  # type: ignore[arg-type]
