"""What a provider's error means, whoever raises it."""

from __future__ import annotations

import httpx
import pytest

from errors import ContextWindowError, ModelError, RequestRefusedError
from models.chat.failures import (
    FIRST_WAIT,
    LONGEST_WAIT,
    Source,
    as_model_error,
    is_transient,
    seconds_to_wait,
    status_of,
)

OLLAMA = Source(label="ollama:llama3.2", provider="ollama")
SERVER = Source(label="openai:m", provider="openai", address="http://host/v1", key="CHAT_API_KEY")


def answered(status: int, text: str = "x", **headers: str) -> httpx.HTTPStatusError:
    request = httpx.Request("POST", "http://host")
    response = httpx.Response(status, headers={name.replace("_", "-"): value for name, value in headers.items()})
    return httpx.HTTPStatusError(text, request=request, response=response)


def caused_by(error: Exception) -> Exception:
    try:
        try:
            raise error
        except Exception as inner:
            raise RuntimeError("outer") from inner
    except RuntimeError as outer:
        return outer


@pytest.mark.parametrize(
    ("error", "again"),
    [
        *[(answered(status), True) for status in (408, 429, 500, 502, 503, 504, 529)],
        *[(answered(status), False) for status in (400, 401, 403, 404, 413, 422)],
        (answered(429, "insufficient_quota: look at your plan"), False),
        (answered(500, "tools need --jinja"), False),
        (caused_by(answered(503)), True),
        (caused_by(httpx.ConnectError("refused")), False),
        (httpx.ReadTimeout("slow"), False),
        (httpx.RemoteProtocolError("gone"), True),
        (ConnectionResetError(), True),
        (ValueError("what?"), False),
    ],
)
def test_only_what_may_pass_is_tried_again(error: Exception, again: bool) -> None:
    assert is_transient(error) is again


def test_the_status_is_found_where_it_stands() -> None:
    assert status_of(caused_by(answered(503))) == 503
    assert status_of(ValueError("500")) is None


def test_waits_are_what_the_server_asks_or_twice_as_long_each_time() -> None:
    assert seconds_to_wait(answered(429, Retry_After="3"), 1) == 3.0
    assert seconds_to_wait(answered(429, Retry_After="3600"), 1) == LONGEST_WAIT
    for retry, most in ((1, FIRST_WAIT), (2, 2 * FIRST_WAIT), (3, 4 * FIRST_WAIT), (100, LONGEST_WAIT)):
        assert most / 2 <= seconds_to_wait(answered(429, Retry_After="Wed, 21 Oct 2026"), retry) <= most


@pytest.mark.parametrize(
    ("error", "source", "kind", "way_out"),
    [
        (answered(401), SERVER, ModelError, "Set CHAT_API_KEY"),
        (answered(404), OLLAMA, ModelError, "ollama pull llama3.2"),
        (answered(404), SERVER, ModelError, "Name a model that is there at http://host/v1"),
        (answered(429), SERVER, ModelError, "CHAT_REQUESTS_PER_SECOND"),
        (httpx.ConnectError("refused"), OLLAMA, ModelError, "ollama serve"),
        (httpx.ConnectError("refused"), SERVER, ModelError, "Nothing answers at http://host/v1"),
        (answered(400, "unknown parameter"), SERVER, RequestRefusedError, "does not take"),
        (answered(501, "tool use is not implemented"), SERVER, RequestRefusedError, "does not take"),
        (answered(400, "maximum context length is 10"), SERVER, ContextWindowError, "CONTEXT_TOKENS"),
        (answered(413, "prompt is too long: 11 > 10"), SERVER, ContextWindowError, "CHAT_CONTEXT_WINDOW"),
        (TimeoutError("it was silent"), SERVER, ModelError, "(it was silent). Allow more"),
    ],
)
def test_the_message_names_the_model_and_the_way_out(
    error: Exception, source: Source, kind: type[ModelError], way_out: str
) -> None:
    found = as_model_error(error, source, ())
    assert type(found) is kind
    assert str(found).startswith(f"The chat model {source.label} did not answer (")
    assert way_out in str(found)
