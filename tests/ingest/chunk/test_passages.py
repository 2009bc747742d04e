"""Text that knows where it stands: joined, mended and cut without losing a word or a place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import count_words, text
from hypothesis import given
from hypothesis import strategies as st

from ingest.chunk.passages import Passage, join, known_words, paragraph, split
from records import Line, Span
from text.geometry import around, union

A, B, C = (0.0, 0.0, 9.0, 9.0), (0.0, 10.0, 9.0, 19.0), (5.0, 5.0, 50.0, 50.0)


def lines(*texts: str) -> list[Line]:
    return list(text(*texts).lines)


@pytest.mark.parametrize(
    ("printed", "known", "read"),
    [
        (["The weir", "stood still."], "", "The weir stood still."),
        (["a long conver-", "sation began"], "", "a long conversation began"),
        (["a well-", "known fact"], "well known", "a well-known fact"),
        (["the on-", "line shop"], "on line online", "the online shop"),
        (["Merrow-", "Bay"], "", "Merrow-Bay"),
        (["from 2019-", "2020"], "", "from 2019-2020"),
        (["the part KV-", "8812 fits"], "", "the part KV-8812 fits"),
        (["a profit-", "sharing scheme"], "", "a profit-sharing scheme"),
        (["an over-", "fitting model"], "", "an overfitting model"),
        (["ends with -", "alone"], "", "ends with - alone"),
        (["one", "", "two"], "", "one two"),
        ([], "", ""),
    ],
)
def test_printed_lines_become_running_text(printed: list[str], known: str, read: str) -> None:
    assert paragraph(lines(*printed), frozenset(known.split())).text == read


def test_a_mended_word_keeps_the_place_of_both_halves() -> None:
    passage = paragraph([Line("a conver-", A), Line("sation", B)])
    assert passage == Passage("a conversation", (Span(0, 8, A), Span(8, 14, B)))


def test_words_at_a_line_end_that_may_be_halves_are_not_known() -> None:
    assert known_words(["a conver-", "sation on", "the weir"]) == {"a", "on", "the", "weir"}


def test_spans_of_joined_passages_move_along() -> None:
    joined = join([Passage("ab", (Span(0, 2, A),)), Passage(""), Passage("cd", (Span(1, 2, B),))])
    assert joined == Passage("ab\ncd", (Span(0, 2, A), Span(4, 5, B)))


def test_a_slice_takes_the_spans_it_touches() -> None:
    passage = Passage("0123456789", (Span(0, 3, A), Span(3, 6, B), Span(8, 10, C)))
    assert passage.slice(2, 8) == Passage("234567", (Span(0, 1, A), Span(1, 4, B)))


def test_the_rectangle_around_characters() -> None:
    spans = (Span(0, 3, A), Span(3, 6, B), Span(8, 10, C))
    assert around(spans, 1, 4) == (0.0, 0.0, 9.0, 19.0)
    assert around(spans, 6, 8) is None
    assert union([None, C, A]) == (0.0, 0.0, 50.0, 50.0)
    assert union([None]) is None


def test_a_text_is_cut_at_the_ends_of_its_sentences() -> None:
    pieces = split(Passage("One two three. Four five. Six seven eight nine."), 7, count_words)
    assert [piece.text for piece in pieces] == ["One two three. Four five.", "Six seven eight nine."]


def test_a_long_sentence_is_cut_at_white_space_and_a_long_word_between_letters() -> None:
    def letters(text: str) -> int:
        return len(text)

    assert [one.text for one in split(Passage("aaaa bbbb cccc"), 9, letters)] == ["aaaa bbbb", " cccc"]
    assert [one.text for one in split(Passage("abcdefgh"), 3, letters)] == ["ab", "cd", "ef", "gh"]


marks = st.text("ab Z.,-?!\n1é中", max_size=60)


@given(st.lists(marks, max_size=6), st.integers(1, 12))
def test_cut_pieces_fit_and_together_are_the_text(parts: list[str], limit: int) -> None:
    """Letter by letter, white space apart; and each span still points at the letters of its line."""
    whole = join([paragraph([Line(part, (float(n), 0.0, 1.0, 1.0))]) for n, part in enumerate(parts)])
    pieces = split(whole, limit, count_words)
    assert all(count_words(piece.text) <= limit for piece in pieces)
    assert "".join("".join(piece.text.split()) for piece in pieces) == "".join(whole.text.split())
    for piece in pieces:
        for span in piece.spans:
            assert piece.text[span.start : span.end] in parts[int(span.bbox[0])]
            assert 0 <= span.start < span.end <= len(piece.text)


def test_what_is_replaced_stays_a_passage() -> None:
    assert replace(Passage("a", (Span(0, 1, A),)), text="b").spans == (Span(0, 1, A),)
