"""A number as a spreadsheet shows it: ECMA-376 part 1, 18.8.31, as far as values can be read back from it.

What is not understood (fractions, digits with text between them) is shown as the plain number.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

_DATE_TOKEN = re.compile(
    r'"([^"]*)"|\\(.)|_.|\*.|\[(h+|m+|s+)\]|\[[^\]]*\]|(AM/PM|A/P)|(y+|m+|d+|h+|s+)|(\.0+)|(.)', re.I | re.S
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)")
_DIGITS = "0#?"
Shown = bool | int | float | datetime | date | time | timedelta | str


def shown(value: Shown, number_format: str) -> str:
    """Return ``value`` of a cell in its ``number_format``."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return plain(value) if number_format == "General" else _number(value, _sections(number_format))
    sections = _sections(number_format)
    return _moment(value, sections[0])


@lru_cache(1_000)
def _sections(number_format: str) -> list[str]:
    parts, current = [], ""
    for match in re.finditer(r'"[^"]*"|\\.|\[[^\]]*\]|;|.', number_format, re.S):
        if match[0] == ";":
            parts.append(current)
            current = ""
        else:
            current += match[0]
    return [*parts, current]


def _number(value: float, sections: list[str]) -> str:
    section, signed = _section(value, sections)
    filled = _filled(abs(value), section)
    if not filled:  # not understood, or a format that hides it
        return plain(value)
    return f"-{filled}" if value < 0 and signed and re.search(r"[1-9]", filled) else filled


def _section(value: float, sections: list[str]) -> tuple[str, bool]:
    """The section for ``value``, and whether it leaves a minus to be written."""
    conditions = [
        _CONDITION.search(bracket) for bracket in (" ".join(re.findall(r"\[([^\]]*)\]", one)) for one in sections)
    ]
    if any(conditions):
        for section, condition in zip(sections, conditions, strict=True):
            if condition is None or _holds(value, condition[1], float(condition[2])):
                return section, True
        return sections[-1], True
    if value < 0 and len(sections) > 1 and sections[1]:
        return sections[1], False
    if value == 0 and len(sections) > 2:
        return sections[2], False
    return sections[0], True


def _holds(value: float, operator: str, limit: float) -> bool:
    match operator:
        case "<":
            return value < limit
        case ">":
            return value > limit
        case "<=":
            return value <= limit
        case ">=":
            return value >= limit
        case "=":
            return value == limit
        case _:
            return value != limit


def _filled(value: float, section: str) -> str | None:
    """``value``, which is not negative, in one section; None when this is not understood."""
    before, pattern, after = "", "", ""
    for match in re.finditer(r'"([^"]*)"|\\(.)|_.|\*.|\[([^\]]*)\]|General|(E[+-]0+)|(.)', section, re.S):
        quoted, escaped, bracket, exponent, other = match.groups()
        literal = quoted if quoted is not None else escaped
        if bracket is not None:
            literal = bracket[1:].partition("-")[0] if bracket.startswith("$") else ""
        elif match[0] == "General":
            literal = plain(value)
        elif exponent is not None:
            pattern += exponent
            continue
        elif other is not None:
            if other in _DIGITS or (other in ".," and (pattern or other == ".")):
                if after.replace("%", ""):
                    return None  # text between digits
                pattern += other
                continue
            if other in "/@":
                return None
            literal = other
        elif literal is None:
            literal = ""  # a blank as wide as a character, or a character that fills the cell
        if pattern:
            after += literal
        else:
            before += literal
    body = _digits(value, pattern, (before + after).count("%")) if pattern else ""
    return None if body is None else f"{before}{body}{after}".strip()


def _digits(value: float, pattern: str, percents: int) -> str | None:
    mantissa, _, exponent = pattern.partition("E")
    whole, _, fraction = mantissa.partition(".")
    scale = len(mantissa) - len(mantissa.rstrip(","))
    whole, fraction = whole.rstrip(",") if not fraction else whole, fraction.rstrip(",")
    if fraction.strip(_DIGITS) or whole.replace(",", "").strip(_DIGITS):
        return None
    most, least = len(fraction), fraction.count("0")
    try:
        number = Decimal(repr(value)) * 100**percents / Decimal(1000) ** scale
    except InvalidOperation:
        return None
    if exponent:
        text, _, power = f"{number:.{most}E}".partition("E")
        digits = exponent[1:]
        sign = "-" if power.startswith("-") else "+" if exponent[0] == "+" else ""
        return f"{text}E{sign}{power.lstrip('+-').zfill(len(digits))}"
    try:
        rounded = number.quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP)
    except InvalidOperation:  # more digits than a float has
        return None
    integer, _, decimals = f"{rounded:f}".partition(".")
    while len(decimals) > least and decimals.endswith("0"):
        decimals = decimals[:-1]
    zeros = whole.replace(",", "").count("0")
    integer = integer.lstrip("0").zfill(zeros) if zeros or integer.strip("0") else ""
    if "," in whole:
        integer = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", integer)
    return f"{integer}.{decimals}" if decimals else integer


def plain(value: float) -> str:
    """Return a number as it is shown without a format: as many digits as fit, none made up."""
    if isinstance(value, int) or (value == int(value) if abs(value) < 1e15 else False):
        return str(int(value))
    return f"{value:.10g}"


def _moment(value: datetime | date | time | timedelta, section: str) -> str:
    if isinstance(value, timedelta):
        return _elapsed(value, section)
    tokens = [match for match in _DATE_TOKEN.finditer(section) if match[0]]
    if not any(match[5] for match in tokens):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    half = any(match[4] for match in tokens)
    parts: list[str] = []
    for index, match in enumerate(tokens):
        quoted, escaped, _, meridiem, letters, fraction, other = match.groups()
        if letters:
            parts.append(_part(value, letters.lower(), half, _is_minutes(tokens, index)))
        elif (meridiem and not isinstance(value, date)) or (meridiem and isinstance(value, datetime)):
            parts.append("AM" if getattr(value, "hour", 0) < 12 else "PM")
        elif fraction:
            parts.append(f".{getattr(value, 'microsecond', 0):06d}"[: len(fraction)])
        else:
            parts.append(quoted or escaped or (other if other and other not in "@" else ""))
    return "".join(parts).strip()


def _is_minutes(tokens: list[re.Match[str]], index: int) -> bool:
    """Whether the letter m means minutes: behind hours or before seconds."""
    before = next((match[5] for match in reversed(tokens[:index]) if match[5]), "") or ""
    after = next((match[5] for match in tokens[index + 1 :] if match[5]), "") or ""
    return before[:1].lower() == "h" or after[:1].lower() == "s"


def _part(value: date | time, letters: str, half: bool, minutes: bool) -> str:
    day = value if isinstance(value, date) else date(1899, 12, 31)
    hour, minute, second = (int(getattr(value, name, 0)) for name in ("hour", "minute", "second"))
    long = len(letters)
    match letters[0]:
        case "y":
            return f"{day.year:04d}" if long > 2 else f"{day.year % 100:02d}"
        case "m" if minutes:
            return f"{minute:0{min(long, 2)}d}"
        case "m":
            return [f"{day.month}", f"{day.month:02d}", day.strftime("%b"), day.strftime("%B"), day.strftime("%b")[:1]][
                min(long, 5) - 1
            ]
        case "d":
            return [f"{day.day}", f"{day.day:02d}", day.strftime("%a"), day.strftime("%A")][min(long, 4) - 1]
        case "h":
            return f"{(hour - 1) % 12 + 1 if half else hour:0{min(long, 2)}d}"
        case _:
            return f"{second:0{min(long, 2)}d}"


def _elapsed(value: timedelta, section: str) -> str:
    seconds = int(value.total_seconds())
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    return f"{sign}{hours}:{minutes:02d}" + (f":{seconds % 60:02d}" if "s" in section.lower() else "")
