"""Words that OCR tore apart."""

from __future__ import annotations

import pytest

from models.rejoin import rejoined, vocabulary


@pytest.mark.parametrize(
    ("torn", "whole"),
    [
        ("Numbe r of ind ividua ls", "Number of individuals"),
        ("Revenue in m illion euros", "Revenue in million euros"),
        ("National debt as perc ent of G DP", "National debt as percent of G DP"),  # "gdp" is too short to be sure
        ("pe rsons, in th ousands.", "persons, in thousands."),
        ("a cross the river", "a cross the river"),  # each is a word
        ("can not be cause", "can not be cause"),
        ("5 m illion", "5 million"),
        ("Vo lkswagen 197", "Volkswagen 197"),
        ("", ""),
    ],
)
def test_torn_words_are_made_whole_and_others_left(torn: str, whole: str) -> None:
    assert rejoined(torn, vocabulary()) == whole


def test_the_vocabulary_is_of_whole_words() -> None:
    assert {"million", "revenue", "kilometers"} <= vocabulary()
    assert not {"##ing", "[CLS]", "1990"} & vocabulary()
