"""Chat models that answer by what they are asked, and remember it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from langchain_core.language_models.fake_chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableLambda
from pydantic import ConfigDict, Field


class Scripted(BaseChatModel):
    """Answers the last human message by ``answers``: the value of the first key that the whole prompt contains.

    A value may be a function of the prompt, an exception to raise, or for structured output an object.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    answers: dict[str, Any]
    asked: list[str] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _answer(self, messages: list[BaseMessage]) -> Any:
        prompt = "\n".join(str(message.content) for message in messages)
        self.asked.append(prompt)
        for key, answer in self.answers.items():
            if key in prompt:
                if isinstance(answer, Exception):
                    raise answer
                return answer(prompt) if isinstance(answer, Callable) else answer  # type: ignore[arg-type]
        raise AssertionError(f"no answer for: {prompt}")

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        message = AIMessage(content=self._answer(messages))
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        for word in self._answer(messages).split(" "):
            yield ChatGenerationChunk(message=AIMessageChunk(content=f"{word} "))

    def with_structured_output(self, schema: Any, **kwargs: Any) -> Runnable[Any, Any]:
        return RunnableLambda(lambda prompt: self._answer(prompt.to_messages()))

    def prompts(self, key: str) -> list[str]:
        """The prompts that contain ``key``."""
        return [prompt for prompt in self.asked if key in prompt]
