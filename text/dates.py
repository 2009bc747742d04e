"""Dates as files state them, written as ISO 8601 says, as far as they are known: "2024", "2024-03", "2024-03-01"."""

from __future__ import annotations

import re
from datetime import date
from email.utils import parsedate_to_datetime

_PDF = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?")
_ISO = re.compile(r"(\d{4})(?:-(\d\d?)(?:-(\d\d?))?)?(?:[T ].*)?")
_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[-_.]?(0[1-9]|1[0-2])(?:[-_.]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)")


def iso_date(text: str) -> str:
    """Return the date in ``text``, as PDF, ISO 8601 or a mail's header writes it; "" where it is none.

    >>> iso_date("D:20240301120000Z"), iso_date("2024-3"), iso_date("Fri, 01 Mar 2024 10:00:00 +0100")
    ('2024-03-01', '2024-03', '2024-03-01')
    """
    said = text.strip()
    if (found := _PDF.match(said) or _ISO.fullmatch(said)) is not None:
        return _written(found.groups())
    try:
        return parsedate_to_datetime(said).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def date_in_name(name: str) -> str:
    """Return the last date in the name of a file or document, "" where there is none.

    >>> date_in_name("Minutes_2024-03-01"), date_in_name("travel policy 2023"), date_in_name("form 12024")
    ('2024-03-01', '2023', '')
    """
    return _written(found[-1].groups()) if (found := list(_IN_NAME.finditer(name))) else ""


def _written(parts: tuple[str | None, ...]) -> str:
    numbers = [int(part) for part in parts if part]
    try:
        date(*[*numbers, 1, 1][:3])
    except (ValueError, TypeError):
        return ""
    return "-".join(f"{number:02d}" if at else f"{number:04d}" for at, number in enumerate(numbers))
