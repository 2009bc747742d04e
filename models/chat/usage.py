"""Tokens that chat models took, and what they cost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, LLMResult

from errors import SettingsError


@dataclass(frozen=True)
class Price:
    """US dollars, or whatever the table is in, for a million tokens."""

    input: float
    output: float


@dataclass
class Used:
    """What one model, or all together, took."""

    calls: int = 0
    input: int = 0  # tokens
    output: int = 0
    estimated: int = 0  # calls whose tokens the provider did not report
    cached: int = 0  # calls that a kept reply answered; their tokens are those it took when it was asked for

    def add(self, other: Used) -> None:
        """Add what ``other`` took."""
        self.calls += other.calls
        self.input += other.input
        self.output += other.output
        self.estimated += other.estimated
        self.cached += other.cached


class TokenUsage(BaseCallbackHandler):
    """A callback that counts the tokens of all calls that it sees, streamed ones too: ``chain.invoke(turn,
    {"callbacks": [usage]})``.

    LangChain's own handler leaves out calls of models that do not give their name, and does not tell estimates.
    """

    def __init__(self) -> None:
        self.by_model: dict[str, Used] = {}
        self._lock = Lock()

    def on_llm_end(self, response: LLMResult, **kwargs: Any) -> None:
        """Count a call."""
        for generation in response.generations[0][:1]:
            if isinstance(generation, ChatGeneration) and isinstance(generation.message, AIMessage):
                info = {**(generation.generation_info or {}), **generation.message.response_metadata}
                tokens = generation.message.usage_metadata
                used = Used(
                    calls=1,
                    input=tokens["input_tokens"] if tokens else 0,
                    output=tokens["output_tokens"] if tokens else 0,
                    estimated=int(tokens is None or "usage_estimated" in info),
                    cached=int("cached" in info),
                )
                with self._lock:
                    self.by_model.setdefault(str(info.get("model_name", "")), Used()).add(used)

    @property
    def total(self) -> Used:
        """All models together."""
        total = Used()
        for used in self.by_model.values():
            total.add(used)
        return total

    def numbers(self, prices: Mapping[str, Price]) -> dict[str, float]:
        """Return all models together by what is counted, with the price where it is known; {} when none was called."""
        total = self.total
        if not total.calls:
            return {}
        found: dict[str, float] = {"input": total.input, "output": total.output, "calls": total.calls}
        if total.estimated:
            found["estimated"] = total.estimated
        if (cost := self.cost(prices)) is not None:
            found["price of 1,000 such questions"] = 1000 * cost
        return found

    def cost(self, prices: Mapping[str, Price]) -> float | None:
        """Return what the calls cost, in the unit of ``prices``; None when the price of one of the models is not known."""
        if not self.by_model or any(price_of(name, prices) is None for name in self.by_model):
            return None
        return sum(
            (used.input * price.input + used.output * price.output) / 1e6
            for name, used in self.by_model.items()
            if (price := price_of(name, prices)) is not None
        )


def price_of(model: str, prices: Mapping[str, Price]) -> Price | None:
    """Return the price of ``model``: of its whole name, else of the longest name in the table with which it begins, for
    providers append a date to it. Providers' prefixes ("openai:") do not count."""
    plain = model.rpartition(":")[2] if model not in prices else model
    fitting = [name for name in prices if plain == name or plain.startswith(f"{name}-")]
    return prices[max(fitting, key=len)] if fitting else None


def read_prices(path: str) -> dict[str, Price]:
    """Read a price table: ``{"gpt-5-mini": {"input": 0.25, "output": 2.0}}``, for a million tokens; {} for "".

    Raises:
        SettingsError: the file cannot be read, or is no such table.
    """
    if not path:
        return {}
    try:
        table = json.loads(Path(path).expanduser().read_text(encoding="utf-8"))
        return {
            name.rpartition(":")[2]: Price(float(one["input"]), float(one["output"])) for name, one in table.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(
            f'CHAT_PRICES={path!r} is no price table ({type(error).__name__}: {error}). Write one like {{"gpt-5-mini": '
            '{"input": 0.25, "output": 2.0}}, for a million tokens.'
        ) from error
