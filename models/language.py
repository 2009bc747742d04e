"""The language of a text: by its script where that has one language, else by py3langid, which carries its model.

py3langid (4.5 MB, BSD; Lui and Baldwin 2012, "langid.py: An Off-the-shelf Language Identification Tool",
https://aclanthology.org/P12-3005/) is asked only between the languages of a script. Text is taken for English, or the first
language of its script, until the model is sure that it is another: names, tables and codes look like any language.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from text.scripts import ARABIC, CYRILLIC, DEVANAGARI, HAN, HANGUL, KANA, LATIN, main_script

# Languages (ISO 639-1) of each script. The first is taken until the model is sure of another; of those that are alone the
# model is not asked.
LANGUAGES: dict[str, tuple[str, ...]] = {
    LATIN: tuple(
        """en de fr es it pt nl pl sv da no nn fi cs sk hu ro tr ca id ms vi hr sl lt lv et eu gl ga is sq sw af tl cy
        mt az uz""".split()
    ),
    CYRILLIC: tuple("ru uk bg sr mk be kk ky mn".split()),
    ARABIC: tuple("ar fa ur ps".split()),
    DEVANAGARI: tuple("hi mr ne".split()),
    HAN: ("zh",),
    KANA: ("ja",),
    HANGUL: ("ko",),
    "Greek": ("el",),
    "Armenian": ("hy",),
    "Hebrew": ("he",),
    "Bengali": ("bn",),
    "Gurmukhi": ("pa",),
    "Gujarati": ("gu",),
    "Oriya": ("or",),
    "Tamil": ("ta",),
    "Telugu": ("te",),
    "Kannada": ("kn",),
    "Malayalam": ("ml",),
    "Sinhala": ("si",),
    "Thai": ("th",),
    "Lao": ("lo",),
    "Tibetan": ("bo",),
    "Myanmar": ("my",),
    "Georgian": ("ka",),
    "Ethiopic": ("am",),
    "Khmer": ("km",),
}
MIN_LETTERS = 12  # of a text that is no mere name
SURE = 0.9  # share of likelihood, among the languages of its script, from which on a text is in another than the first
READ = 2_000  # characters of a text that are looked at


@lru_cache(4_096)
def language_of(text: str, otherwise: str = "") -> str:
    """Return the language of ``text`` (ISO 639-1); "" where it has no letters of a script that we know.

    Args:
        text: of which the first ``READ`` characters are looked at.
        otherwise: the language that is taken until the model is sure of another, where it is of the text's script; by default
            the first of that script.
    """
    text = text[:READ]
    languages = LANGUAGES.get(main_script(text), ())
    if len(languages) < 2:
        return languages[0] if languages else ""
    likely = otherwise if otherwise in languages else languages[0]
    if sum(map(str.isalpha, text)) < MIN_LETTERS:
        return likely
    shares = {language: share for language, share in _model().rank(text) if language in languages}
    best = max(shares, key=lambda language: shares[language], default=likely)
    return best if shares.get(best, 0.0) >= SURE * sum(shares.values()) else likely


@cache
def _model() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
