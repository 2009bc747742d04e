"""What terms of business reports stand on: the statement in which the figures behind a ratio or a total are printed.

Definitions as in any textbook of financial statement analysis: margins and earnings come from the income statement, ratios
of liquidity and debt from the balance sheet, investment and payouts from the statement of cash flows.
"""

from __future__ import annotations

import re

from records import Chunk

INCOME = "consolidated statements of income operations earnings"
BALANCE = "consolidated balance sheets financial position"
CASH_FLOWS = "consolidated statements of cash flows"

_TERMS = {
    INCOME: r"revenues?|net sales|sales|top[ -]?line|bottom[ -]?line|cogs|cost of (?:goods sold|sales|revenues?)|"
    r"gross (?:profit|margin)s?|operating (?:income|profit|margin|expenses?|costs?)|ebita?|ebitdar?|"
    r"net (?:income|earnings|profit|margin|loss)|earnings|eps|profit(?:s|able|ability)?|margins?|"
    r"interest (?:expense|coverage)|sg&a|effective tax rate|income statement|profit and loss|"
    r"statements? of (?:income|operations|earnings)",
    BALANCE: r"balance sheets?|assets?|liabilit(?:y|ies)|debts?(?! securit)|"
    r"(?:quick|current|cash|acid[ -]test) ratio|liquidity|working capital|receivables?|payables?|"
    r"inventor(?:y|ies)|(?:share|stock)holders?['’]?s? equity|leverage|"
    r"days (?:payables?|sales|inventory)\w* outstanding|dpo|dso|dio|return on (?:assets|equity)|roa|roe|"
    r"(?:inventory|asset) turnover|pp&e|goodwill|capital[ -]intensi\w+",
    CASH_FLOWS: r"cash flows?|capital expenditures?|capex|capital[ -]intensi\w+|free cash|depreciation|amortization|"
    r"d&a|ebitdar?|(?:operating|investing|financing) activities|dividends? paid|buybacks?|(?:share|stock) repurchases?",
}
_STATEMENTS = {name: re.compile(rf"\b(?:{terms})(?!\w)", re.IGNORECASE) for name, terms in _TERMS.items()}

# How a statement is headed where it is printed, by whatever name of a company before it; what is headed as an analysis, a
# summary or a part of one, or as a parent company's own, is not it.
_TITLES = {
    INCOME: r"statements?\s+of\s+(?:consolidated\s+)?(?:income|operations|earnings|profit)|income\s+statements?|"
    r"profit\s+and\s+loss\s+accounts?",
    BALANCE: r"balance\s+sheets?|statements?\s+of\s+(?:consolidated\s+)?financial\s+(?:position|condition)",
    CASH_FLOWS: r"statements?\s+of\s+(?:consolidated\s+)?cash\s+flows?|cash\s+flow\s+statements?",
}
_SPEAKS_OF_IT = (
    r"(?:of|on|the|to|in|for|from|with|our|selected|summary|notes?)\s+(?:(?:condensed|consolidated|unaudited)\s+)*$"
)
_ANOTHER = r"(?:parent|pro[\s-]forma|segment|non-gaap|quarterly|guarant\w+|off|average|common-size|consolidating)\b.*"
_NOT_ITSELF = re.compile(rf"\b(?:{_ANOTHER}|{_SPEAKS_OF_IT})", re.IGNORECASE)
_PART_OF_IT = re.compile(
    r"\W*(?:information|data|items?|components?|arrangements?|captions?|accounts?|analysis|review|"
    r"highlights|summary|metrics|for\s+(?!the\b))\b",
    re.IGNORECASE,
)
_TITLED = {name: re.compile(rf"\b(?:{title})\b", re.IGNORECASE) for name, title in _TITLES.items()}
# Measures of a company's own making and of its parts, which reconciliations and notes print and statements do not.
_NOT_ON_STATEMENTS = re.compile(
    r"\b(?:adjusted|non-gaap|segments?|regions?|geograph\w+|product (?:categor\w+|lines?)|divisions?|international|"
    r"domestic)\b",
    re.IGNORECASE,
)
_COMPANY = re.compile(r"\b(?:inc|corp|corporation|company|co|ltd|limited|plc|llc|subsidiar\w+)\b", re.IGNORECASE)


def statements(question: str) -> tuple[str, ...]:
    """How the statements that ``question`` needs are headed; () when it has no term of business reports."""
    return tuple(name for name, terms in _STATEMENTS.items() if terms.search(question))


def of_whole_company(question: str) -> bool:
    """Whether the statements themselves can answer: not where a region, a segment or an adjusted measure is asked for."""
    return not _NOT_ON_STATEMENTS.search(question)


def stands_on(statement: str, chunk: Chunk) -> bool:
    """Whether ``chunk`` stands on that statement itself, going by its innermost heading, or the one above where that is the
    name of a company."""
    named = bool(chunk.section) and _COMPANY.search(chunk.section[-1]) is not None
    innermost = chunk.section[-2:] if named else chunk.section[-1:]
    return any(_is_title(_TITLED[statement], heading) for heading in innermost)


def _is_title(title: re.Pattern[str], heading: str) -> bool:
    found = title.search(heading)
    if found is None:
        return False
    return not _NOT_ITSELF.search(heading[: found.start()]) and not _PART_OF_IT.match(heading, found.end())
