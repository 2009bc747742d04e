"""Calls of chat models end, whatever the server does, and say what was wrong."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from langchain_core.callbacks import UsageMetadataCallbackHandler
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk
from stand_in_server import KEY, StandIn

from config import Settings
from errors import ContextWindowError, ModelError, StoppedError
from models.chat import load_chat_model
from models.chat.failures import Source
from models.chat.guard import GuardedChatModel
from models.chat.messages import finish_reason, ran_out_of_room
from models.chat.pulling import Limits
from models.chat.stopping import stopped_by
from text.redaction import redact_logs

pytest.importorskip("langchain_openai", reason="requirements-dev.txt installs langchain-openai")

ANSWER = "The weir was built in 1931."
SOON = 3.0  # seconds after which a call of half a second counts as hung

Load = Callable[..., BaseChatModel]


@pytest.fixture(scope="module")
def server() -> Iterator[StandIn]:
    with StandIn() as started:
        yield started


@pytest.fixture
def load(server: StandIn, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Loads the stand-in's models with time-outs of half a second."""
    monkeypatch.setenv("CHAT_API_KEY", KEY)
    server.tries.clear()

    def make(name: str, **fields: object) -> BaseChatModel:
        limits = {"chat_timeout": 0.5, "chat_token_timeout": 0.5, "chat_retries": 0, **fields}
        return load_chat_model(name, Settings(chat_base_url=server.url, **limits))  # type: ignore[arg-type]

    return make


def text_of(model: BaseChatModel, way: str) -> str:
    """The answer to "When?", asked in one of the four ways in which LangChain asks a model."""

    async def streamed() -> str:
        return "".join([chunk.text async for chunk in model.astream("When?")])

    if way == "invoke":
        return str(model.invoke("When?").text)
    if way == "stream":
        return "".join(chunk.text for chunk in model.stream("When?"))
    if way == "ainvoke":
        return str(asyncio.run(model.ainvoke("When?")).text)
    return asyncio.run(streamed())


WAYS = ("invoke", "stream", "ainvoke", "astream")


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_comes_through(load: Load, server: StandIn, way: str) -> None:
    assert text_of(load("fine"), way).strip() == ANSWER
    sent = server.asked[-1]
    assert (sent["temperature"], sent["max_completion_tokens"], sent["stream"]) == (0, 800, True)
    assert server.headers[-1]["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("failing", "way"),
    [
        *(("stalls", way) for way in WAYS),
        ("hangs", "invoke"),
        ("hangs before the first token", "ainvoke"),
        ("pings", "stream"),
    ],
)
def test_a_silent_server_is_left(load: Load, failing: str, way: str) -> None:
    began = time.monotonic()
    with pytest.raises(ModelError, match=rf"The chat model {failing} did not answer .*0.5 s.*CHAT_TOKEN_TIMEOUT"):
        text_of(load(failing, chat_timeout=30.0), way)
    assert time.monotonic() - began < SOON


@pytest.mark.parametrize("way", ["invoke", "stream"])
def test_an_answer_without_end_is_left_and_its_connection_closed(load: Load, server: StandIn, way: str) -> None:
    server.left.clear()
    with pytest.raises(ModelError, match=r"longer than 0.5 s, which CHAT_TIMEOUT allows"):
        text_of(load("never ends"), way)
    assert server.left.wait(SOON)


@pytest.mark.parametrize("failing", ["hangs", "stalls", "never ends"])
def test_a_stopped_question_ends_its_call(load: Load, failing: str) -> None:
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    began = time.monotonic()
    with stopped_by(stop), pytest.raises(StoppedError):
        load(failing, chat_timeout=30.0, chat_token_timeout=30.0).invoke("When?")
    assert time.monotonic() - began < SOON


def test_a_cancelled_task_ends_its_call(load: Load) -> None:
    model = load("stalls", chat_timeout=30.0, chat_token_timeout=30.0)

    async def ask() -> None:
        await asyncio.wait_for(model.ainvoke("When?"), 0.2)

    began = time.monotonic()
    with pytest.raises(TimeoutError):
        asyncio.run(ask())  # waits for the threads that it leaves
    assert time.monotonic() - began < SOON


def test_a_stream_that_is_not_read_to_its_end_closes_its_connection(load: Load, server: StandIn) -> None:
    server.left.clear()
    stream = load("never ends", chat_timeout=30.0).stream("When?")
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert server.left.wait(SOON)


# --- half answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_a_cut_answer_is_an_error_after_what_came(load: Load, way: str) -> None:
    with pytest.raises(ModelError, match="broke off: the connection was cut"):
        text_of(load("is cut"), way)
    seen = []
    with pytest.raises(ModelError, match="broke off"):
        for chunk in load("is cut").stream("When?"):
            seen.append(chunk.text)
    assert "".join(seen) == "The weir "


def test_an_answer_that_ran_out_of_room_says_so(load: Load) -> None:
    *_, last = load("runs out").stream("When?")
    assert (finish_reason(last), ran_out_of_room(last)) == ("length", True)
    whole = load("runs out").invoke("When?")
    assert (whole.response_metadata["finish_reason"], ran_out_of_room(whole)) == ("length", True)
    assert not ran_out_of_room(load("fine").invoke("When?"))


# --- trying again -----------------------------------------------------------------------------------------------------------


def test_a_busy_server_is_asked_again(load: Load, server: StandIn) -> None:
    assert load("is busy once", chat_retries=1, chat_timeout=5.0).invoke("When?").text.strip() == ANSWER
    assert server.tries["is busy once"] == 2


def test_a_busy_server_is_not_asked_again_when_that_is_not_wanted(load: Load, server: StandIn) -> None:
    with pytest.raises(ModelError, match=r"429.*CHAT_REQUESTS_PER_SECOND"):
        load("is busy once").invoke("When?")
    assert server.tries["is busy once"] == 1


def test_a_broken_server_is_asked_as_often_as_set_with_longer_waits(load: Load, server: StandIn) -> None:
    began = time.monotonic()
    with pytest.raises(ModelError, match="500"):
        load("is broken", chat_retries=2, chat_timeout=10.0).invoke("When?")
    assert server.tries["is broken"] == 3
    assert 0.25 + 0.5 <= time.monotonic() - began <= 0.5 + 1.0 + SOON  # 0.5 s, then 1 s, each times 0.5 to 1


def test_retries_end_with_the_time_of_the_call(load: Load) -> None:
    began = time.monotonic()
    with pytest.raises(ModelError, match="CHAT_TIMEOUT"):
        load("is broken", chat_retries=100).invoke("When?")
    assert time.monotonic() - began < SOON


def test_temperature_is_left_out_where_it_is_refused_and_not_sent_again(load: Load, server: StandIn) -> None:
    model = load("refuses temperature")
    for tries in (2, 3):
        assert model.invoke("When?").text.strip() == ANSWER
        assert server.tries["refuses temperature"] == tries
    assert "temperature" not in server.asked[-1]


def test_a_server_that_is_not_there_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_chat_model("some-model", Settings(chat_base_url="http://127.0.0.1:9/v1", chat_retries=5))
    began = time.monotonic()
    with pytest.raises(ModelError, match=r"Nothing answers at http://127.0.0.1:9/v1: .*CHAT_BASE_URL"):
        model.invoke("When?")
    assert time.monotonic() - began < SOON


def test_a_prompt_that_is_too_long_is_an_error_of_its_own(load: Load) -> None:
    with pytest.raises(ContextWindowError, match=r"maximum context length is 2048.*CONTEXT_TOKENS"):
        load("overflows").invoke("When?")


def test_requests_a_second_are_limited(load: Load) -> None:
    model = load("fine", chat_requests_per_second=10.0, chat_timeout=10.0)
    began = time.monotonic()
    for _ in range(4):
        model.invoke("When?")
    assert time.monotonic() - began >= 3 * 0.1  # the first may go at once


# --- keys -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("failing", ["echoes the key", "echoes the key in a stream"])
def test_a_key_that_a_server_repeats_is_not_shown(load: Load, failing: str, way: str) -> None:
    with pytest.raises(ModelError, match=r"\[hidden\]") as caught:
        text_of(load(failing), way)
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_key_is_not_logged(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    make = logging.getLogRecordFactory()
    redact_logs(lambda: [KEY])
    try:
        logging.getLogger("x").warning("sent %s", KEY)
        try:
            raise ValueError(KEY)
        except ValueError:
            logging.getLogger("x").exception("failed")
    finally:
        logging.setLogRecordFactory(make)
    assert "sent [hidden]" in caplog.text
    assert "ValueError: [hidden]" in caplog.text
    assert KEY not in caplog.text


# --- tokens and kept replies ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("name", "tokens"), [("fine", (11, 6)), ("counts nothing", (len("When?") // 4, 28 // 4))])
def test_tokens_of_every_call_are_told(load: Load, way: str, name: str, tokens: tuple[int, int]) -> None:
    seen = UsageMetadataCallbackHandler()
    text_of(load(name).with_config(callbacks=[seen]), way)  # type: ignore[arg-type]
    ((_, used),) = seen.usage_metadata.items()
    assert (used["input_tokens"], used["output_tokens"]) == tokens


def test_tokens_that_are_estimated_say_so(load: Load) -> None:
    assert load("counts nothing").invoke("When?").response_metadata["usage_estimated"] is True
    assert "usage_estimated" not in load("fine").invoke("When?").response_metadata


@pytest.mark.parametrize("way", WAYS)
def test_a_kept_reply_is_not_asked_for_again(load: Load, server: StandIn, tmp_path: Path, way: str) -> None:
    kept = str(tmp_path / "folder" / "replies.db")
    for _ in range(2):
        assert text_of(load("fine", chat_cache=kept), way).strip() == ANSWER
    assert server.tries["fine"] == 1
    again = load("fine", chat_cache=kept).invoke("When?")
    assert (again.response_metadata["cached"], again.response_metadata["finish_reason"]) == (True, "stop")
    assert again.usage_metadata is not None
    assert again.usage_metadata["output_tokens"] == 6
    load("fine", chat_cache=kept, chat_temperature=0.5).invoke("When?")
    load("fine", chat_cache=kept).invoke("Where?")
    assert server.tries["fine"] == 3


def test_half_an_answer_is_not_kept(load: Load, server: StandIn, tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ModelError, match="broke off"):
            load("is cut", chat_cache=str(tmp_path / "replies.db")).invoke("When?")
    assert server.tries["is cut"] == 2


# --- what LangChain makes of it -------------------------------------------------------------------------------------------


def test_tools_are_bound_to_the_guarded_model(load: Load) -> None:
    def questions(questions: list[str]) -> None:
        """Take questions."""

    bound = load("calls tools").bind_tools([questions])
    (call,) = bound.invoke("q").tool_calls
    assert (call["name"], call["args"]) == ("questions", {"questions": ["Who?", "When?"]})
    with pytest.raises(ModelError, match="CHAT_TOKEN_TIMEOUT"):
        load("hangs", chat_timeout=30.0).bind_tools([questions]).invoke("q")


def test_structured_output_of_the_provider_is_guarded_too(load: Load) -> None:
    schema = {"title": "questions", "type": "object", "properties": {"questions": {"type": "array"}}}
    for method in ("function_calling", "json_schema", "json_mode"):
        with pytest.raises(ModelError, match="CHAT_TOKEN_TIMEOUT"):
            load("hangs", chat_timeout=30.0, chat_token_timeout=0.2).with_structured_output(
                schema, method=method
            ).invoke("q")


# --- models that are not OpenAI's -----------------------------------------------------------------------------------------


def test_a_model_that_does_not_say_why_it_ended_is_believed() -> None:
    inner = GenericFakeChatModel(messages=iter([AIMessage(content="In 1931.")]))
    limits = Limits(total_seconds=5, token_seconds=5)
    model = GuardedChatModel(model=inner, source=Source(label="some:model"), limits=limits)
    chunks = list(model.stream("When?"))
    assert "".join(chunk.text for chunk in chunks) == "In 1931."
    assert isinstance(chunks[-1], AIMessageChunk)
    assert chunks[-1].response_metadata == {"model_name": "some:model", "usage_estimated": True}


class Gemini(GenericFakeChatModel):
    """Gives a reason with every chunk, as some versions of Google's package do."""

    def _stream(self, *args: object, **kwargs: object) -> Iterator[ChatGenerationChunk]:
        for word, reason in (("In ", "STOP"), ("1931, ", "STOP"), ("I", "MAX_TOKENS")):
            yield ChatGenerationChunk(message=AIMessageChunk(word), generation_info={"finish_reason": reason})


def test_a_reason_with_every_chunk_holds_nothing_back() -> None:
    limits = Limits(total_seconds=5, token_seconds=5)
    inner = Gemini(messages=iter([]))
    model = GuardedChatModel(model=inner, source=Source(label="g:m"), limits=limits, finish="finish_reason")
    assert [chunk.text for chunk in model.stream("When?")] == ["In ", "1931, ", "I"]
    assert ran_out_of_room(model.invoke("When?"))


def test_an_address_without_v1_is_told_the_right_one(server: StandIn) -> None:
    address = server.url.removesuffix("/v1")
    with pytest.raises(
        ModelError, match=rf"replies, but not as an .*; {server.url} does\. Set CHAT_BASE_URL={server.url}$"
    ):
        load_chat_model("fine", Settings(chat_base_url=address, chat_retries=0)).invoke("When?")


def test_a_web_page_is_no_server_and_what_was_tried_is_said(server: StandIn) -> None:
    address = server.url.removesuffix("/v1") + "/proxy/v1"
    with pytest.raises(ModelError) as raised:
        load_chat_model("fine", Settings(chat_base_url=address, chat_retries=0)).invoke("When?")
    said = str(raised.value)
    assert f"Tried: {address}/chat/completions, {address}/models. Set CHAT_BASE_URL" in said
    assert "broke off" not in said
