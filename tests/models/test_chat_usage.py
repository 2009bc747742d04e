"""Tokens of all calls, and what they cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, LLMResult

from errors import SettingsError
from models.chat.usage import Price, TokenUsage, Used, price_of, read_prices


def call(usage: TokenUsage, model: str, tokens: tuple[int, int] | None, **info: Any) -> None:
    metadata = None
    if tokens is not None:
        metadata = {"input_tokens": tokens[0], "output_tokens": tokens[1], "total_tokens": sum(tokens)}
    message = AIMessage(content="x", usage_metadata=metadata, response_metadata={"model_name": model, **info})
    usage.on_llm_end(LLMResult(generations=[[ChatGeneration(message=message)]]))


def test_calls_are_added_up_by_model_and_priced() -> None:
    usage = TokenUsage()
    call(usage, "small-2026", (1_000, 100))
    call(usage, "small-2026", (3_000, 300), usage_estimated=True)
    call(usage, "large", (10_000, 500), cached=True)
    assert usage.by_model["small-2026"] == Used(calls=2, input=4_000, output=400, estimated=1)
    assert usage.total == Used(calls=3, input=14_000, output=900, estimated=1, cached=1)
    prices = {"small": Price(1.0, 2.0), "large": Price(10.0, 20.0)}
    # (4,000 * 1 + 400 * 2 + 10,000 * 10 + 500 * 20) / 1,000,000 = (4,000 + 800 + 100,000 + 10,000) / 1,000,000
    assert usage.cost(prices) == pytest.approx(0.1148)
    numbers = usage.numbers(prices)
    assert numbers.pop("price of 1,000 such questions") == pytest.approx(114.8)
    assert numbers == {"input": 14_000, "output": 900, "calls": 3, "estimated": 1}


def test_without_a_price_for_each_model_no_cost_is_told() -> None:
    usage = TokenUsage()
    assert (usage.cost({}), usage.numbers({})) == (None, {})
    call(usage, "a", (1, 1))
    call(usage, "b", None)
    assert usage.cost({"a": Price(1, 1)}) is None
    assert usage.numbers({"a": Price(1, 1)}) == {"input": 1, "output": 1, "calls": 2, "estimated": 1}


@pytest.mark.parametrize(
    ("model", "price"),
    [
        ("gpt-5-mini", 2),
        ("gpt-5-mini-2026-01-01", 2),
        ("gpt-5", 1),
        ("openai:gpt-5", 1),
        ("gpt-50", None),
        ("gpt", None),
    ],
)
def test_the_longest_fitting_name_has_the_price(model: str, price: float | None) -> None:
    found = price_of(model, {"gpt-5": Price(1, 1), "gpt-5-mini": Price(2, 2)})
    assert (found and found.input) == price


def test_a_price_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text('{"openai:gpt-5": {"input": 1, "output": 8.5}}', encoding="utf-8")
    assert read_prices(str(path)) == {"gpt-5": Price(1.0, 8.5)}
    assert read_prices("") == {}


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', '{"a": {"input": 1}}', '{"a": {"input": "x", "output": 1}}'])
def test_a_table_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "prices.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"CHAT_PRICES='.*prices.json' is no price table"):
        read_prices(str(path))
