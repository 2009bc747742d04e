"""What terms of business reports stand on: the statement in which the figures behind a ratio or a total are printed.

Definitions as in any textbook of financial statement analysis: margins and earnings come from the income statement, ratios
of liquidity and debt from the balance sheet, investment and payouts from the statement of cash flows.
"""

from __future__ import annotations

import re

INCOME = "consolidated statements of income operations earnings"
BALANCE = "consolidated balance sheets financial position"
CASH_FLOWS = "consolidated statements of cash flows"

_TERMS = {
    INCOME: r"revenues?|net sales|sales|top[ -]?line|bottom[ -]?line|cogs|cost of (?:goods sold|sales|revenues?)|"
    r"gross (?:profit|margin)s?|operating (?:income|profit|margin|expenses?|costs?)|ebita?|ebitdar?|"
    r"net (?:income|earnings|profit|margin|loss)|earnings|eps|profit(?:s|able|ability)?|margins?|"
    r"interest (?:expense|coverage)|sg&a|effective tax rate|income statement|profit and loss|"
    r"statements? of (?:income|operations|earnings)",
    BALANCE: r"balance sheets?|assets?|liabilit(?:y|ies)|debts?|(?:quick|current|cash|acid[ -]test) ratio|liquidity|"
    r"working capital|receivables?|payables?|inventor(?:y|ies)|(?:share|stock)holders?['’]?s? equity|leverage|"
    r"days (?:payables?|sales|inventory)\w* outstanding|dpo|dso|dio|return on (?:assets|equity)|roa|roe|"
    r"(?:inventory|asset) turnover|pp&e|goodwill|capital[ -]intensi\w+",
    CASH_FLOWS: r"cash flows?|capital expenditures?|capex|capital[ -]intensi\w+|free cash|depreciation|amortization|"
    r"d&a|ebitdar?|(?:operating|investing|financing) activities|dividends? paid|buybacks?|(?:share|stock) repurchases?",
}
_STATEMENTS = {name: re.compile(rf"\b(?:{terms})(?!\w)", re.IGNORECASE) for name, terms in _TERMS.items()}


def statements(question: str) -> tuple[str, ...]:
    """How the statements that ``question`` needs are headed; () when it has no term of business reports."""
    return tuple(name for name, terms in _STATEMENTS.items() if terms.search(question))
