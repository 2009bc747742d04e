"""What a cell says as a value: a number, a date, words."""

from __future__ import annotations

import re
from functools import lru_cache

from text.raised import without_raised
from text.tokens import stem, words
from text.years import HISTORIC_YEAR

NUMBER = re.compile(r"(?<![\w.])\(?[-−+]?\s?(?:\d{1,3}(?:[,\u00a0\u202f]\d{3})+|\d+)(?:\.\d+)?\)?(?!\w)|(?<!\w)\.\d+")
_NOTE = re.compile(r"\[[^\]]{0,12}\]")
_NOTHING = re.compile(r"[-–—−.?\s]*|n/?a|none", re.IGNORECASE)
_CURRENCY = re.compile(r"(?<![^\W_])(?:[A-Z]{1,3})?[$€£¥]\s?(?=\()|(?<=\()\s*[$€£¥]\s?")  # of "$ (50)" and "($50)"
_ASIDE = re.compile(r"(?<=\S)\s*\([^)]*\)")
_ORDINAL = re.compile(r"(?<![\w.,])(\d+)(?:st|nd|rd|th)\b", re.IGNORECASE)
_CLOCK = re.compile(r"^[+−-]?(?:(\d+):)?(\d{1,2}):(\d\d(?:\.\d+)?)$")
_UNIT = re.compile(r"(?<=\d)\s?[^\W\d_]{1,6}[²³]?\b")
_RANGE = re.compile(r"\d\s?[-–—:/]\s?\d")
_DECIMAL_FIRST = re.compile(r"(?<![\w.,])(\d{1,3}(?:\.\d{3})+)(?![\d.,])")
MAX_WORDS = 3  # behind the number of a cell that is still a number: "12 laps behind leader" is
_CODE = re.compile(r"^(?!FY|CY)[^\W\d_]{1,6}[-–−]\d")  # "ST-160" names a thing, whatever its digits
_LEAD = re.compile(r"^[^\d]*[^\W\d_]{4}")  # a word before the number: "Cessna 208" is a name

MONTHS = {
    name: number
    for number, names in enumerate(
        "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sep sept|"
        "october oct|november nov|december dec".split("|"),
        start=1,
    )
    for name in names.split()
}
_MONTH = re.compile(rf"\b({'|'.join(MONTHS)})\b", re.IGNORECASE)
_YEAR = re.compile(rf"(?<![\d.,])({HISTORIC_YEAR})(?![\d,]|\.\d)")
_DAY = re.compile(r"(?<!\d)([0-3]?\d)(?:st|nd|rd|th)?(?!\d)")
_ISO = re.compile(r"^(\d{4})-(\d\d)-(\d\d)\b")
_SLASHED = re.compile(r"^(\d\d?)/(\d\d?)/(\d{4})$")
NUMBER_WORDS = {
    name: number
    for number, name in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty".split()
    )
}
SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9}
Date = tuple[int, int, int]


def spoken_number(word: str) -> float | None:
    """Return the number that a word of a sentence is: 15000 for "15,000", 3 for "three"; None for "3rd" or "b2"."""
    if word in NUMBER_WORDS:
        return float(NUMBER_WORDS[word])
    digits = word.replace(",", "")
    return float(digits) if digits.replace(".", "", 1).isdecimal() else None


def numbers(text: str) -> list[float]:
    """Every number in ``text``: "(1,234.5)" is -1234.5, "12.3 %" is 12.3."""
    found = []
    for match in NUMBER.finditer(without_raised(text)):
        raw = match.group()
        negative = (raw.startswith("(") and raw.endswith(")")) or re.match(r"\(?[-−]", raw) is not None
        digits = re.sub(r"[^\d.]", "", raw)
        if digits.strip("."):
            found.append(-float(digits) if negative else float(digits))
    return found


def plain(cell: str) -> str:
    """The cell without footnote marks, on one line; "" where a dash or the like stands for nothing."""
    text = " ".join(without_raised(_NOTE.sub("", cell)).split())
    return "" if _NOTHING.fullmatch(text) else text


@lru_cache(maxsize=100_000)
def number_of(cell: str) -> float | None:
    """The one number that the cell is: 1112 for "1,112 points", 2 for "2nd", 311.58 for "5:11.58"; None for
    "2-1", for a code, for a date, for a sentence that holds a number."""
    text = _CURRENCY.sub("", plain(cell))
    if _CODE.match(text):
        return None
    text = _ASIDE.sub("", text).strip()
    clock = _CLOCK.match(text)
    if clock:
        hours, minutes, seconds = clock.groups()
        return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)
    if _RANGE.search(text) or _MONTH.search(text):
        return None
    text = _DECIMAL_FIRST.sub(lambda match: match[1].replace(".", "") if match[1].count(".") > 1 else match[1], text)
    text = _UNIT.sub("", _ORDINAL.sub(r"\1", text))
    found = numbers(text)
    rest = re.findall(r"[^\W\d_]+", text)
    return found[0] if len(found) == 1 and len(rest) <= MAX_WORDS and not _LEAD.match(text) else None


@lru_cache(maxsize=100_000)
def date_of(cell: str) -> Date | None:
    """(year, month, day) of a date, 0 for what it leaves out: (1998, 0, 0) for "1998-99", (0, 5, 4) for "4 May"."""
    text = _ASIDE.sub("", plain(cell))
    if _CODE.match(text) and not _MONTH.match(text):  # "Jan-05" is one
        return None
    if found := _ISO.match(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _SLASHED.match(text):
        return int(found[3]), int(found[1]), int(found[2])
    month, year = _MONTH.search(text), _YEAR.search(text)
    if month:
        days = _DAY.findall(_YEAR.sub(" ", text))
        return int(year[1]) if year else 0, MONTHS[month[1].lower()], int(days[0]) if days else 0
    if year and len(words(text)) <= 3 and len(re.findall(r"[^\W\d_]+", text)) <= 1:
        return int(year[1]), 0, 0
    return None


IRREGULAR = {
    form: base
    for base, forms in {
        "win": "won",
        "lose": "lost",
        "begin": "began begun",
        "build": "built",
        "draw": "drew drawn",
        "drive": "drove driven",
        "run": "ran",
        "lead": "led",
        "make": "made",
        "hold": "held",
        "write": "wrote written",
        "sing": "sang sung",
        "ride": "rode ridden",
        "sell": "sold",
        "leave": "left",
        "die": "died death dead",
        "person": "people",
        "come": "came",
        "go": "went gone",
        "get": "got",
        "give": "gave given",
        "take": "took taken",
        "beat": "beaten",
        "fight": "fought",
        "become": "became",
        "speak": "spoke spoken",
        "choose": "chose chosen",
    }.items()
    for form in forms.split()
}


@lru_cache(maxsize=100_000)
def family(word: str) -> str:
    """What words of one family share: "win" of win, wins, won, winner, winning; "driv" of drive, driver, drove."""
    found = stem(IRREGULAR.get(word, word))
    for ending in ("er", "or", "e"):
        if found.endswith(ending) and len(found) - len(ending) >= 3:
            found = found.removesuffix(ending)
            break
    return found[:-1] if len(found) > 3 and found[-1] == found[-2] else found


@lru_cache(maxsize=100_000)
def tokens(text: str) -> tuple[str, ...]:
    """Return the words of a text as families; numbers without their commas."""
    return tuple(word.replace(",", "") if word[0].isdigit() else family(word) for word in words(plain(text)))
