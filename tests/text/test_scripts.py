"""Words of scripts that are not Latin, or have no blanks between words; stems by language; stop words; sentence ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text.scripts import HAN, KANA, LATIN, main_script, pieces
from text.stems import stem, stems_in
from text.stopwords import is_foreign, stopwords
from text.tokens import content_words, sentences, word_count, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("水坝建于1931年", ["水坝", "坝建", "建于", "1931", "年"]),
        ("ダムは", ["ダム", "ムは"]),
        ("댐은 크다", ["댐은", "크다"]),
        ("เขื่อน", ["เขื่", "ขื่อ", "อน"]),
        ("बाँध की ऊँचाई", ["बाँध", "की", "ऊँचाई"]),  # vowel signs and nasal marks stay in the word
        ("السّد العالي", ["السّد", "العالي"]),
        ("Größe des Wehrs", ["größe", "des", "wehrs"]),
        ("wehr 5,079", ["wehr", "5,079"]),
        ("ﬁsh ladder", ["fish", "ladder"]),  # a ligature that a PDF left behind
        ("２０１９", ["2019"]),  # as wide as a Chinese letter
        ("Cafe\u0301", ["café"]),  # accent and letter apart
    ],
)
def test_words_of_any_script(text: str, found: list[str]) -> None:
    assert words(text) == found


@given(st.text("水坝建于 ダム댐กข้", max_size=20))
def test_pairs_of_letters_lose_none(text: str) -> None:
    joined = "".join(words(text))
    assert all(sign in joined for sign in text if sign.isalpha())


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("häuser", "haus", "de"),
        ("münchen", "muenchen", "de"),
        ("straße", "strasse", "de"),
        ("presas", "presa", "es"),
        ("книги", "книга", "en"),  # a Russian word tells itself by its script, whatever language the text is in
        ("الكتاب", "كتاب", "ar"),
        ("إدارة", "ادارة", "ar"),  # people leave out the hamza
        ("लड़कियों", "लड़की", "hi"),
        ("हिंदी", "हिन्दी", "hi"),
        ("२०१९", "2019", "hi"),
        ("٢٠١٩", "2019", "ar"),
    ],
)
def test_forms_of_a_word_share_its_stem(one: str, other: str, language: str) -> None:
    assert stem(one, language) == stem(other, language)


def test_a_latin_word_has_a_stem_for_each_language_that_may_hold_it() -> None:
    assert stem("paris", "en") == "pari"
    assert stem("paris", "de") == "paris"
    assert stems_in("paris", frozenset(("de", "en", "ru"))) == ("paris", "pari")
    assert stems_in("книги", frozenset(("de", "en"))) == ("книг",)


def test_what_most_letters_are() -> None:
    assert main_script("The weir 水") == LATIN
    assert main_script("水坝 (weir)") == LATIN  # two letters against four, which count the same: neither has more
    assert main_script("水坝的高度 (weir)") == HAN
    assert main_script("水力のダム") == KANA
    assert main_script("1931, 12 %") == ""


def test_one_letter_by_itself_stays() -> None:
    assert pieces("水") == ["水"]


def test_stop_words_of_a_language_carry_nothing() -> None:
    assert content_words("Wer hat das Wehr gebaut?", "de") == ["wehr", "gebaut"]
    assert content_words("谁建造了水坝？", "zh") == [
        "建造",
        "造了",
        "了水",
        "水坝",
    ]  # the word for "who" is part of no pair
    assert stopwords("xx") == frozenset()
    assert stopwords("../de") == frozenset()


def test_a_text_with_more_stop_words_of_another_language_is_foreign() -> None:
    assert is_foreign({"wer", "hat", "das", "wehr", "in"})
    assert not is_foreign({"who", "was", "born", "in"})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("बाँध बना। वह ऊँचा है।", ["बाँध बना।", "वह ऊँचा है।"]),
        ("كم ارتفاعه؟ عشرون مترا.", ["كم ارتفاعه؟", "عشرون مترا."]),
        ("他说：“好。”然后走了。", ["他说：“好。”", "然后走了。"]),
        ("水坝。高度！", ["水坝。", "高度！"]),
    ],
)
def test_sentences_end_as_their_script_ends_them(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == found


def test_pairs_of_letters_count_as_half_a_word() -> None:
    assert word_count("the old weir") == 3
    assert word_count("水坝建于山谷") == 3
