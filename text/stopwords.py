"""Words that carry no meaning by themselves, by language: files in data/stopwords, one for each, words between blanks.

To add a language, add a file that is called after its code (ISO 639-1). English ones stand
here, for more rests on them.
"""

from __future__ import annotations

import re
from collections.abc import Set
from functools import cache
from pathlib import Path

from text.scripts import is_unspaced

STOPWORDS = frozenset(
    """a about above after again all also am an and any are as at be because been before being below between both but by
    can could did do does doing down during each few for from further had has have having he her here hers him his how
    i if in into is it its itself just me more most my no nor not of off on once only or other our out over own same she
    should so some such than that the their them then there these they this those through to too under until up upon
    us very was we were what when where which while who whom whose why will with would you your
    according given please tell show list find give say says many much""".split()
)
FOLDER = Path(__file__).parents[1] / "data" / "stopwords"


@cache
def stopwords(language: str) -> frozenset[str]:
    """Return the words of ``language`` that carry no meaning, in small letters; none where there is no list."""
    path = FOLDER / f"{language}.txt"
    return frozenset(path.read_text(encoding="utf-8").split()) if language.isalpha() and path.is_file() else frozenset()


def without_phrases(text: str, language: str) -> str:
    """Return ``text`` with a blank for each of these words where a script writes none between words: they would be part of
    the pairs of letters that stand for words there."""
    phrases = _phrases(language)
    return phrases.sub(" ", text) if phrases is not None else text


def is_foreign(words: Set[str]) -> bool:
    """Tell whether more of ``words``, which are in small letters, are such of another language than of English."""
    english = len(words & STOPWORDS)
    return any(len(words & stopwords(path.stem)) > english for path in _files())


@cache
def _files() -> tuple[Path, ...]:
    return tuple(sorted(FOLDER.glob("*.txt")))


@cache
def _phrases(language: str) -> re.Pattern[str] | None:
    own = sorted((word for word in stopwords(language) if is_unspaced(word)), key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, own))) if own else None
