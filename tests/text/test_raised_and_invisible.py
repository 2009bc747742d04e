"""Raised digits, and signs that nobody sees."""

from __future__ import annotations

import pytest

from ingest.parsers.decoding import decode, utf16_of
from text.invisible import without_invisible
from text.raised import raised, without_raised
from text.values import number_of, numbers


@pytest.mark.parametrize(
    ("mark", "before", "read"),
    [
        ("4", "7,150", "⁴"),
        ("b", "7,150", "ᵇ"),
        ("-6", "10", "⁻⁶"),
        ("2", "an area of 30 km", "²"),
        ("2", "the herring", " ²"),
        ("th", "the 19", None),
        ("TM", "Loom", None),
    ],
)
def test_what_is_raised_stays_apart_from_what_it_stands_behind(mark: str, before: str, read: str | None) -> None:
    assert raised(mark, before) == read


def test_a_raised_mark_is_no_part_of_a_number() -> None:
    assert without_raised("7,150⁴ barrels") == "7,150 barrels"
    assert numbers("7,150⁴ barrels, 3.2 × 10⁶") == [7150.0, 3.2, 10.0]
    assert number_of("7,150⁴") == 7150.0


def test_what_nobody_sees_parts_no_words_and_stays_where_a_script_needs_it() -> None:
    assert without_invisible("light\u200bhouse kee\u00adper\ufeff") == "lighthouse keeper"
    persian = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    assert without_invisible(persian) == persian


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_read(codec: str) -> None:
    text = "The dike is 14 km long.\nIts keeper is Jörn.\n"
    assert utf16_of(text.encode(codec)) == codec
    assert decode(text.encode(codec)) == text
    assert utf16_of(text.encode()) == utf16_of(bytes(range(256)) * 4) == utf16_of(b"\0" * 100) == ""
