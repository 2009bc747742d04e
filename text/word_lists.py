"""Words that rules read, by language: files in data/words, one for each, lists of words by their names.

To teach the rules another language, add a file that is called after its code (ISO 639-1) with the lists of ``en.toml``; a
list that it lacks is empty there. Rules read the words of all languages together.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from errors import SettingsError

FOLDER = Path(__file__).parents[1] / "data" / "words"


@cache
def word_list(name: str, folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the words of the list ``name`` in all languages of ``folder``, in small letters.

    Raises:
        SettingsError: a file cannot be read, a list is no text, or no language has one of that name.
    """
    lists = {path: _lists(path) for path in sorted(folder.glob("*.toml"))}
    found = [(path, own[name]) for path, own in lists.items() if name in own]
    if not found:
        raise SettingsError(f"No file in {folder} has the word list {name!r}. Bring its en.toml back.")
    for path, words in found:
        if not isinstance(words, str):
            raise SettingsError(f"{path}: {name} must be a text of words between blanks.")
    return tuple(dict.fromkeys(word.replace("_", " ") for _, words in found for word in str(words).lower().split()))


@cache
def word_set(name: str) -> frozenset[str]:
    """Return the words of the list ``name`` in all languages, in small letters."""
    return frozenset(word_list(name))


def one_of(name: str, folder: Path = FOLDER) -> str:
    """Return a regular expression, in a group that is not numbered, for any word of the list ``name``, the longest first.

    >>> one_of("of_the")
    '(?:the|of)'
    """
    words = sorted(word_list(name, folder), key=lambda word: (-len(word), word))
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", r"\s+").replace(r"\*", r"\w*") for word in words) + ")"


@cache
def _lists(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"The word lists {path} cannot be read ({error}). Mend the file, or take it away."
        ) from error
