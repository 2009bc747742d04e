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
from chains.glossary import of_whole_company

Terms = Mapping[tuple[str, int], float]  # (item, years back) -> times what
_OWN_DEFINITION = re.compile(  # then the textbook's is not asked for
    r"\b(?:defined as|defining|taking|adding back|excluding|adjusted|non-gaap|before depreciation|"
    r"as the (?:numerator|denominator))\b",
    re.IGNORECASE,
)
_NO_FIGURE = re.compile(
    r"^\W*(?:why|what\s+(?:drove|drives|caused|causes|explains|does|do)|how\s+(?:is|are)\b.*\bcalculated)",
    re.IGNORECASE,
)
_PART_OF_A_YEAR = re.compile(
    r"\b(?:q[1-4]|[1-4]q|quarter\w*|(?:three|six|nine)[\s-]months?|half[\s-]year)\b|\bq[1-4](?=(?:19|20)\d\d)",
    re.IGNORECASE,
)
# A metric is the whole company's when no other word stands before it, "the services gross margin", or behind it, "the gross
# margin of services".
_BEFORE_WHOLE = frozenset(
    """is was are were be do does did has have had the a an of its their his her what which calculate compute and or by in to
    with improving declining stable healthy consistent strong good high low higher lower total overall consolidated company's
    annual yearly fiscal year unadjusted net after-tax after pre-tax tax average reasonable positive negative""".split()
)
_BEHIND = re.compile(r"\s+(?:of|on|for|from|in|by|at)\s+(?:the\s+|its\s+|their\s+)*([a-z][\w-]*)")
_BEHIND_WHOLE = frozenset(
    "fiscal year years period company firm business percent percentage percents term terms us usd dollars each both".split()
    + "thousands millions billions thousand million billion latest last recent end".split()
)


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
        r"returns? on (?:(?:average|total) )*assets?|\broa\b": _share("Return on assets", "net income", "total assets"),
        r"returns? on (?:(?:average|total|common|share\w*|stock\w*)['’]?s? )*equity|\broe\b": _share(
            "Return on equity", "net income", "equity"
        ),
        r"returns? on capital employed|\broce\b": Metric(
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
        r"interest coverage": Metric(
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
        r"days payables?(?: outstanding)?|\bdpo\b": _days("Days payable outstanding", "payables", "cost of sales"),
        r"days (?:sales|receivables?)(?: outstanding)?|\bdso\b": _days(
            "Days sales outstanding", "receivables", "revenue"
        ),
        r"days (?:of )?inventory(?: outstanding)?|\bdio\b": _days("Days inventory", "inventory", "cost of sales"),
    }
)
_NAMED = [(re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE), metric) for pattern, metric in NAMED.items()]
# amounts that no statement prints, asked for by themselves
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


def metric_in(question: str) -> Metric | None:
    """What ``question`` asks to be computed from a company's yearly statements; None when it asks for nothing of the kind,
    for a reason, for a part of a company or of a year, or gives a definition of its own."""
    if not of_whole_company(question) or any(
        (_OWN_DEFINITION.search(question), _NO_FIGURE.match(question), _PART_OF_A_YEAR.search(question))
    ):
        return None
    for pattern, metric in _NAMED:
        if any(_is_whole(question, match) for match in pattern.finditer(question)):
            return _averaged(metric, question)
    return _of_two(question) or _amount(question)


def _is_whole(question: str, match: re.Match[str]) -> bool:
    before, behind = question[: match.start()].split(), _BEHIND.match(question, match.end())
    last = before[-1].strip("(“\"'’,:;") if before else ""
    named = last[:1].isupper() or last.endswith(("'s", "’s", "s'", "s’")) or any(map(str.isdigit, last))
    return (not last or named or last.lower() in _BEFORE_WHOLE) and (behind is None or behind[1] in _BEHIND_WHOLE)


def _averaged(metric: Metric, question: str) -> Metric:
    """On the average of two years where the question says so, for what is on the amount at the year's end."""
    if len(metric.under) != 1 or not re.search(r"\baverage\b", question, re.IGNORECASE):
        return metric
    ((item, _),) = metric.under
    return replace(metric, name=f"{metric.name} (average)", under=_average(item))


def _of_two(question: str) -> Metric | None:
    for match in _OF_TWO.finditer(question):
        over, under = (_item(match, side) for side in ("over", "under"))
        if over == under or not _is_whole(question, match):
            continue
        return Metric(
            name=f"{over[:1].upper()}{over[1:]} to {under}",
            over=_average(over) if match["over_mean"] else _now(over),
            under=_average(under) if match["under_mean"] else _now(under),
            percent=bool(match["percent"]),
        )
    return None


def _item(match: re.Match[str], side: str) -> str:
    return next(name for n, name in enumerate(ITEMS) if match[f"{side}{n}"])


def _amount(question: str) -> Metric | None:
    for name, spoken in _AMOUNTS.items():
        if any(_is_whole(question, match) for match in spoken.finditer(question)):
            return Metric(name=f"{name[:1].upper()}{name[1:]}", over=_now(name))
    return None
