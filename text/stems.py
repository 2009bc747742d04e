"""Stems: what forms of one word have in common, for each language that the Snowball project has a stemmer for.

A word of another script than Latin tells by its script which stemmer is its own; the language of a text decides for Latin
words, and between languages that share another script.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache

import snowballstemmer

from text.scripts import ARABIC, CYRILLIC, DEVANAGARI, LATIN, script_of_word

ENGLISH = "en"
# Languages (ISO 639-1) with a stemmer, by script; the first is taken where the language of a text is another or unknown.
STEMMERS: dict[str, dict[str, str]] = {
    LATIN: {
        "en": "english",
        "ca": "catalan",
        "cs": "czech",
        "da": "danish",
        "de": "german",
        "eo": "esperanto",
        "es": "spanish",
        "et": "estonian",
        "eu": "basque",
        "fi": "finnish",
        "fr": "french",
        "ga": "irish",
        "hu": "hungarian",
        "id": "indonesian",
        "it": "italian",
        "lt": "lithuanian",
        "nl": "dutch",
        "nn": "norwegian",
        "no": "norwegian",
        "pl": "polish",
        "pt": "portuguese",
        "ro": "romanian",
        "st": "sesotho",
        "sv": "swedish",
        "tr": "turkish",
    },
    CYRILLIC: {"ru": "russian", "sr": "serbian"},
    ARABIC: {"ar": "arabic", "fa": "persian"},
    DEVANAGARI: {"hi": "hindi", "ne": "nepali"},
    "Greek": {"el": "greek"},
    "Armenian": {"hy": "armenian"},
    "Tamil": {"ta": "tamil"},
}
# The forms of a letter that people write for one another, as Lucene's ArabicNormalizer, PersianNormalizer and
# HindiNormalizer fold them (https://lucene.apache.org/core/10_0_0/analysis/common/): hamza and madda off the alef, final yeh
# and heh as they are mostly typed, Persian letters as the Arabic ones, long vowels short, all nasal signs alike.
_FOLDED = str.maketrans(
    {
        **dict.fromkeys("آأإٱ", "ا"),
        **dict.fromkeys("ىیےۍ", "ي"),
        **dict.fromkeys("کڪ", "ك"),
        **dict.fromkeys("ةەۀہ", "ه"),
        "\u0640": None,  # tatweel, which only stretches
        **dict.fromkeys((chr(code) for code in (*range(0x064B, 0x0660), 0x0670)), None),  # vowel marks
        "\u200c": None,
        "\u200d": None,
        "\u093c": None,  # nukta
        "\u0901": "\u0902",
        "\u0945": "\u0947",
        "\u0946": "\u0947",
        "\u0949": "\u094b",
        "\u094a": "\u094b",
        "\u0940": "\u093f",
        "\u0942": "\u0941",
        "\u0944": "\u0943",
        "\u0908": "\u0907",
        "\u090a": "\u0909",
        "ё": "е",
        "ς": "σ",
    }
)
_NUMBER = re.compile(r"[\d.,]+", re.ASCII)
_LOCAL = threading.local()  # a stemmer keeps the word at hand in itself, so that each thread needs its own


@lru_cache(200_000)  # words come again and again
def stem(word: str, language: str = ENGLISH) -> str:
    """Return the stem of ``word``, in small letters, as a text in ``language`` (ISO 639-1) means it; the word itself, its
    letters folded, where there is no stemmer."""
    if word.isascii():
        if word[:1].isdigit() and _NUMBER.fullmatch(word):
            return word  # as every stemmer has it; numbers are many, and few of them come again
        return _stemmed(word, _algorithm(LATIN, language))
    script = script_of_word(word)
    if script == LATIN:
        return _stemmed(word, _algorithm(LATIN, language))
    return folded(_stemmed(folded(word), _algorithm(script, language)))


def stems_in(word: str, languages: frozenset[str]) -> tuple[str, ...]:
    """Return the different stems that ``word`` has in texts of ``languages``."""
    script = script_of_word(word) or LATIN
    own = [one for one in sorted(languages) if one in STEMMERS.get(script, {})] or [""]
    return tuple(dict.fromkeys(stem(word, one) for one in own))


def folded(word: str) -> str:
    """Return ``word`` with the forms of a letter that stand for one another as one, and its digits as Western ones."""
    plain = word.replace("\u0928\u094d", "\u0902").translate(
        _FOLDED
    )  # a Hindi n before a consonant is a nasal sign, too
    if plain.isascii() or not any(map(str.isdecimal, plain)):
        return plain
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in plain)


def _algorithm(script: str, language: str) -> str:
    known = STEMMERS.get(script, {})
    return known.get(language) or next(iter(known.values()), "")


def _stemmed(word: str, algorithm: str) -> str:
    if not algorithm:
        return word
    stemmers = _LOCAL.__dict__.setdefault("stemmers", {})
    if algorithm not in stemmers:
        stemmers[algorithm] = snowballstemmer.stemmer(algorithm)
    return str(stemmers[algorithm].stemWord(word))
