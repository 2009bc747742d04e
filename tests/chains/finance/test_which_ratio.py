"""Which ratio a question asks for."""

from __future__ import annotations

import pytest

from chains.finance.items import ITEMS
from chains.finance.metrics import NAMED, metric_in


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("What was the gross margin of Harbour in 2024?", "Gross margin"),
        ("What is the FY2015 unadjusted EBITDA % margin for Harbour?", "EBITDA margin"),
        ("Harbour's operating profit margin in 2024", "Operating margin"),
        ("What was the return on equity?", "Return on equity"),
        ("What is its return on average equity for 2024?", "Return on equity (average)"),
        ("Is the quick ratio healthy?", "Quick ratio"),
        ("What is the DPO for 2024?", "Days payable outstanding"),
        ("What is Harbour's working capital?", "Working capital"),
        ("What was the free cash flow in 2024?", "Free cash flow"),
        ("What is the debt to equity ratio?", "Total debt to equity"),
        ("What is the ratio of cash to total liabilities?", "Cash to total liabilities"),
        ("Compute sales to working capital, round to two decimals.", "Revenue to working capital"),
        ("What was net income as a percentage of sales?", "Net income to revenue"),
        ("What is the interest expense to average long-term debt ratio?", "Interest expense to long-term debt"),
    ],
)
def test_a_metric_is_known_by_its_names(question: str, name: str) -> None:
    metric = metric_in(question)
    assert metric is not None
    assert metric.name == name


@pytest.mark.parametrize(
    "question",
    [
        "What was revenue in 2024?",  # a line as it is printed
        "Which marginal note is older?",
        "What was the adjusted EBITDA margin?",
        "What was the gross margin of services?",
        "What was the services gross margin?",
        "What was the operating margin by segment?",
        "What was the gross margin in the second quarter of 2024?",
        "What was the gross margin in Q2 FY2024?",
        "Why did the gross margin fall?",
        "What drove the change of the gross margin?",
        "How is the quick ratio calculated?",
        "What is DPO, defined as 365 times payables by sales?",
        "What is the advertising revenue to total assets ratio?",
        "How did assets compare to equity?",  # no ratio
        "How many cash registers were moved to inventory?",
        "What is the fixed asset turnover?",
        "",
    ],
)
def test_what_asks_for_no_metric_of_the_whole_company_and_year(question: str) -> None:
    assert metric_in(question) is None


def test_averages_reach_a_year_back() -> None:
    metric = metric_in("What is the inventory turnover?")
    assert metric is not None
    assert metric.over == {("cost of sales", 0): 1.0}
    assert metric.under == {("inventory", 0): 0.5, ("inventory", 1): 0.5}


def test_every_metric_is_made_of_items_that_are_known() -> None:
    used = {item for metric in NAMED.values() for item, _ in (*metric.over, *metric.under)}
    used |= {part for item in ITEMS.values() for part in item.made_of}
    assert used <= ITEMS.keys()
    assert all(bool(item.statement) == bool(item.printed) for item in ITEMS.values())


@pytest.mark.parametrize(
    ("item", "label", "is_it"),
    [
        ("revenue", "Total net revenue", True),
        ("revenue", "Total revenues net of interest expense", True),
        ("revenue", "Revenues:", True),
        ("revenue", "Turnover", True),
        ("revenue", "Advertising revenue", False),
        ("revenue", "Cost of revenue", False),
        ("cost of sales", "Cost of goods sold (exclusive of depreciation)", True),
        ("operating income", "Operating income (loss)", True),
        ("operating income", "Other operating income", False),
        ("net income", "Net income per share", False),
        ("pretax income", "Income before income taxes", True),
        ("pretax income", "Earnings from continuing operations before income tax expense", True),
        ("income tax", "Provision for (benefit from) income taxes", True),
        ("pretax income", "Profit before taxation", True),
        ("income tax", "Taxation", True),
        ("income tax", "Deferred income taxes", False),
        ("operating cash flow", "Net cash provided by (used in) operating activities", True),
        ("capital expenditure", "Purchases of property and equipment", True),
        ("equity", "Total stockholders’ equity", True),
        ("equity", "Total liabilities and stockholders’ equity", False),
        ("receivables", "Accounts receivable, net of allowances of $21 and $25", True),
        ("receivables", "Trade and other receivables", True),
        ("receivables", "Income tax receivables", False),
        ("payables", "Trade and other payables", True),
        ("payables", "Interest payable", False),
        ("current liabilities", "Creditors: amounts falling due within one year", True),
        ("short-term debt", "Current portion of long-term debt", True),
        ("long-term debt", "Current portion of long-term debt", False),
    ],
)
def test_a_line_is_known_by_its_label(item: str, label: str, is_it: bool) -> None:
    assert any(ITEMS[item].labelled(pattern, label) for pattern in ITEMS[item].printed) is is_it
