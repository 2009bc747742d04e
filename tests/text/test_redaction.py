"""Keys do not show, and what is none does."""

from __future__ import annotations

import pytest

from text.redaction import HIDDEN, redacted


@pytest.mark.parametrize(
    "text",
    [
        "Incorrect API key provided: sk-proj-abc123DEF456ghi789.",
        "key sk-ant-api03-abcdefgh_ijkl-mnop is not valid",
        "Authorization: Bearer abc123.def456",
        "{'Authorization': 'Bearer dGVzdA=='}",
        "Bearer Zm9vYmFyYmF6cXV4MTIz",
        '{"x-api-key": "abcdef123456"}',
        "api_key=abcdef123456&x=1",
        "https://host/v1?key=AbCdEf123456",
        "https://user:pa55word@host/v1",
        "hf_abcdefghijklmnop",
        "gsk_abcdefghijklmnop123",
        "AIzaSyA1234567890abcdefghijklmnop",
        "AKIAIOSFODNN7EXAMPLE",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "OPENAI_API_KEY=abcdef123456",
        "password: hunter22",
    ],
)
def test_what_looks_like_a_key_is_hidden(text: str) -> None:
    shown = redacted(text)
    assert HIDDEN in shown
    secrets = "abc123 abcdefgh dGVz Zm9v abcdef123456 AbCd pa55 abcdefghijkl AIza AKIA eyJ hunter22".split()
    assert not [one for one in secrets if one in shown]


@pytest.mark.parametrize(
    "text",
    [
        "max_tokens: 800 is more than the 512 tokens that are left",
        "Error code: 400 - request (5031 tokens) exceeds the available context size (2048 tokens)",
        "The risk-free rate is a task-specific basic assumption; the bearer of bonds holds them.",
        "https://host:8000/v1/chat/completions?page=2",
        "Set OPENAI_API_KEY to a key that may use this model.",
        "pip install langchain-openai -c constraints.txt",
        "a keyword: something; monkey: banana; the secretary: present",
    ],
)
def test_what_is_no_key_is_shown(text: str) -> None:
    assert redacted(text) == text


def test_known_values_are_hidden_wherever_they_stand_but_not_placeholders() -> None:
    assert redacted("a horse-battery-staple b", ["horse-battery", "horse-battery-staple"]) == f"a {HIDDEN} b"
    assert redacted("there is none", ["none"]) == "there is none"
