"""Untrusted text on its way to the page."""

from __future__ import annotations

import pytest

from app.text import counted, escaped, escaped_markdown, sanitized, shortened

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![](http://other.example/pixel.png)",
    "[click](javascript:alert(1))",
    "[a]: http://other.example",
    "<http://other.example>",
    '"><svg onload=alert(1)>',
)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_tag_picture_or_link_survives(text: str) -> None:
    for shown in (sanitized(text), escaped_markdown(text), escaped(text)):
        assert "<" not in shown
    assert "[" not in sanitized(text)
    assert "[" not in escaped_markdown(text)


def test_an_entity_is_shown_as_it_was_written() -> None:
    assert sanitized("&lt;b&gt;") == "&amp;lt;b&amp;gt;"


def test_formatting_of_an_answer_stays_and_that_of_a_title_does_not() -> None:
    assert sanitized("**up** 3 %") == "**up** 3 %"
    assert escaped_markdown("# a_b *c*\n| d") == r"\# a\_b \*c\* \| d"


def test_shortened_cuts_at_a_word_within_the_length() -> None:
    assert shortened("one two three", 13) == "one two three"
    assert shortened("one two three", 12) == "one two…"
    assert shortened("a" * 30, 10) == "a" * 9 + "…"


def test_counted() -> None:
    assert [counted(n, "page") for n in (0, 1, 1370)] == ["0 pages", "1 page", "1,370 pages"]
