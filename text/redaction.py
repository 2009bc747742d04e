"""What must not be shown of messages that others wrote: keys, tokens and passwords.

A server may repeat the key it was sent in what it answers, and a library the headers it sent. Known values are taken off
wherever they stand; unknown ones by how keys look, or by what stands before them.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable

HIDDEN = "[hidden]"
LEAST = 6  # characters of a known value; a shorter one is a placeholder such as "none", and stands in ordinary words

_KEY_SHAPES = re.compile(
    r"""
    \b(?:sk|pk|rk|gsk|xai|hf|nvapi|pplx|fw|tgp|r8|ghp|gho|glpat|lsv2|lsm)[-_][A-Za-z0-9][A-Za-z0-9_\-*.]{7,}
    | \bAIza[\w-]{20,}
    | \b(?:AKIA|ASIA)[A-Z0-9]{12,}
    | \beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?            # a JSON Web Token
    """,
    re.VERBOSE,
)
_SCHEME = re.compile(r"\b(bearer|basic)(\s+)(?=\S*[\d=_\-.+/])[\w.~+/=\-*]{6,}", re.IGNORECASE)
_NAMED = re.compile(
    r"""
    ((?:\b|_)(?:api[-_ ]?key|x-goog-api-key|access[-_]?key(?:[-_]id)?|auth[-_]?token|access[-_]?token|api[-_ ]?token
       |client[-_]?secret|secret|password|authorization)
     (?:\s(?:provided|given|used))?["']?\s*[:=]\s*(?:b?["'])?)
    (?!\[hidden\])(?!(?:bearer|basic)\b)([^\s"',;&}\])]{6,})
    """,
    re.VERBOSE | re.IGNORECASE,
)
_IN_ADDRESS = re.compile(r"(\w+://)[^\s/@:]+(?::[^\s/@]*)?@")
_IN_QUERY = re.compile(r"([?&](?:key|api_key|token|sig|signature|code)=)[^\s&\"']+", re.IGNORECASE)


def redacted(text: str, known: Iterable[str] = ()) -> str:
    """Return ``text`` without the values in ``known``, and without what looks like a key, token or password.

    >>> redacted("Incorrect API key provided: sk-abc12345678. Authorization: Bearer abc.def-123456")
    'Incorrect API key provided: [hidden]. Authorization: Bearer [hidden]'
    """
    for value in sorted({one for one in known if len(one) >= LEAST}, key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    text = _KEY_SHAPES.sub(lambda found: HIDDEN + "." * found[0].endswith("."), text)
    text = _SCHEME.sub(rf"\1\2{HIDDEN}", text)
    text = _NAMED.sub(rf"\1{HIDDEN}", text)
    text = _IN_ADDRESS.sub(rf"\1{HIDDEN}@", text)
    return _IN_QUERY.sub(rf"\1{HIDDEN}", text)


def redact_logs(known: Callable[[], Iterable[str]]) -> None:
    """Redact all that is logged in this process from now on, tracebacks too. For entry points.

    Args:
        known: returns the values that are never to be shown, asked at every record.
    """
    make = logging.getLogRecordFactory()
    if getattr(make, "redacts", False):
        return
    formatter = logging.Formatter()

    def redacting(*args: object, **kwargs: object) -> logging.LogRecord:
        record, values = make(*args, **kwargs), list(known())
        if isinstance(record.args, tuple):  # one by one, for some formatters look at them: uvicorn's of requests
            record.args = tuple(_redacted_value(one, values) for one in record.args)
        message = record.getMessage()
        if (shown := redacted(message, values)) != message:
            record.msg, record.args = shown, None
        if record.exc_info:
            record.exc_text = redacted(formatter.formatException(record.exc_info), values)
        return record

    redacting.redacts = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(redacting)


def _redacted_value(value: object, known: Iterable[str]) -> object:
    text = str(value)
    return value if (shown := redacted(text, known)) == text else shown
