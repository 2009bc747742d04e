"""Which ratio a question asks for."""

from __future__ import annotations

import re

import pytest

from chains.finance.asked import asked_in
from chains.finance.items import ITEMS, label_words
from chains.finance.metrics import NAMED, metric_in


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("What was the gross margin of Harbour in 2024?", "Gross margin"),
        ("What is the FY2015 unadjusted EBITDA % margin for Harbour?", "EBITDA margin"),
        ("Harbour's operating profit margin in 2024", "Operating margin"),
        ("What was the return on equity?", "Return on equity"),
        ("What is its return on average equity for 2024?", "Return on equity (average)"),
        ("Does Harbour have a healthy liquidity profile based on its quick ratio?", "Quick ratio"),
        ("What is the FY2024 days payable outstanding (DPO)?", "Days payable outstanding"),
        ("What is Harbour's working capital?", "Working capital"),
        ("What was the free cash flow in 2024?", "Free cash flow"),
        ("What is the debt to equity ratio?", "Total debt to equity"),
        ("What is the ratio of cash to total liabilities?", "Cash to total liabilities"),
        ("Compute sales to working capital, round to two decimals.", "Revenue to working capital"),
        ("What was net income as a percentage of sales?", "Net income to revenue"),
        ("What is the interest expense to average long-term debt ratio?", "Interest expense to average long-term debt"),
        ("What is the EBITDA margin? Use the statement of income. If it is of no use, say so.", "EBITDA margin"),
    ],
)
def test_a_metric_is_known_by_its_names(question: str, name: str) -> None:
    asked = asked_in(question)
    assert asked is not None
    assert asked.metric.name == name
    assert set(asked.names) <= {"harbour"}


@pytest.mark.parametrize(
    "question",
    [
        "What was revenue in 2024?",  # a line as it is printed
        "Which marginal note is older?",
        "What was the adjusted EBITDA margin?",
        "What was the gross margin excluding leases?",
        "What is DPO, defined as 365 times payables by sales?",
        "What is the percentage change in working capital?",
        "What is the cash to assets and the debt to equity ratio?",
        "How did assets compare to equity?",
        "Is the roe edible?",
        "",
    ],
)
def test_what_asks_for_no_metric(question: str) -> None:
    assert asked_in(question) is None


@pytest.mark.parametrize(
    "question",
    [
        "What was the gross margin of services?",
        "What was Harbour's operating margin in Norway?",
        "What was the Ferries gross margin in 2020 for freight?",
        "What was the gross margin in the second quarter of 2024?",
        "What was the gross margin in Q2 FY2024?",
        "What was the gross margin the year before?",
        "What was the average operating margin over 2013 to 2015?",
        "Why did the gross margin fall?",
        "What drove the change of the gross margin?",
        "Who is the DPO?",
        "In which year was the operating margin highest?",
        "What is the maximum debt to EBITDA ratio under the credit facility?",
        "What was the free cash flow per share?",
        "What was the free cash flow yield?",
        "What percentage of net sales is the gross profit margin of the shop?",
        "What is the working capital turnover?",
        "What is meant by working capital?",
        "Is free cash flow a GAAP measure?",
        "What would the operating margin be if sales doubled?",
        "What was the pre-tax profit margin?",
        "What is the net debt to EBITDA ratio?",
        "What is the advertising revenue to total assets ratio?",
        "What is the fixed asset turnover?",
        "What is the inventory turnover on ending inventory?",
        "What is the DPO using 360 days?",
        "What is the current ratio of boys to girls?",
        "What is the gross margin guidance for 2025?",
    ],
)
def test_what_else_a_question_says_has_to_name_the_company(question: str) -> None:
    asked = asked_in(question)
    assert asked is None or set(asked.names) - {"harbour"}


def test_years_months_and_rounding() -> None:
    asked = asked_in(
        "How did the quick ratio change from FY'16 to January 28, 2023? Round to three decimals, in percent."
    )
    assert asked is not None
    assert (asked.years, asked.months, asked.decimals, asked.percent) == ((2016, 2023), {"jan"}, 3, True)
    assert asked.course
    assert asked.names == ()
    plain = asked_in("What is the quick ratio?")
    assert plain is not None
    assert (plain.years, plain.months, plain.decimals, plain.percent, plain.course) == (
        (),
        frozenset(),
        None,
        False,
        False,
    )


def test_averages_reach_a_year_back() -> None:
    found = metric_in("What is the inventory turnover?")
    assert found is not None
    metric, _ = found
    assert metric.over == {("cost of sales", 0): 1.0}
    assert metric.under == {("inventory", 0): 0.5, ("inventory", 1): 0.5}


def test_every_metric_is_made_of_items_that_are_known() -> None:
    used = {item for metric in NAMED.values() for item, _ in (*metric.over, *metric.under)}
    used |= {part for item in ITEMS.values() for part in item.made_of}
    assert used <= ITEMS.keys()
    assert all(bool(item.statement) == bool(item.printed) for item in ITEMS.values())
    ends = {item.down_to for item in ITEMS.values()} - {""}
    assert all(any(re.fullmatch(pattern, end) for item in ITEMS.values() for pattern in item.printed) for end in ends)


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
        ("current portion of debt", "Current portion of long-term debt and leases", True),
        ("current portion of debt", "Short-term debt", False),
        ("short-term borrowings", "Commercial paper", True),
        ("pretax income", "Earnings before interest and taxes", False),
        ("capital expenditure", "Purchases of property in accounts payable", False),
        ("equity", "Total temporary equity", False),
        ("long-term debt", "Current portion of long-term debt", False),
    ],
)
def test_a_line_is_known_by_its_label(item: str, label: str, is_it: bool) -> None:
    assert any(re.fullmatch(pattern, label_words(label)) for pattern in ITEMS[item].printed) is is_it
