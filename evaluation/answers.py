"""Answers against gold answers.

- Exact match and token F1 with SQuAD's normalisation (Rajpurkar et al. 2016, https://arxiv.org/abs/1606.05250): lower
  case, without punctuation and articles.
- Numbers with unit and scale: "5,079 million" equals "$5.079 billion"; charts allow 5 % off, as ChartQA does (Masry et
  al. 2022, https://arxiv.org/abs/2203.10244).
- WikiTableQuestions' denotation: the same set of values, numbers and dates by value (Pasupat and Liang 2015,
  https://arxiv.org/abs/1508.00305).

A prediction is a sentence more often than a bare value, so besides the strict measures there is whether the gold answer
stands in it (``contains``).
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

SCALE_WORDS = {
    "hundred": 1e2,
    "thousand": 1e3,
    "thousands": 1e3,
    "million": 1e6,
    "millions": 1e6,
    "billion": 1e9,
    "billions": 1e9,
    "trillion": 1e12,
    "trillions": 1e12,
}
SCALE_LETTERS = {"k": 1e3, "m": 1e6, "mm": 1e6, "mn": 1e6, "b": 1e9, "bn": 1e9, "tn": 1e12}  # only right after a number
SCALES = SCALE_WORDS | SCALE_LETTERS
CHART_TOLERANCE = 0.05
_PARTED = frozenset(("LATIN", "GREEK", "CYRILLIC"))  # scripts that part words, and join nothing to them without a mark
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_DETAILS = re.compile(r"(?<!^)(?:\s*\[[^\]]*\]|\s+\([^)]*\)|[•♦†‡*#+])+$")
_PUNCTUATION = str.maketrans("", "", string.punctuation + "“”‘’–—")
_NUMBER = re.compile(
    r"(?P<open>\()?\s?(?:(?<!\w)(?P<sign>[-−])\s?)?(?:US\$|[$€£¥])?\s?(?P<minus>[-−](?<![\w][-−]))?(?<![\w.])"
    r"(?P<digits>\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?P<close>\))?(?P<percent>\s?(?:%|percent\b|per cent\b))?"
    rf"(?P<scale>\s?(?:{'|'.join(SCALE_WORDS)})\b|(?:{'|'.join(SCALE_LETTERS)})\b)?",
    re.IGNORECASE,
)
_DATES = ("%B %d, %Y", "%d %B %Y", "%b %d, %Y", "%d %b %Y", "%Y-%m-%d", "%B %d %Y")


@dataclass(frozen=True)
class Quantity:
    """A number as it was stated: ``mantissa`` 5.079, ``scale`` 1e9 for "5.079 billion"; no scale stated is 1."""

    mantissa: float
    scale: float = 1.0
    percent: bool = False
    decimals: int = 0

    @property
    def value(self) -> float:
        """The number itself; a percentage stays as written (12.3 for "12.3 %")."""
        return self.mantissa * self.scale


def normalise(text: str) -> str:
    """Normalise as SQuAD does: lower case, no punctuation, no articles, single blanks."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(prediction: str, answers: Iterable[str]) -> float:
    """Return 1.0 when the prediction is one of the answers after normalisation."""
    return float(any(normalise(prediction) == normalise(answer) for answer in answers))


def token_f1(prediction: str, answers: Iterable[str]) -> float:
    """Return the best F1 over tokens between the prediction and an answer."""
    return max((_f1(normalise(prediction).split(), normalise(answer).split()) for answer in answers), default=0.0)


def _f1(predicted: Sequence[str], gold: Sequence[str]) -> float:
    if not predicted or not gold:
        return float(predicted == gold)
    same = sum((Counter(predicted) & Counter(gold)).values())
    return 2 * same / (len(predicted) + len(gold))


def contains(text: str, answers: Iterable[str]) -> float:
    """Return 1.0 when an answer stands in ``text`` as whole words after normalisation, or, being a number, by its value."""
    padded = f" {normalise(text)} "
    for answer in answers:
        if (words := normalise(answer)) and f" {words} " in padded:
            return 1.0
    return numeric_match(text, answers)


def holds_answer(text: str, answers: Iterable[str]) -> bool:
    """Tell whether an answer stands in ``text``: as ``contains`` has it, or letters and digits alone compared, for blanks and
    hyphens differ from one reader of a page to the next; no word or number of ``text`` is cut for it."""
    wanted = list(answers)
    letters, inside = _letters(text)
    return any(_stands(_letters(one)[0], letters, inside) for one in wanted) or contains(text, wanted) > 0


def _stands(wanted: str, letters: str, inside: Sequence[bool]) -> bool:
    at = letters.find(wanted) if wanted else -1
    while at >= 0:
        if not inside[at] and not inside[at + len(wanted)]:
            return True
        at = letters.find(wanted, at + 1)
    return False


def _letters(text: str) -> tuple[str, list[bool]]:
    """The letters and digits of ``text`` in lower case; and before each, and at the end, whether a word or number goes on."""
    found: list[str] = []
    inside: list[bool] = []
    before, last = -1, ""
    text = text.lower()
    for at, sign in enumerate(text):
        if sign.isalnum():
            inside.append(bool(last) and _goes_on(last, sign, text[before + 1 : at]))
            found.append(sign)
            before, last = at, sign
    return "".join(found), [*inside, False]


def _goes_on(last: str, sign: str, between: str) -> bool:
    if last.isdigit() and sign.isdigit():
        return between in ("", ",", ".")
    return not between and _script(last) == _script(sign) in _PARTED


@lru_cache(1_000)
def _script(sign: str) -> str:
    return unicodedata.name(sign, "").partition(" ")[0] if sign.isalpha() else ""


def quantities(text: str) -> Iterator[Quantity]:
    """Return every number in ``text``; "(1,234)" is negative, as accountants write it."""
    for match in _NUMBER.finditer(text):
        digits = match["digits"]
        negative = bool((match["open"] and match["close"]) or match["sign"] or match["minus"])
        mantissa = float(re.sub(r"[^\d.]", "", digits))
        yield Quantity(
            mantissa=-mantissa if negative else mantissa,
            scale=SCALES[match["scale"].strip().lower()] if match["scale"] else 1.0,
            percent=bool(match["percent"]),
            decimals=len(digits.partition(".")[2]),
        )


def without_numbers(text: str, instead: str = " ") -> str:
    """Return ``text`` with ``instead`` for each number, its unit and scale."""
    return _NUMBER.sub(instead, text)


def numeric_match(prediction: str, answers: Iterable[str], tolerance: float = 0.0) -> float:
    """Return 1.0 when an answer is a number (with unit and scale) and the prediction states it.

    The coarser of the two decides how exactly they must agree: 5.08 billion is 5,079 million, but 12 is not 12.4,
    because a whole number without a scale is exact. With ``tolerance`` that part of the answer more or less is right
    too. A percentage may be written as a fraction or without its sign, and where only one side states a scale the bare
    numbers may agree: tables state theirs in the heading.
    """
    predicted = list(quantities(prediction))
    for answer in answers:
        gold = list(quantities(answer))
        if len(gold) == 1 and _is_number(answer) and any(same_quantity(one, gold[0], tolerance) for one in predicted):
            return 1.0
    return 0.0


def _is_number(answer: str) -> bool:
    """Whether the answer is one quantity with at most a few words of unit around it."""
    return len(re.findall(r"[^\W\d_]{2,}", without_numbers(answer))) <= 2


def same_quantity(predicted: Quantity, gold: Quantity, tolerance: float = 0.0) -> bool:
    """Tell whether two quantities agree as ``numeric_match`` has it."""
    pairs = [(predicted, gold)]
    if predicted.percent != gold.percent:
        pairs = [(one, other) for one in _without_sign(predicted) for other in _without_sign(gold)]
    if (predicted.scale == 1.0) != (gold.scale == 1.0):
        pairs.append((replace(predicted, scale=1.0), replace(gold, scale=1.0)))
    return any(_agree(one, other, tolerance) for one, other in pairs)


def _without_sign(quantity: Quantity) -> list[Quantity]:
    """12.3 % as 12.3 and as 0.123."""
    if not quantity.percent:
        return [quantity]
    fraction = replace(quantity, mantissa=quantity.mantissa / 100, decimals=quantity.decimals + 2)
    return [quantity, fraction]


def _agree(predicted: Quantity, gold: Quantity, tolerance: float) -> bool:
    difference = abs(predicted.value - gold.value)
    if difference <= max(tolerance, 1e-9) * abs(gold.value):
        return True
    step = max(one.scale * 10.0**-one.decimals for one in (predicted, gold))
    return step != 1.0 and difference <= step / 2 * (1 + 1e-9)


def relaxed_match(prediction: str, answers: Iterable[str]) -> float:
    """Return ChartQA's relaxed accuracy: numbers within 5 %, words exactly."""
    answers = tuple(answers)
    return max(exact_match(prediction, answers), numeric_match(prediction, answers, CHART_TOLERANCE))


def denotation_match(predicted: Sequence[str], gold: Sequence[str]) -> float:
    """Return 1.0 when both are the same set of values; numbers and dates are compared by value. As in
    WikiTableQuestions' own evaluator, what follows a value in brackets, footnote marks and accents make no difference.

    ``gold`` may hold WikiTableQuestions' canonical values ("1995-01-26", "2004.0") or the text of cells.
    """
    left, right = _values(predicted), _values(gold)
    return float(bool(right) and left == right)


def _values(texts: Iterable[str]) -> frozenset[str | float | date]:
    return frozenset(_value(text) for text in texts if text.strip())


def _value(text: str) -> str | float | date:
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Mn")
    stated = _DETAILS.sub("", plain.strip()).strip('"“”').rstrip(".").strip()
    found = list(quantities(stated))
    if len(found) == 1 and not re.search(r"[^\W\d_]", without_numbers(stated)):
        return round(found[0].value, 6)
    for pattern in _DATES:
        try:
            return datetime.strptime(stated, pattern).date()
        except ValueError:
            continue
    return normalise(stated)


Match = Callable[[str, Sequence[str]], float]
ANSWER_METRICS: dict[str, Match] = {
    "exact": exact_match,
    "f1": token_f1,
    "contains": contains,
    "numeric": numeric_match,
    "relaxed": relaxed_match,
}
