"""A chat model that looks for itself: a loop of tool calls, of at most so many, and then an answer that is cited and checked
as any other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.runnables import RunnableConfig

from chains.answering.agent.desk import Desk
from chains.answering.agent.written_calls import is_call_begun, reading_written_calls
from chains.answering.base import Retrieve, with_part
from chains.answering.generative.answerer import Generative
from chains.answering.generative.context import prompt_context
from chains.answering.generative.drafts import draft_of
from errors import RequestRefusedError
from models.chat.failures import is_overflow
from records import Hit, SubAnswer, Turn

AGENT = "agent"
NO_TOOLS = "The chat model cannot call tools; the question was answered without the agent."
OUT_OF_CALLS = (
    "The agent had used up its calls; AGENT_CALLS sets how many there are. The answer is from what it had found."
)

TOO_MUCH = "What the agent had read grew too long for the chat model. The answer is from the first of it."
CALL_AS_TEXT = "The chat model did not come to an end with its tools; the answer is written from what was found."


class Agent(Generative):
    """The answerer for questions that one retrieval does not answer: what it finds is read first, and only a model that
    wants more goes on.

    Raises:
        ModelError: no chat model is set.
    """

    def decompose(self, turn: Turn) -> Iterator[Turn]:
        """Fill ``parts`` with the question itself; how it is split is the agent's to decide."""
        yield replace(turn, parts=(SubAnswer(question=turn.standalone),))

    def answer(self, turn: Turn, retrieve: Retrieve) -> Iterator[Turn]:
        """Fill the part by way of the tools; its hits grow with what these show."""
        (part,) = turn.parts
        found = retrieve(part.question)
        part = replace(part, hits=found[: self._settings.top_k])
        yield with_part(replace(turn, stage="retrieve"), 0, part)
        principal = turn.scope.principal
        context = prompt_context(part.question, found, self._settings.context_tokens, self._resources, principal)
        desk = Desk(self._resources, turn.scope, [one.chunks for one in context.passages])
        message: BaseMessage | None = None
        notice = OUT_OF_CALLS
        try:
            for message in self._messages(part.question, context.text, desk):
                part = replace(part, reasoning="\n\n".join(filter(None, (part.reasoning, _steps(message)))))
                yield with_part(replace(turn, stage="retrieve"), 0, replace(part, hits=_hits(part, desk)))
        except (NotImplementedError, RequestRefusedError):  # the first is LangChain's word of a model without tools
            yield from super().answer(replace(turn, notices=(*turn.notices, NO_TOOLS)), retrieve)
            return
        except Exception as error:
            if not (is_overflow(error) or _is_out_of_calls(error)):
                with self._named():
                    raise
            notice = TOO_MUCH if is_overflow(error) else notice
            message = None
        part = replace(part, hits=_hits(part, desk))
        draft = draft_of(message) if isinstance(message, AIMessage) and not message.tool_calls else None
        if draft is not None and is_call_begun(draft.text):
            notice, draft = CALL_AS_TEXT, None
        if draft is not None and (draft.text.strip() or draft.is_cut):
            done = self.finished(part, draft, desk.passages, turn.scope, desk.computed)
            thought = "\n\n".join(filter(None, (part.reasoning, draft.reasoning)))
            yield with_part(replace(turn, stage="answer"), 0, replace(done, reasoning=thought))
            return
        part = replace(part, notices=(*part.notices, notice))
        shown = [Hit(chunk=chunk, score=0.0) for chunks in desk.passages for chunk in chunks]
        for fuller in self.write(part, shown, (), turn.scope):
            yield with_part(replace(turn, stage="answer", answer=fuller.text), 0, fuller)

    def _messages(self, question: str, passages: str, desk: Desk) -> Iterator[BaseMessage]:
        """What the model and the tools say, one after the other."""
        from langchain.agents import create_agent
        from langchain.agents.middleware import (
            AgentMiddleware,
            ModelCallLimitMiddleware,
            ToolCallLimitMiddleware,
            wrap_model_call,
        )

        calls = self._settings.agent_calls
        limits: list[AgentMiddleware[Any, Any]] = [
            ToolCallLimitMiddleware(run_limit=calls, exit_behavior="continue"),  # a call too many is told so
            ModelCallLimitMiddleware(run_limit=calls + 2, exit_behavior="error"),
        ]
        reading = wrap_model_call(reading_written_calls)
        agent = create_agent(self._model, desk.tools(), middleware=[*limits, reading])
        values = {"question": question, "passages": passages, "limit": calls}
        start = {"messages": self._prompts.agent.invoke(values).to_messages()}
        many: RunnableConfig = {"recursion_limit": 10 * (calls + 2)}  # so that it is the calls that end it
        for update in agent.stream(start, many, stream_mode="updates"):  # type: ignore[call-overload]
            for state in update.values():
                yield from (state or {}).get("messages", ())


def _steps(message: BaseMessage) -> str:
    """What the model said and called before its answer, for people."""
    if not isinstance(message, AIMessage) or not message.tool_calls:
        return ""
    draft = draft_of(message)
    calls = (
        f"{call['name']}: {', '.join(map(str, call['args'].values()))}"  # of compute, operation and cells
        for call in message.tool_calls
    )
    return "\n\n".join(filter(None, (draft.reasoning, draft.text.strip(), *calls)))


def _hits(part: SubAnswer, desk: Desk) -> tuple[Hit, ...]:
    """The part's hits, then what the tools have shown beside them."""
    known = {hit.chunk.id for hit in part.hits}
    shown = (chunk for chunks in desk.passages for chunk in chunks if chunk.id not in known)
    return (*part.hits, *(Hit(chunk=chunk, score=0.0) for chunk in shown))


def _is_out_of_calls(error: Exception) -> bool:
    from langchain.agents.middleware.model_call_limit import ModelCallLimitExceededError
    from langgraph.errors import GraphRecursionError

    return isinstance(error, ModelCallLimitExceededError | GraphRecursionError)
