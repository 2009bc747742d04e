"""The lines of financial statements that ratios are made of: how they are printed, and what makes them up otherwise.

Names as in any textbook of financial statement analysis (US GAAP and IFRS call most lines alike).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from chains.glossary import BALANCE, CASH_FLOWS, INCOME
from language import words

_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")


@dataclass(frozen=True, kw_only=True)
class Item:
    """A line of a statement, or what other lines come to.

    ``printed`` holds patterns for its whole label, the surest first. ``made_of`` says from which items, times what, it is
    computed where it is not printed (it is then no line of its own when ``printed`` is empty).
    """

    statement: str = ""
    printed: tuple[str, ...] = ()
    spoken: str  # pattern: how a question calls it
    made_of: Mapping[str, float] = field(default_factory=dict)
    spent: bool = False  # an expense or payment, printed with or without brackets: its size counts
    optional: bool = False  # counts as nothing where the statement prints neither it nor anything ``akin``
    akin: str = ""  # pattern: labels of what may be a part of it, or it by another name; then it is not known
    down_to: str = ""  # pattern: the label at which what is above counts as ``akin``; "" is the whole statement


def label_words(label: str) -> str:
    """A label in lower case without brackets and punctuation, as patterns want it."""
    return " ".join(words(_ASIDE.sub(" ", label)))


ITEMS: dict[str, Item] = {
    "revenue": Item(
        statement=INCOME,
        printed=(
            r"total (?:net )?(?:operating )?(?:revenues?|sales)(?: and revenues?)?(?: net)?(?: of interest expense)?",
            r"(?:net )?(?:operating )?(?:revenues?|sales)(?: net)?|sales to customers|net sales and revenues?|turnover",
        ),
        spoken=r"(?:total |net ){0,3}(?:sales|revenues?)",
    ),
    "cost of sales": Item(
        statement=INCOME,
        printed=(
            r"total costs? of (?:net )?(?:sales|revenues?|goods sold|products sold|goods and services sold)",
            r"costs? of (?:net )?(?:sales|revenues?|goods sold|products sold|goods and services sold)",
        ),
        akin=r"(?:total )?costs? of .*|benefit costs|total (?:operating )?costs\b.*",
        spoken=r"cogs|costs? of (?:goods sold|sales|revenues?)",
        spent=True,
    ),
    "gross profit": Item(
        statement=INCOME,
        printed=(r"(?:total )?gross (?:profit|margin|income)",),
        spoken=r"gross profits?",
        made_of={"revenue": 1, "cost of sales": -1},
    ),
    "operating income": Item(
        statement=INCOME,
        printed=(
            r"(?:total |consolidated )?operating (?:income|profit|earnings|loss)",
            r"(?:income|earnings|profit|loss) from operations",
        ),
        spoken=r"operating (?:income|profit|earnings)|ebit",
    ),
    "net income": Item(
        statement=INCOME,
        printed=(
            r"(?:consolidated )?net (?:income|earnings|profit|loss)|(?:profit|loss) for the (?:year|period)",
            r"(?:consolidated )?net (?:income|earnings|profit|loss) (?:attributable|available) to\b.*",
        ),
        spoken=r"net (?:income|earnings|profits?)|earnings",
    ),
    "interest expense": Item(
        statement=INCOME,
        printed=(r"(?:total )?interest expenses?|interest and debt expense|finance costs?", r"interest expenses?\b.*"),
        spoken=r"interest(?: expenses?)?",
        spent=True,
    ),
    "pretax income": Item(
        statement=INCOME,
        printed=(
            r"(?:income|earnings|profit|loss)(?: \w+){0,3} before (?!interest).{0,20}tax(?:es|ation)?",
            r"(?:income|earnings|profit|loss)(?: \w+){0,3} before (?!interest).{0,30}tax(?:es)?\b.*|"
            r"pretax (?:income|profit|earnings)",
        ),
        spoken=r"pre-?tax (?:income|profit|earnings)",
    ),
    "income tax": Item(
        statement=INCOME,
        printed=(
            r"(?:total )?(?:provision|benefit)(?: provision| benefit)? (?:for|from) (?:income )?taxes(?: on income)?",
            r"income tax(?:es)?(?: expense| provision| benefit| charge)?|taxes on (?:income|earnings)|taxation|tax expense",
        ),
        spoken=r"income tax(?:es)?(?: expense)?",
        spent=True,
    ),
    "depreciation and amortization": Item(
        statement=CASH_FLOWS,
        printed=(r"depreciation(?: and)? amortization", r"depreciation(?: and)? amortization\b.*", r"depreciation\b.*"),
        akin=r"amortization of (?:\w+ )*intangible.*",
        spoken=r"d&a|depreciation(?: and amortization)?",
    ),
    "capital expenditure": Item(
        statement=CASH_FLOWS,
        printed=(
            r"capital expenditures?|(?:purchases?|acquisitions?|additions?) (?:of|to) "
            r"(?:property|premises|plant|fixed assets)\b(?!.*\b(?:payables?|accrued|unpaid|not yet paid)\b).*",
            r"payments (?:for|to acquire) property\b.*",
        ),
        spoken=r"cap(?:ital )?ex(?:penditures?)?",
        spent=True,
    ),
    "operating cash flow": Item(
        statement=CASH_FLOWS,
        printed=(
            r"(?:total|net) cash (?:flows? )?(?:provided by|provided|generated by|generated from|from|used in)\b.{0,15}"
            r"\boperat(?:ing activities|ions)",
            r"(?:total |net )?cash (?:flows? )?(?:provided|generated|from|used)\b.*\boperating activities\b.*",
        ),
        spoken=r"operating cash flows?|cash flows? from operat\w+(?: activities)?",
    ),
    "dividends paid": Item(
        statement=CASH_FLOWS,
        printed=(r"(?:cash )?dividends(?: \w+)? paid\b.*|payments? of (?:cash )?dividends\b.*|dividends",),
        spoken=r"dividends(?: paid)?",
        spent=True,
    ),
    "total assets": Item(statement=BALANCE, printed=(r"total assets",), spoken=r"(?:total )?assets?"),
    "current assets": Item(statement=BALANCE, printed=(r"total current assets",), spoken=r"(?:total )?current assets?"),
    "current liabilities": Item(
        statement=BALANCE,
        printed=(r"total current liabilities|creditors amounts falling due within one year",),
        spoken=r"(?:total )?current liabilit(?:y|ies)",
    ),
    "total liabilities": Item(
        statement=BALANCE,
        printed=(r"total liabilities",),
        spoken=r"(?:total )?liabilit(?:y|ies)",
        made_of={"total assets": 1, "whole equity": -1},
    ),
    "equity": Item(
        statement=BALANCE,
        printed=(
            r"total (?:stockholders|shareholders|shareowners) (?:equity|investment|deficit|funds)",
            r"total (?!liabilities|temporary|mezzanine|debt|current)(?:\w+ ){0,3}(?:equity|deficit)|"
            r"(?:stockholders|shareholders) equity",
        ),
        spoken=r"(?:total |common ){0,3}(?:(?:stock|share)holders?['’]?s? )?equity",
    ),
    "whole equity": Item(  # with the interests of others
        statement=BALANCE,
        printed=(
            r"total equity",
            r"total (?:stockholders|shareholders|shareowners) (?:equity|investment|deficit|funds)",
        ),
        spoken=r"(?!)",
    ),
    "cash": Item(
        statement=BALANCE,
        printed=(r"(?:total )?cash and (?:cash )?equivalents", r"cash"),
        spoken=r"cash(?: (?:balance|and (?:cash )?equivalents))?",
    ),
    "short-term investments": Item(
        statement=BALANCE,
        printed=(r"(?:short term|current|marketable) (?:investments?|securities|marketable securities)",),
        spoken=r"short-?\s?term investments|marketable securities",
        optional=True,
        akin=r".*\b(?:invest\w*|securities)\b.*",
        down_to="total current assets",
    ),
    "receivables": Item(
        statement=BALANCE,
        printed=(
            r"(?:(?:trade|accounts|notes|and|customer|total|net) )*receivables? net\b.*",
            r"(?:(?:trade|accounts|customer|total|net) )*(?:and other )?receivables?"
            r"(?: (?:and|less|principally|from customers)\b.*)?",
        ),
        spoken=r"(?:accounts |trade )?receivables?",
    ),
    "inventory": Item(
        statement=BALANCE,
        printed=(r"(?:total |net |merchandise )?inventor(?:y|ies)(?: net)?",),
        spoken=r"inventor(?:y|ies)",
    ),
    "payables": Item(
        statement=BALANCE,
        printed=(r"(?:trade |accounts )+(?:and other )?payables?(?: trade)?", r"accounts payable .{0,30}"),
        spoken=r"(?:accounts |trade )?payables?",
    ),
    "current portion of debt": Item(
        statement=BALANCE,
        printed=(
            r"current (?:portion|maturities|installments) of (?:long term )?(?:debt|borrowings)\b.*|current debt|"
            r"(?:long term )?debt (?:due|maturing) within one year|long term debt\b.* current portion",
        ),
        spoken=r"current portion of (?:long-?\s?term )?debt",
        optional=True,
        akin=r"(?!.*\b(?:long term|receivable)\b).*\b(?:debt|borrowings|loans|notes payable|commercial paper)\b.*",
        down_to="total current liabilities",
    ),
    "short-term borrowings": Item(
        statement=BALANCE,
        printed=(r"short term (?:debt|borrowings)\b.*|commercial paper|(?:loans and )?notes payable",),
        spoken=r"short-?\s?term (?:debt|borrowings)",
        optional=True,
        akin=r"(?!.*\b(?:long term|receivable|current portion|current maturities|within one year)\b)"
        r".*\b(?:debt|borrowings|loans|notes payable|commercial paper)\b.*",
        down_to="total current liabilities",
    ),
    "long-term debt": Item(
        statement=BALANCE,
        printed=(
            r"(?:total )?long term (?:debt|borrowings)(?: net)?(?: (?:less|excluding|net) (?!.*current portion$).*)?",
            r"debt maturing after one year",
        ),
        spoken=r"long-?\s?term (?:debt|borrowings)",
    ),
    "working capital": Item(spoken=r"working capital", made_of={"current assets": 1, "current liabilities": -1}),
    "EBITDA": Item(spoken=r"ebitda", made_of={"operating income": 1, "depreciation and amortization": 1}),
    "free cash flow": Item(spoken=r"free cash flows?", made_of={"operating cash flow": 1, "capital expenditure": -1}),
    "total debt": Item(
        spoken=r"(?:total )?debts?",
        made_of={"current portion of debt": 1, "short-term borrowings": 1, "long-term debt": 1},
    ),
}
