"""A chat model whose calls end, whoever provides it.

``GuardedChatModel`` stands before a provider's model as one LangChain chat model before another, so that chains, agents and
structured output compose as they would without it. Every call is streamed, also where the caller wants the whole: then
silence can be told from work, and a call that is given up closes its connection, so that the server stops writing.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from itertools import count
from threading import Event
from typing import Any

from langchain_core.caches import BaseCache
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.language_models.base import LangSmithParams
from langchain_core.language_models.chat_models import agenerate_from_stream, generate_from_stream
from langchain_core.load import dumps
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.outputs.chat_generation import merge_chat_generation_chunks
from langchain_core.rate_limiters import BaseRateLimiter
from langchain_core.runnables import Runnable, RunnableBinding, RunnableParallel, RunnableSequence
from pydantic import ConfigDict, Field, SecretStr

from config import secrets
from errors import AssistantError, ModelError
from models.chat.failures import Source, as_model_error, is_transient, seconds_to_wait, status_of
from models.chat.messages import as_message, finish_reason, whole_as_chunk, with_usage
from models.chat.pulling import Clock, Limits, Pulled
from models.chat.served import no_server, served_models
from models.chat.stopping import stop_event

log = logging.getLogger(__name__)

# Parameters that some models refuse, and what to set on the provider's model so that they are left out.
LEFT_OUT: dict[str, dict[str, Any]] = {"temperature": {"temperature": None}, "stream_options": {"stream_usage": False}}

# Where asynchronous calls wait. Asyncio's own threads are few, and others need them while models are silent.
_WAITING = ThreadPoolExecutor(64, thread_name_prefix="waits for a chat model")


class GuardedChatModel(BaseChatModel):
    """``model`` with time limits, retries, a limit of requests a second, kept replies, and errors of ours.

    Each call raises ``ModelError`` when it fails, takes too long, or is cut off before its end, and ``StoppedError`` when
    the question is stopped. The last chunk of a stream has the finish reason and the tokens, estimated where none are
    reported.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    model: BaseChatModel
    source: Source
    limits: Limits
    finish: str = ""  # what the provider calls the reason of an end; a reply without one was cut off
    limiter: BaseRateLimiter | None = Field(default=None, exclude=True)
    replies: BaseCache | None = Field(default=None, exclude=True)

    @property
    def model_name(self) -> str:
        """The model as the settings name it."""
        return self.source.label

    @property
    def _llm_type(self) -> str:
        return f"guarded-{self.model._llm_type}"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        """Return what decides a reply: with the prompt the key of kept ones."""
        chosen = {name: getattr(self.model, name, None) for name in ("temperature", "max_tokens", "num_predict")}
        return {"model": self.source.label, "address": self.source.address, **chosen}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        return self.model._get_ls_params(stop=stop, **kwargs)

    def bind_tools(
        self, tools: Sequence[Any], *, tool_choice: str | None = None, **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Bind tools as the provider's model does.

        Raises:
            NotImplementedError: it has none; ``models.chat.structured`` goes on without.
        """
        if tool_choice is not None:
            kwargs["tool_choice"] = tool_choice
        bound: Runnable[LanguageModelInput, AIMessage] = _rebound(
            self.model.bind_tools(tools, **kwargs), self.model, self
        )
        return bound

    def with_structured_output(
        self, schema: Any, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, Any]:
        """Return what the provider's model makes for structured output, with this one's limits."""
        chain: Runnable[LanguageModelInput, Any] = _rebound(
            self.model.with_structured_output(schema, include_raw=include_raw, **kwargs), self.model, self
        )
        return chain

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, **kwargs))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return await agenerate_from_stream(self._astream(messages, stop, **kwargs))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        yield from self._kept_or_asked(messages, {"stop": stop, **kwargs}, ())

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        left = Event()
        chunks = self._kept_or_asked(messages, {"stop": stop, **kwargs}, (left,))
        loop, context = asyncio.get_running_loop(), copy_context()

        def following() -> ChatGenerationChunk | None:
            return next(chunks, None)

        try:
            while (chunk := await loop.run_in_executor(_WAITING, context.run, following)) is not None:
                yield chunk
        finally:
            left.set()

    def _kept_or_asked(
        self, messages: list[BaseMessage], options: dict[str, Any], stops: tuple[Event, ...]
    ) -> Iterator[ChatGenerationChunk]:
        if self.replies is None:
            yield from self._ended(messages, options, stops)
            return
        prompt = dumps([message.model_copy(update={"id": None}) for message in messages])
        key = json.dumps([self._identifying_params, options], sort_keys=True, default=repr)
        if kept := self.replies.lookup(prompt, key):
            message = next(one.message for one in kept if isinstance(one, ChatGeneration))
            yield whole_as_chunk(message, {"cached": True})
            return
        chunks = []
        for chunk in self._ended(messages, options, stops):
            chunks.append(chunk)
            yield chunk
        if (whole := merge_chat_generation_chunks(chunks)) is not None:
            self.replies.update(prompt, key, [ChatGeneration(message=as_message(whole))])

    def _ended(
        self, messages: list[BaseMessage], options: dict[str, Any], stops: tuple[Event, ...]
    ) -> Iterator[ChatGenerationChunk]:
        """The chunks of a reply that came to its end; all from the finish reason on are one, the last."""
        seen: list[ChatGenerationChunk] = []
        last: list[ChatGenerationChunk] = []
        for chunk in self._tried(messages, options, stops):
            seen.append(chunk)
            if last and chunk.text:  # some give a reason with every chunk
                yield from last
                last = []
            if last or finish_reason(chunk):
                last.append(chunk)
            else:
                yield chunk
        if self.finish and not seen and self.source.address and not served_models(self.source.address, self._key()):
            raise ModelError(no_server(self.source.label, self.source.address, self._key()))
        if self.finish and not any(finish_reason(chunk) for chunk in seen):
            raise ModelError(
                f"The answer of the chat model {self.source.label} broke off: the connection was cut before its end. "
                "Ask again."
            )
        yield with_usage(merge_chat_generation_chunks(last), seen, messages, self.source.label)

    def _tried(
        self, messages: list[BaseMessage], options: dict[str, Any], stops: tuple[Event, ...]
    ) -> Iterator[ChatGenerationChunk]:
        asked = stop_event()
        clock = Clock(self.limits, (*stops, asked) if asked else stops)
        retries = 0
        for _ in count():
            begun = False
            try:
                while self.limiter is not None and not self.limiter.acquire(blocking=False):
                    clock.wait(0.05)
                model = self.model
                for chunk in Pulled(lambda model=model: _asked(model, messages, options), clock):  # type: ignore[misc]
                    begun = True
                    yield chunk
                return
            except AssistantError:
                raise
            except Exception as error:  # noqa: BLE001  every provider raises its own kinds
                if not begun and self._left_out(error):
                    continue
                if begun or retries >= self.limits.retries or not is_transient(error):
                    # the error itself may show a key where a traceback is printed, so it is not chained
                    raise as_model_error(error, self.source, self._secrets()) from None
                retries += 1
                pause = seconds_to_wait(error, retries)
                log.info("%s: HTTP %s; asked again in %.1f s", self.source.label, status_of(error), pause)
            try:
                clock.wait(pause)
            except TimeoutError as error:
                raise as_model_error(error, self.source, self._secrets()) from None

    def _left_out(self, error: Exception) -> bool:
        """Leave a parameter out from now on that ``error`` complains about; return whether there is one."""
        if status_of(error) not in (400, 422):
            return False
        for word, fields in LEFT_OUT.items():
            set_now = {name: value for name, value in fields.items() if getattr(self.model, name, value) != value}
            if word in str(error) and set_now:
                log.info("%s takes no %s; it is left out.", self.source.label, word)
                self.model = self.model.model_copy(update=set_now)
                return True
        return False

    def _key(self) -> SecretStr | None:
        return getattr(self.model, "openai_api_key", None)

    def _secrets(self) -> tuple[str, ...]:
        own = [value.get_secret_value() for _, value in self.model if isinstance(value, SecretStr)]
        return (*secrets().values(), *own)


def streams(model: BaseChatModel) -> bool:
    """Return whether ``model`` can answer a token at a time."""
    return type(model)._stream is not BaseChatModel._stream and model.disable_streaming is not True


def _asked(model: BaseChatModel, messages: list[BaseMessage], options: dict[str, Any]) -> Iterator[ChatGenerationChunk]:
    # Not by stream() and invoke(): the guard's own call is the one that callbacks and tracers are to see.
    if streams(model):
        yield from model._stream(messages, **options)
        return
    result = model._generate(messages, **options)
    yield whole_as_chunk(result.generations[0].message, {**(result.llm_output or {}), **(_info(result))})


def _info(result: ChatResult) -> dict[str, Any]:
    return result.generations[0].generation_info or {}


def _rebound(chain: Any, old: BaseChatModel, new: BaseChatModel) -> Any:
    """Return ``chain`` with ``new`` wherever it has ``old``."""
    if chain is old:
        return new
    if isinstance(chain, RunnableBinding):
        return chain.model_copy(update={"bound": _rebound(chain.bound, old, new)})
    if isinstance(chain, RunnableSequence):
        return RunnableSequence(*(_rebound(step, old, new) for step in chain.steps))
    if isinstance(chain, RunnableParallel):
        return RunnableParallel({name: _rebound(step, old, new) for name, step in chain.steps__.items()})
    return chain
