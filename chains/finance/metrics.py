"""Which ratio or amount a question asks for, as a fraction of lines of financial statements.

Definitions: Robinson et al., "International Financial Statement Analysis" (CFA Institute), chapter "Financial Analysis
Techniques"; returns are on the amount at the end of the year unless the question says "average".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from chains.finance.items import ITEMS

Terms = Mapping[tuple[str, int], float]  # (item, years back) -> times what


@dataclass(frozen=True, kw_only=True)
class Metric:
    """``factor`` times the sum of ``over``, divided by the sum of ``under`` unless that is empty: then it is an amount."""

    name: str
    over: Terms
    under: Terms = field(default_factory=dict)
    percent: bool = False
    factor: float = 1.0


def _now(*items: str) -> Terms:
    return {(item, 0): 1.0 for item in items}


def _average(item: str) -> Terms:
    return {(item, 0): 0.5, (item, 1): 0.5}


def _days(name: str, balance: str, flow: str) -> Metric:
    return Metric(name=name, over=_average(balance), under=_now(flow), factor=365)


def _share(name: str, over: str, under: str) -> Metric:
    return Metric(name=name, over=_now(over), under=_now(under), percent=True)


# The first whose pattern a question holds is meant, so that the longer name stands before the shorter.
NAMED: Mapping[str, Metric] = MappingProxyType(
    {
        r"gross (?:profit )?margins?": _share("Gross margin", "gross profit", "revenue"),
        r"ebitda\W+(?:%\W*|percent\w*\W+)?margins?": _share("EBITDA margin", "EBITDA", "revenue"),
        r"operating (?:profit |income )?margins?": _share("Operating margin", "operating income", "revenue"),
        r"(?:net )?(?:profit |income )margins?|net margins?": _share("Net margin", "net income", "revenue"),
        r"(?:after-?\s?tax )?returns? on (?:(?:average|total) ){0,3}assets?|(?-i:ROA)": _share(
            "Return on assets", "net income", "total assets"
        ),
        r"(?:after-?\s?tax )?returns? on (?:(?:average|total|common|share\w*|stock\w*)['’]?s? ){0,3}equity|(?-i:ROE)": _share(
            "Return on equity", "net income", "equity"
        ),
        r"returns? on capital employed|(?-i:ROCE)": Metric(
            name="Return on capital employed",
            over=_now("operating income"),
            under={("total assets", 0): 1.0, ("current liabilities", 0): -1.0},
            percent=True,
        ),
        r"effective (?:income )?tax ra(?:te|tio)": _share("Effective tax rate", "income tax", "pretax income"),
        r"(?:dividend )?payout ratio": _share("Dividend payout ratio", "dividends paid", "net income"),
        r"capitali[sz]ation ratio|debt[- ]to[- ]capital(?:i[sz]ation)?(?: ratio)?": Metric(
            name="Debt to capital",
            over=_now("total debt"),
            under=_now("total debt", "equity"),
            percent=True,
        ),
        r"interest coverage(?: ratio)?": Metric(
            name="Interest coverage", over=_now("operating income"), under=_now("interest expense")
        ),
        r"(?:quick|acid[- ]test) ratio": Metric(
            name="Quick ratio",
            over=_now("cash", "short-term investments", "receivables"),
            under=_now("current liabilities"),
        ),
        r"current ratio": Metric(name="Current ratio", over=_now("current assets"), under=_now("current liabilities")),
        r"cash ratio": Metric(
            name="Cash ratio", over=_now("cash", "short-term investments"), under=_now("current liabilities")
        ),
        r"inventory turnover": Metric(
            name="Inventory turnover", over=_now("cost of sales"), under=_average("inventory")
        ),
        r"receivables? turnover": Metric(
            name="Receivables turnover", over=_now("revenue"), under=_average("receivables")
        ),
        r"(?<!fixed )(?:total )?assets? turnover": Metric(
            name="Asset turnover", over=_now("revenue"), under=_average("total assets")
        ),
        r"days payables?(?: outstanding)?|(?-i:DPO)": _days("Days payable outstanding", "payables", "cost of sales"),
        r"days (?:sales|receivables?)(?: outstanding)?|(?-i:DSO)": _days(
            "Days sales outstanding", "receivables", "revenue"
        ),
        r"days (?:of )?inventory(?: outstanding)?|(?-i:DIO)": _days("Days inventory", "inventory", "cost of sales"),
    }
)
_NAMED = [(re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE), metric) for pattern, metric in NAMED.items()]
# amounts that statements seldom print, asked for by themselves
_AMOUNTS = {
    name: re.compile(rf"(?<!\w)(?:{ITEMS[name].spoken})(?!\w)", re.IGNORECASE)
    for name in ("working capital", "EBITDA", "free cash flow")
}


def _side(side: str) -> str:
    items = "|".join(f"(?P<{side}{n}>{item.spoken})" for n, item in enumerate(ITEMS.values()))
    return rf"(?P<{side}_mean>average\s+)?(?:{items})"


# "debt to equity ratio", "ratio of debt to equity", "net income as a percentage of sales"
_OF_TWO = re.compile(
    rf"(?<!\w){_side('over')}(?:[\s-]to[\s-](?:the )?|/|\s+as an? (?P<percent>percent\w*|%) of (?:the )?|"
    rf"\s+divided by (?:the )?){_side('under')}(?!\w)",
    re.IGNORECASE,
)


def metric_in(text: str) -> tuple[Metric, re.Pattern[str]] | None:
    """The metric that ``text`` names, and the pattern that names it; None when it names none, or two of "A to B"."""
    for pattern, metric in _NAMED:
        if found := pattern.search(text):
            return _averaged(metric, found.group()), pattern
    pairs = list(_OF_TWO.finditer(text))
    if pairs:
        return (_of_two(pairs[0]), _OF_TWO) if len(pairs) == 1 else None
    for name, spoken in _AMOUNTS.items():
        if spoken.search(text):
            return Metric(name=f"{name[:1].upper()}{name[1:]}", over=_now(name)), spoken
    return None


def items_of(metric: Metric) -> set[str]:
    """The items that a metric is made of, and those that these are made of."""
    left, found = {item for item, _ in (*metric.over, *metric.under)}, set[str]()
    while left:
        found |= left
        left = {part for item in left for part in ITEMS[item].made_of} - found
    return found


def _averaged(metric: Metric, name: str) -> Metric:
    """On the average of two years where its name says so, for what is on the amount at the year's end."""
    if len(metric.under) != 1 or "average" not in name.lower():
        return metric
    ((item, _),) = metric.under
    return replace(metric, name=f"{metric.name} (average)", under=_average(item))


def _of_two(found: re.Match[str]) -> Metric:
    (over, above), (under, below) = (_operand(found, side) for side in ("over", "under"))
    return Metric(
        name=f"{over[:1].upper()}{over[1:]} to {under}", over=above, under=below, percent=bool(found["percent"])
    )


def _operand(found: re.Match[str], side: str) -> tuple[str, Terms]:
    """What stands on one side of "to", and how it is counted."""
    item = next(name for n, name in enumerate(ITEMS) if found[f"{side}{n}"])
    return (f"average {item}", _average(item)) if found[f"{side}_mean"] else (item, _now(item))
