"""Scripts: what a text is written in, by the code points of its letters, and how that script writes words.

Ranges are those of the Unicode standard (https://www.unicode.org/Public/UNIDATA/Blocks.txt), its common blocks.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from itertools import pairwise

LATIN, CYRILLIC, ARABIC, DEVANAGARI, HAN, KANA, HANGUL = (
    "Latin",
    "Cyrillic",
    "Arabic",
    "Devanagari",
    "Han",
    "Kana",
    "Hangul",
)
_BLOCKS: tuple[tuple[int, int, str], ...] = (
    (0x0041, 0x024F, LATIN),
    (0x0370, 0x03FF, "Greek"),
    (0x0400, 0x052F, CYRILLIC),
    (0x0530, 0x058F, "Armenian"),
    (0x0590, 0x05FF, "Hebrew"),
    (0x0600, 0x077F, ARABIC),
    (0x08A0, 0x08FF, ARABIC),
    (0x0900, 0x097F, DEVANAGARI),
    (0x0980, 0x09FF, "Bengali"),
    (0x0A00, 0x0A7F, "Gurmukhi"),
    (0x0A80, 0x0AFF, "Gujarati"),
    (0x0B00, 0x0B7F, "Oriya"),
    (0x0B80, 0x0BFF, "Tamil"),
    (0x0C00, 0x0C7F, "Telugu"),
    (0x0C80, 0x0CFF, "Kannada"),
    (0x0D00, 0x0D7F, "Malayalam"),
    (0x0D80, 0x0DFF, "Sinhala"),
    (0x0E00, 0x0E7F, "Thai"),
    (0x0E80, 0x0EFF, "Lao"),
    (0x0F00, 0x0FFF, "Tibetan"),
    (0x1000, 0x109F, "Myanmar"),
    (0x10A0, 0x10FF, "Georgian"),
    (0x1100, 0x11FF, HANGUL),
    (0x1200, 0x137F, "Ethiopic"),
    (0x1780, 0x17FF, "Khmer"),
    (0x1E00, 0x1EFF, LATIN),
    (0x1F00, 0x1FFF, "Greek"),
    (0x3005, 0x3007, HAN),
    (0x3040, 0x30FF, KANA),
    (0x3130, 0x318F, HANGUL),
    (0x31F0, 0x31FF, KANA),
    (0x3400, 0x9FFF, HAN),
    (0xAC00, 0xD7AF, HANGUL),
    (0xF900, 0xFAFF, HAN),
    (0xFB50, 0xFEFC, ARABIC),
    (0x20000, 0x3FFFF, HAN),
)
# Words stand there without blanks between them, or with too few, so that pairs of letters are what is compared.
UNSPACED = frozenset((HAN, KANA, HANGUL, "Thai", "Lao", "Tibetan", "Myanmar", "Khmer"))
# Vowel signs, tone and pointing marks belong to the letter before them, which \w does not know; joiners stand in words, too.
MARKS = (
    "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code))[0] == "M") + "\u200c\u200d"
)


def _class_of(scripts: frozenset[str]) -> str:
    return "".join(f"{chr(first)}-{chr(last)}" for first, last, script in _BLOCKS if script in scripts)


_UNSPACED = re.compile(f"[{_class_of(UNSPACED)}]")
_RUNS = re.compile(f"[{_class_of(UNSPACED)}][{_class_of(UNSPACED)}{MARKS}]*|[^{_class_of(UNSPACED)}]+")
_CLUSTER = re.compile(f"[^{MARKS}][{MARKS}]*")


@lru_cache(4_096)
def script_of(sign: str) -> str:
    """Return the script of a letter; "" for a digit, a mark of punctuation, or a script that is not listed."""
    if not sign.isalpha():
        return ""
    code = ord(sign)
    return next((script for first, last, script in _BLOCKS if first <= code <= last), "")


def script_of_word(word: str) -> str:
    """Return the script of the first letter of ``word``; "" where it has none."""
    return next((script for sign in word if (script := script_of(sign))), "")


def main_script(text: str) -> str:
    """Return the script of most letters of ``text``, one letter of a script whose words have no blanks counted as two, for
    it says as much; "" where there is no letter. Han with some kana is Japanese, so ``KANA``."""
    counts: Counter[str] = Counter()
    for sign, times in Counter(text).items():
        if script := script_of(sign):
            counts[script] += times * (2 if script in UNSPACED else 1)
    japanese = counts[HAN] + counts[KANA]
    if counts[KANA] and counts[KANA] * 10 >= japanese:
        counts[KANA], counts[HAN] = japanese, 0
    return max(counts, key=lambda script: (counts[script], script), default="") if +counts else ""


def is_unspaced(text: str) -> bool:
    """Tell whether ``text`` has letters of a script that writes words without blanks."""
    return not text.isascii() and _UNSPACED.search(text) is not None


def unspaced_runs(text: str) -> list[list[str]]:
    """Return the letters, each with its marks, of each run of ``text`` whose script writes words without blanks."""
    return [_CLUSTER.findall(run) for run in _RUNS.findall(text) if _UNSPACED.match(run)]


def pieces(word: str) -> list[str]:
    """Return what of ``word``, a run of letters and digits, is compared: overlapping pairs of letters, each with its marks,
    where words have no blanks, as Lucene's CJKAnalyzer has them; all else whole.

    >>> pieces("東京都2019")
    ['東京', '京都', '2019']
    """
    found: list[str] = []
    for run in _RUNS.findall(word):
        if not _UNSPACED.match(run):
            found.append(run)
            continue
        letters = _CLUSTER.findall(run)
        found += ["".join(pair) for pair in pairwise(letters)] or letters
    return found
