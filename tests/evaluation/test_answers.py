"""Answers against gold: normalisation, F1, numbers with unit and scale, denotations."""

from __future__ import annotations

from math import isclose

import pytest

from evaluation.answers import (
    contains,
    denotation_match,
    exact_match,
    holds_answer,
    normalise,
    numeric_match,
    quantities,
    relaxed_match,
    token_f1,
)


def test_squad_normalisation() -> None:
    assert normalise("The  U.S., an “Example”!") == "us example"
    assert exact_match("the Eiffel Tower.", ["Louvre", "Eiffel tower"]) == 1.0
    assert exact_match("Eiffel", ["Eiffel tower"]) == 0.0


def test_f1_by_hand() -> None:
    # 2 of 3 tokens predicted, 2 of 4 gold: F1 = 2 * 2 / (3 + 4); the better of two answers counts
    assert isclose(token_f1("red green blue", ["red green one two", "none"]), 4 / 7)
    assert token_f1("", ["red"]) == 0.0


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("$5,079 million", [5.079e9]),
        ("5.079bn and -3.5 %", [5.079e9, -3.5]),
        ("(1,234.5)", [-1234.5]),
        ("2019-2020", [2019, 2020]),
        ("-$12", [-12]),
        ("Q8 of v1.2.3", []),
        ("a loss of −7", [-7]),
        ("10-K, 5 m wide, 5m", [10, 5, 5e6]),
        ("costs $ 74,646 thousand (of 80)", [74_646_000, 80]),
    ],
)
def test_numbers_in_text(text: str, values: list[float]) -> None:
    found = [one.value for one in quantities(text)]
    assert found == pytest.approx(values)


@pytest.mark.parametrize(
    ("prediction", "answer", "right"),
    [
        ("Revenue was 5,079 million.", "5.079 billion", True),
        ("$5.08 billion", "$5,079 million", True),  # rounded to two decimals of a billion
        ("$5.1 billion", "$5,079 million", True),
        ("$5.2 billion", "$5,079 million", False),
        ("5,079", "5,079 million", True),  # the table's heading says millions
        ("5,079", "5,080", False),
        ("12", "12.4", False),
        ("-12", "12", False),
        ("0.183", "18.29%", True),
        ("18.3 %", "18.29", True),
        ("18.4 %", "18.29%", False),
        ("It has 7 members", "7", True),
        ("Nothing was said.", "7", False),
        ("In 2019 it was 3", "3 to 5", False),  # no single number
    ],
)
def test_numbers_with_unit_and_scale(prediction: str, answer: str, right: bool) -> None:
    assert numeric_match(prediction, [answer]) == float(right)


def test_charts_may_be_read_five_percent_off() -> None:
    assert relaxed_match("105", ["100"]) == 1.0
    assert relaxed_match("105.2", ["100"]) == 0.0
    assert relaxed_match("Norway", ["norway"]) == 1.0
    assert relaxed_match("Norwa", ["norway"]) == 0.0


def test_contained_as_whole_words_or_by_value() -> None:
    assert contains("She was born in Ulm, Germany.", ["Ulm"]) == 1.0
    assert contains("A bulmer", ["ulm"]) == 0.0
    assert contains("It rose to 5.079 billion.", ["5,079 million"]) == 1.0
    assert contains("anything", []) == 0.0


@pytest.mark.parametrize(
    ("predicted", "gold", "right"),
    [
        (["Italy"], ["italy"], True),
        (["2005", "2004.0"], ["2004", "2005"], True),
        (["2004"], ["2004", "2005"], False),
        (["2004", "2005", "2006"], ["2004", "2005"], False),
        (["January 26, 1995"], ["1995-01-26"], True),
        (["1,095"], ["1095.0"], True),
        (["7 goals"], ["7"], False),
        (["Anna Weir (SWE)"], ["Anna Weir"], True),
        (["Anna Weir (SWE)[3]*"], ["Anna Weir (NOR)"], True),
        (["(SWE)"], ["(NOR)"], False),
        (["Malmö (SWE) harbour"], ["Malmo harbour"], False),
        (["Malmö"], ["Malmo"], True),
        (["2013 (shared)"], ["2013"], True),
        ([], ["7"], False),
    ],
)
def test_denotation(predicted: list[str], gold: list[str], right: bool) -> None:
    assert denotation_match(predicted, gold) == float(right)


@pytest.mark.parametrize(
    ("text", "answer", "stands"),
    [
        ("It was founded in Nottingham.", "no", False),  # no word is cut
        ("No, it was not.", "no", True),
        ("It has 1,305 members", "5", False),  # no number is cut
        ("It has 1,305 members", "1305", True),
        ("It has 3.5 members", "3", False),
        ("It weighs 12km of rope", "12", True),
        ("an inter-\nnational body", "international", True),  # a page's line ends within the word
        ("the Rhine–Main area", "Rhine Main", True),
        ("他出生于北京市", "北京", True),  # words are not parted there
        ("в Москве", "Москв", False),
        ("", "", False),
    ],
)
def test_an_answer_stands_in_a_text_as_whole_words(text: str, answer: str, stands: bool) -> None:
    assert holds_answer(text, [answer]) is stands
