"""Glossaries: what the general one says, what a user's adds, and what is wrong with a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import Settings
from errors import SettingsError
from text.glossary import Section, load_glossary
from text.values import family

MINE = """
[[names]]
forms = ["bordeaux", "bordelais"]
codes = ["bdx"]
[[units]]
measures = "length"
units = [["furlong", "furlongs"], ["m"]]
[[abbreviations]]
short = "hq"
long = "head office"
[[sections]]
heading = "balance sheet"
titles = ["Statement of financial position"]
terms = ["total assets", "equity"]
"""


def test_the_general_glossary() -> None:
    general = load_glossary()
    assert general.forms("Swedish") == ("sweden", "swedish", "swede")
    assert general.forms("Boat") == ()
    assert general.is_form(family("italian"), family("ita"))
    assert general.is_form(family("italy"), family("italian"))
    assert not general.is_form("can", family("canada"))  # a word of the question is no code
    assert general.tokens("People in the USA") == ("person", "in", "the", "unit", "stat")
    assert general.spelled_out("Who is from the U.S.?") == "who is from the united states"


@pytest.mark.parametrize(
    ("asked", "stated", "other"),
    [
        ("10 GWh", ["Output (MWh)"], True),
        ("10 MWh", ["Output (MWh)"], False),
        ("10 kg", ["Output (MWh)"], False),  # another measure says nothing
        ("$ 5", ["Costs", "in euros"], True),
        ("5", ["Costs", "in euros"], False),
    ],
)
def test_units(asked: str, stated: list[str], other: bool) -> None:
    assert load_glossary().is_other_unit(asked, stated) is other


def test_a_file_adds_to_the_general_glossary(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINE, encoding="utf-8")
    settings = Settings.from_env({"GLOSSARY": str(path)})
    assert settings.glossary == (str(path),)
    mine = load_glossary(settings.glossary)
    assert mine.forms("bordelais") == ("bordeaux", "bordelais")
    assert mine.forms("swede") == load_glossary().forms("swede")
    assert mine.is_other_unit("5 furlongs", ["Distance (m)"])
    assert mine.tokens("hq") == mine.tokens("head office")
    assert mine.sections == (
        *load_glossary().sections,
        Section(heading="balance sheet", titles=("Statement of financial position",), terms=("total assets", "equity")),
    )
    assert load_glossary(settings.glossary) is mine  # read once


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[names", "cannot be read"),
        ("[[nations]]\nforms = ['a']", "'nations' is no part of a glossary"),
        ("names = 3", "names holds no entries"),
        ("[[names]]\nforms = ['a']\n[[names]]\nforms = 'b'", r"\[\[names\]\] number 2: forms must be a list of texts"),
        ("[[names]]\ncodes = ['a']", "forms must be a list of texts"),
        ("[[names]]\nforms = ['a']\nform = 'b'", "may have these fields alone: forms, codes"),
        ("[[units]]\nmeasures = 'x'\nunits = ['m']", "units must be a list of lists of texts"),
        ("[[abbreviations]]\nshort = ''\nlong = 'b'", "short must be a text"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=said):
        load_glossary((str(path),))


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(SettingsError, match=r"none\.toml cannot be read"):
        load_glossary(("none.toml",))
