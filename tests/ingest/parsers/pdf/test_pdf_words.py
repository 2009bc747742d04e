"""Words by their places."""

from __future__ import annotations

from ingest.parsers.pdf.words import Words, lines, phrases, text_of, words_in
from tests.ingest.table_pages import said


def test_words_on_one_line_stand_within_half_their_height_of_each_other() -> None:
    """8 points high: 3 apart is a superscript, 5 apart the next line."""
    words = [*said(50, 13, "b"), *said(0, 10, "a"), *said(0, 18, "c")]
    assert [[word[4] for word in line] for line in lines(words)] == [["a", "b"], ["c"]]
    assert text_of(words) == "a b c"


def test_a_gap_wider_than_a_space_divides_phrases() -> None:
    """Of words 8 points high a space is at most 2.8 wide: here one is 2, the gap 3."""
    line = [*said(0, 10, "net sales"), *said(45, 10, "costs")]
    assert line[1][2] == 42
    assert [[word[4] for word in phrase] for phrase in phrases(line)] == [["net", "sales"], ["costs"]]


def test_words_stand_where_their_middle_is() -> None:
    words = [*said(0, 10, "aaaa"), *said(30, 10, "bb"), *said(0, 30, "cc")]
    area = (0, 0, 35, 20)
    assert [word[4] for word in words_in(words, area)] == ["aaaa", "bb"]
    assert Words(words).within(area) == words_in(words, area)
