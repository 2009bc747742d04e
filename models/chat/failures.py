"""What a provider's error means: whether another try helps, and what the user can do.

Every provider raises its own kinds. What they have in common is LangChain's tree of model errors, where a package uses it,
and the HTTP status.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from langchain_core.exceptions import ContextOverflowError
from langchain_core.exceptions import ModelError as ProviderError

from errors import ContextWindowError, ModelError, RequestRefusedError
from text.redaction import redacted

TRANSIENT = {408, 429, 500, 502, 503, 504, 529}  # HTTP statuses after which the same request may succeed
FIRST_WAIT = 0.5  # seconds before the first retry; doubled with each
LONGEST_WAIT = 20.0
SHOWN = 400  # characters of what a provider says
_OVERFLOW = re.compile(
    r"context[ _-]?(?:length|size|window)|(?:prompt|input) is too long|too many (?:input )?tokens|"
    r"maximum (?:number of )?(?:input )?tokens",
    re.IGNORECASE,
)
_TOOLS = re.compile(r"\b(?:tools?|tool[_ ](?:use|choice|calls?)|response_format|json_schema|jinja)\b", re.IGNORECASE)
_CLIENT = (ValueError, TypeError, LookupError, AttributeError, NotImplementedError)  # raised by a provider's package
_SPENT = ("insufficient_quota", "billing")  # a 429 that no waiting ends


@dataclass(frozen=True, kw_only=True)
class Source:
    """Which model an error is about, for the message."""

    label: str  # as the settings name it
    provider: str = ""
    address: str = ""  # of its server, where that is set
    key: str = ""  # the variable that holds its key
    in_process: bool = False  # whether llama.cpp runs it here


def status_of(error: BaseException) -> int | None:
    """Return the HTTP status that ``error`` or what caused it reports."""
    for one in _causes(error):
        for holder in (one, getattr(one, "response", None)):
            for name in ("status_code", "code", "http_status"):
                value = getattr(holder, name, None)
                if isinstance(value, int) and 100 <= value < 600:
                    return value
    return None


def is_transient(error: BaseException) -> bool:
    """Return whether the same request may succeed a little later; a server that is not there is not waited for."""
    if (
        any(word in str(error) for word in _SPENT)
        or _is_about_tools(error)
        or _is_unreachable(error)
        or _timed_out(error)
    ):
        return False
    status = status_of(error)
    if status is not None:
        return status in TRANSIENT
    return bool(isinstance(error, ProviderError) and error.is_retryable) or _broke_off(error)


def is_overflow(error: BaseException) -> bool:
    """Return whether a server, or the guard before it, says that what it was given does not fit into its context window."""
    return isinstance(error, ContextOverflowError | ContextWindowError) or (
        status_of(error) in (None, 400, 413, 422) and _OVERFLOW.search(str(error)) is not None
    )


def seconds_to_wait(error: BaseException, retry: int) -> float:
    """Return how long to wait before retry number ``retry``, from 1: what the server asks for, else exponentially longer
    with jitter (Brooker, "Exponential Backoff and Jitter", 2015)."""
    for one in _causes(error):
        headers = getattr(getattr(one, "response", None), "headers", None) or {}
        try:
            return min(float(headers["retry-after"]), LONGEST_WAIT)
        except (KeyError, ValueError, TypeError):
            continue
    return min(FIRST_WAIT * 2.0 ** (retry - 1), LONGEST_WAIT) * random.uniform(0.5, 1.0)


def as_model_error(error: BaseException, source: Source, secrets: tuple[str, ...]) -> ModelError:
    """Return ``error`` as one of ours: which model, what it said without any key, and the way out."""
    if isinstance(error, ModelError):
        return error
    said = redacted(" ".join(str(error).split()), secrets)
    said = f"{type(error).__name__}: {said[:SHOWN]}" if not isinstance(error, TimeoutError) else said
    kind = ModelError
    status = status_of(error)
    if isinstance(error, TimeoutError):
        way_out = "Allow more, or look whether its server has too much to do."
    elif is_overflow(error):
        kind = ContextWindowError
        way_out = (
            "What it was to read is longer than its context window: lower CONTEXT_TOKENS, or raise CHAT_CONTEXT_WINDOW "
            "where the server can."
        )
    elif status in (401, 403):
        way_out = f"Set {source.key or 'the variable with its key'} to a key that may use this model."
    elif status == 404:
        pull = f", or fetch it: ollama pull {source.label.partition(':')[2]}" if source.provider == "ollama" else ""
        where = f" at {source.address}, an address that ends in /v1 as a rule" if source.address else ""
        way_out = f"Name a model that is there{where}{pull}."
    elif status == 429:
        way_out = "Ask less often: CHAT_REQUESTS_PER_SECOND=1, or look at your quota."
    elif status in (400, 422) or _is_about_tools(error) or isinstance(error, _CLIENT):
        kind, way_out = RequestRefusedError, "It does not take such a request."
    elif type(error).__name__ == "LengthFinishReasonError":  # OpenAI's package, where it was to return an object
        kind, way_out = RequestRefusedError, "Raise CHAT_MAX_TOKENS, or ask for less."
    elif _is_unreachable(error):
        start = "ollama serve" if source.provider == "ollama" else "is it started, and CHAT_BASE_URL right?"
        way_out = f"Nothing answers at {source.address or 'its address'}: {start}"
    else:
        way_out = "Try again, or ask without it: python -m models check says what is wrong."
    return kind(f"The chat model {source.label} did not answer ({said}). {way_out}")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_about_tools(error: BaseException) -> bool:
    """Whether the server complains about tools or a response format; not all say so with a 400."""
    return status_of(error) is not None and bool(_TOOLS.search(str(error)))


def _is_unreachable(error: BaseException) -> bool:
    names = {type(one).__name__ for one in _causes(error)}
    return bool(names & {"ConnectError", "ConnectionRefusedError", "gaierror", "ConnectTimeout"})


def _timed_out(error: BaseException) -> bool:
    return any(isinstance(one, TimeoutError) or "Timeout" in type(one).__name__ for one in _causes(error))


def _broke_off(error: BaseException) -> bool:
    names = {type(one).__name__ for one in _causes(error)}
    return bool(names & {"RemoteProtocolError", "ReadError", "ConnectionResetError", "APIConnectionError"})
