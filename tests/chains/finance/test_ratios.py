"""A ratio is computed from the lines of a source's statements, each line cited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes import chunk, document, put, table, unseen

from chains.check import check
from chains.finance.state import state_metric
from chains.pipeline import build
from records import GUEST, Citation, Hit, Scope, Statement, Table, Turn
from store.index import Index

INCOME = table(
    ("(in thousands)", "2024", "2023", "% Change"),
    ("Net sales", "$ 1,000", "$ 800", "25 %"),
    ("Cost of sales", "(600)", "(500)", "20 %"),
    ("Operating income", "200", "120", "67 %"),
    ("Net income", "150", "90", "67 %"),
    boxes=True,
)
ASSETS = table(
    ("(in thousands)", "June 30, 2024", "June 30, 2023"),
    ("Cash and cash equivalents", "40", "30"),
    ("Trade receivables, net", "60", "51"),
    ("Inventories", "80", "70"),
    ("Total current assets", "180", "150"),
    ("Total assets", "500", "400"),
    boxes=True,
)
LIABILITIES = table(
    ("(in thousands)", "June 30, 2024", "June 30, 2023"),
    ("Total current liabilities", "90", "75"),
    ("Total stockholders’ equity", "300", "0"),
    boxes=True,
)
QUARTER = table(("(in thousands)", "Three months ended 2024", "Six months ended 2024"), ("Net sales", "300", "700"))


@pytest.fixture
def index(make_index: Callable[..., Index]) -> Index:
    opened = make_index()
    fill(opened, "harbour.pdf", [("Statements of Income", INCOME), *BALANCE])
    return opened


BALANCE = [("Balance Sheets", ASSETS), ("Balance Sheets", LIABILITIES)]


def fill(index: Index, source: str, tables: list[tuple[str, Table]]) -> None:
    chunks = [
        chunk(
            "\n".join(" | ".join(row) for row in one.grid()),
            id=f"{source} {number}",
            source=source,
            kind="table",
            table=index.assets.put_table(one),
            section=("Report", heading),
            ordinal=number,
            last_row=one.n_rows,
        )
        for number, (heading, one) in enumerate(tables)
    ]
    put(index, chunks, document(source))


def stated(
    index: Index, question: str, scope: Scope | None = None
) -> tuple[tuple[Statement, ...], tuple[Citation, ...]] | None:
    return state_metric(question, (), index, scope or Scope(sources=("harbour.pdf",)))


def said(index: Index, question: str) -> list[str]:
    found = stated(index, question)
    return [one.text for one in found[0]] if found else []


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        # (1000 - 600) / 1000
        (
            "What was the gross margin in 2024?",
            ["Gross margin, 2024: 40.0 % = (Net sales $ 1,000 − Cost of sales 600) ÷ Net sales $ 1,000"],
        ),
        # 150 / 300
        (
            "What was the return on equity in FY2024?",
            ["Return on equity, 2024: 50.0 % = Net income 150 ÷ Total stockholders’ equity 300"],
        ),
        # (40 + 60) / 90
        (
            "What was the quick ratio in 2024?",
            [
                "Quick ratio, June 30, 2024: 1.11 = (Cash and cash equivalents 40 + Trade receivables, net 60)"
                " ÷ Total current liabilities 90"
            ],
        ),
        # 600 / ((80 + 70) / 2)
        (
            "What was the inventory turnover in 2024?",
            ["Inventory turnover, 2024: 8.00 = Cost of sales 600 ÷ half of (Inventories 80 + Inventories 70)"],
        ),
        # 365 * 55.5 / 1000 = 20.2575
        (
            "What were days sales outstanding in 2024?",
            [
                "Days sales outstanding, 2024: 20.26 = 365 × half of (Trade receivables, net 60 + Trade receivables, net 51)"
                " ÷ Net sales $ 1,000"
            ],
        ),
        (
            "What is the working capital?",
            [
                "Working capital, June 30, 2024: 90, in thousands = Total current assets 180 − Total current liabilities 90"
            ],
        ),
        # 200 / (500 - 90) = 0.4878
        (
            "What is the return on capital employed? Round to three decimals.",
            [
                "Return on capital employed, 2024: 0.488 = Operating income 200"
                " ÷ (Total assets 500 − Total current liabilities 90)"
            ],
        ),
        # total liabilities are not printed: 40 / (500 - 300)
        (
            "What is the cash to total liabilities ratio?",
            [
                "Cash to total liabilities, June 30, 2024: 0.20 = Cash and cash equivalents 40"
                " ÷ (Total assets 500 − Total stockholders’ equity 300)"
            ],
        ),
        (
            "Did the operating margin improve in 2024?",
            [
                "Operating margin: up 5.0 percentage points from 2023 to 2024",
                "Operating margin, 2023: 15.0 % = Operating income 120 ÷ Net sales $ 800",
                "Operating margin, 2024: 20.0 % = Operating income 200 ÷ Net sales $ 1,000",
            ],
        ),
    ],
)
def test_what_it_comes_to_and_of_what(index: Index, question: str, texts: list[str]) -> None:
    assert said(index, question) == texts


@pytest.mark.parametrize(
    "question",
    [
        "What was the gross margin in 2019?",  # no such column
        "What was the effective tax rate in 2024?",  # no such line
        "What was the inventory turnover in 2023?",  # 2022 is needed, too
        "What was the return on equity in 2023?",  # equity is 0
        "What were net sales in 2024?",  # printed
    ],
)
def test_what_the_statements_do_not_give(index: Index, question: str) -> None:
    assert stated(index, question) is None


def test_every_line_is_cited_and_checked(index: Index) -> None:
    found = stated(index, "What was the quick ratio in 2024 and 2023?")
    assert found is not None
    statements, citations = found
    assert [one.citations for one in statements] == [(1, 2, 3, 4), (1, 2), (3, 4)]
    assert citations[2].quote == (
        "(in thousands) June 30, 2024\nCash and cash equivalents 40\nTrade receivables, net 60"
    )
    assert citations[2].bbox == (0.0, 0.0, 190.0, 28.0)  # columns 0 and 1, header to row 2
    turn = Turn(question="?", statements=statements, citations=citations)
    assert all(one.checked for one in check(turn, unseen).statements)


def test_a_changed_result_does_not_pass_the_check(index: Index) -> None:
    found = stated(index, "What was the gross margin in 2024?")
    assert found is not None
    (statement,), citations = found
    wrong = Statement(text=statement.text.replace("40.0", "41.0"), citations=(1,), computed=statement.computed)
    assert not check(Turn(question="?", statements=(wrong,), citations=citations), unseen).statements[0].checked


def test_what_is_earned_is_of_a_year_and_a_balance_of_a_day(index: Index) -> None:
    earned = table(("", "June 30, 2024"), ("Net sales", "100"), ("Net income", "50"))
    fill(index, "weir.pdf", [("Statements of Income", earned), *BALANCE])
    for question, when in (("What was the net margin?", "2024"), ("What was the cash ratio?", "June 30, 2024")):
        found = stated(index, question, WEIR)
        assert found is not None
        assert f", {when}: " in found[0][0].text


def test_rounding_that_is_asked_for_behind_the_question_is_heard(index: Index) -> None:
    question = "What was the quick ratio in 2024? Round to four decimals."
    *_, turn = build(index, index.settings).stream(Turn(question=question))
    assert [one.answer for one in turn.statements] == [("1.1111",)]
    assert turn.parts[0].question == question


def test_a_changed_difference_does_not_pass_the_check(index: Index) -> None:
    found = stated(index, "How did working capital change from 2023 to 2024?")
    assert found is not None
    (change, *_), citations = found
    assert (
        change.text == "Working capital: up 15, in thousands, from June 30, 2023 to June 30, 2024"
    )  # (180 - 90) - (150 - 75)
    assert change.computed is not None
    computed = replace(change.computed, result=("16",))
    wrong = replace(change, text=change.text.replace("15", "16"), computed=computed)
    turn = check(Turn(question="?", statements=(change, wrong), citations=citations), unseen)
    assert [one.checked for one in turn.statements] == [True, False]


def test_of_several_sources_the_one_that_is_named_is_asked(index: Index) -> None:
    fill(index, "ferries.pdf", [("Statements of Income", QUARTER), *BALANCE])
    hits = [
        Hit(chunk=one, score=1.0) for source in ("ferries.pdf", "harbour.pdf") for one in index.chunks_of(source, GUEST)
    ]
    assert state_metric("What was the gross margin in 2024?", hits, index, Scope()) is None  # of which?
    found = state_metric("What was the gross margin of Harbour in 2024?", hits, index, Scope())
    assert found is not None
    assert {one.chunk.source for one in found[1]} == {"harbour.pdf"}
    # a part of a year is no year
    assert state_metric("What was the gross margin of Ferries in 2024?", hits, index, Scope()) is None


def test_extracts_and_statements_of_a_part_are_passed_over(index: Index) -> None:
    short = table(("(in thousands)", "2024", "2023"), ("Net sales", "1", "2"), ("Operating income", "1", "1"))
    fill(index, "weir.pdf", [("Statements of Income:", short), ("Consolidated Statements of Income", INCOME)])
    found = stated(index, "What was the operating margin in 2024?", Scope(sources=("weir.pdf",)))
    assert found is not None
    assert found[0][0].answer == ("20.0 %",)


def test_a_whole_question_is_answered_with_it(index: Index) -> None:
    *_, turn = build(index, index.settings).stream(
        Turn(question="Did the operating margin improve between 2023 and 2024?")
    )
    assert [one.answer for one in turn.statements] == [("5.0",), ("15.0 %",), ("20.0 %",)]
    assert all(one.checked for one in turn.statements)


def one_statement(
    index: Index, heading: str, *rows: tuple[str, ...], caption: str = "", name: str = "weir.pdf"
) -> None:
    fill(index, name, [(heading, table(*rows, caption=caption)), *BALANCE])


WEIR = Scope(sources=("weir.pdf",))


@pytest.mark.parametrize(
    ("heading", "rows", "question"),
    [
        ("Statements of Income", [("", "2024"), ("Net sales", "100"), ("Net loss", "50")], "What was the net margin?"),
        (
            "Statements of Income",
            [
                ("", "2024"),
                ("Income before income taxes", "100"),
                ("Provision for (benefit from) income taxes", "(30)"),
            ],
            "What was the effective tax rate?",
        ),
        (
            "Statements of Income",
            [("", "2024"), ("Net sales", "100"), ("Cost of products sold", "40"), ("Cost of services", "20")],
            "What was the gross margin?",
        ),
        (
            "Statements of Income",
            [("Six months ended June 30,", "2024"), ("Net sales", "100"), ("Net income", "50")],
            "What was the net margin?",
        ),
        (
            "Statements of Income",
            [("", "24 weeks ended June 11, 2024"), ("Net sales", "100"), ("Net income", "50")],
            "What was the net margin?",
        ),
        (
            "Statements of Cash Flows",
            [("", "2024"), ("Depreciation", "5"), ("Amortization of acquired intangible assets", "4")],
            "What was the depreciation to total assets ratio?",
        ),
        (
            "Balance Sheets",  # whether the securities can be sold at once is not said
            [
                ("", "2024"),
                ("Cash", "4"),
                ("Investments", "5"),
                ("Total current assets", "9"),
                ("Total assets", "20"),
                ("Total current liabilities", "3"),
                *[(f"Line {n}", "1") for n in range(9)],
            ],
            "What was the cash ratio?",
        ),
        (
            "Balance Sheets",
            [
                ("", "2024"),
                ("Total current assets", "9"),
                ("Total assets", "20"),
                ("Loans from banks", "2"),
                ("Total current liabilities", "3"),
                ("Long-term debt", "5"),
                ("Total equity", "7"),
                *[(f"Line {n}", "1") for n in range(9)],
            ],
            "What was the debt to equity ratio?",
        ),
    ],
)
def test_what_is_not_sure_is_not_said(index: Index, heading: str, rows: list[tuple[str, ...]], question: str) -> None:
    one_statement(index, heading, *rows)
    assert stated(index, question, WEIR) is None


@pytest.mark.parametrize(
    ("cell", "answer"), [("($50)", "-50.0 %"), ("$ (50)", "-50.0 %"), ("(50)", "-50.0 %"), ("$ 50", "50.0 %")]
)
def test_a_loss_in_brackets_is_one(index: Index, cell: str, answer: str) -> None:
    one_statement(index, "Statements of Income", ("", "2024"), ("Net sales", "100"), ("Net income (loss)", cell))
    found = stated(index, "What was the net margin?", WEIR)
    assert found is not None
    assert found[0][0].answer == (answer,)


def test_a_date_that_is_named_must_be_the_columns(index: Index) -> None:
    found = stated(index, "What was the current ratio on June 30, 2024?")
    assert found is not None
    assert found[0][0].answer == ("2.00",)  # 180 / 90
    assert stated(index, "What was the current ratio in September 2024?") is None


def test_an_amount_that_the_company_prints_is_left_to_be_quoted(index: Index) -> None:
    own = table(("", "2024"), ("Free cash flow", "70"))
    flows = table(("", "2024"), ("Net cash provided by operating activities", "90"), ("Capital expenditures", "(30)"))
    fill(index, "weir.pdf", [("Statements of Cash Flows", flows)])
    question = "What was the free cash flow?"
    found = stated(index, question, WEIR)
    assert found is not None
    assert found[0][0].answer == ("60",)
    fill(index, "weir.pdf", [("Statements of Cash Flows", flows), ("Liquidity", own)])
    assert stated(index, question, WEIR) is None


def test_what_else_is_asked_names_the_company_or_nothing_is_computed(index: Index) -> None:
    assert said(index, "What was the net margin of Harbour in 2024?")
    assert not said(index, "What was the net margin of Harbour and Ferries in 2024?")
    assert not said(index, "What was the net margin of the Harbour shops in 2024?")
