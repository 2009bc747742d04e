"""Chat models by their names: what each provider needs, what it is given, and who asks which."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langchain.chat_models.base import _BUILTIN_PROVIDERS

from config import Settings, secrets
from errors import ModelError, SettingsError
from models.chat import load_chat_model
from models.chat.call_limit import CallLimit
from models.chat.load import chat_model_name
from models.chat.providers import PROVIDERS
from records import Principal

ROOT = Path(__file__).resolve().parents[2]


def test_every_provider_of_langchain_is_known_by_its_package() -> None:
    theirs = {name: module.partition(".")[0] for name, (module, *_) in _BUILTIN_PROVIDERS.items()}
    assert {name: one.module for name, one in PROVIDERS.items()} == theirs


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_a_package_that_is_missing_is_named_with_the_line_that_installs_it(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.chat.load.find_spec", lambda name: None)
    package = PROVIDERS[provider].package
    with pytest.raises(
        ModelError, match=f"'{provider}:absent' needs a package: pip install {package} -c constraints.txt"
    ):
        load_chat_model(f"{provider}:absent")


def test_a_key_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("langchain_openai", reason="requirements-dev.txt installs langchain-openai")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelError, match=r"'openai:no-key' cannot be used .*Set OPENAI_API_KEY"):
        load_chat_model("openai:no-key")


def test_ollama_is_given_the_settings_by_its_own_names() -> None:
    pytest.importorskip("langchain_ollama", reason="make setup EXTRAS=ollama installs langchain-ollama")
    settings = Settings(chat_max_tokens=7, chat_context_window=1024, chat_token_timeout=3.0, chat_temperature=0.5)
    inner: Any = load_chat_model("ollama:some", settings).model  # type: ignore[attr-defined]
    assert (inner.num_predict, inner.num_ctx, inner.temperature) == (7, 1024, 0.5)
    assert inner.client_kwargs == {"timeout": 8.0}


def inner(name: str, **fields: Any) -> Any:
    return load_chat_model(name, Settings(chat_base_url="http://127.0.0.1:9/v1", **fields)).model  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "sent"), [("openai:some", "some"), ("some", "some"), ("owner/some", "owner/some"), ("some:1b", "some:1b")]
)
def test_a_server_is_asked_for_the_name_without_the_provider(name: str, sent: str) -> None:
    pytest.importorskip("langchain_openai", reason="requirements-dev.txt installs langchain-openai")
    assert (inner(name).model_name, inner(name).openai_api_base) == (sent, "http://127.0.0.1:9/v1")


def test_a_servers_key_is_its_own_before_openais(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("langchain_openai", reason="requirements-dev.txt installs langchain-openai")
    for number, (chat, openai, key) in enumerate([("", "", "none"), ("", "b", "b"), ("a", "b", "a")]):
        monkeypatch.setenv("CHAT_API_KEY", chat)
        monkeypatch.setenv("OPENAI_API_KEY", openai)
        assert inner(f"model{number}").openai_api_key.get_secret_value() == key


@pytest.mark.parametrize(
    ("groups", "name"),
    [
        ((), "openai:base"),
        (("law",), "openai:law-lora"),
        (("finance", "law"), "openai:finance-lora"),  # the first in the setting
        (("hr",), "ollama:hr-model"),
    ],
)
def test_a_group_is_answered_by_its_own_model(groups: tuple[str, ...], name: str) -> None:
    settings = Settings(
        chat_model="openai:base", chat_model_of_group=("finance=finance-lora", "law=law-lora", "hr=ollama:hr-model")
    )
    assert chat_model_name(Principal(name="x", groups=frozenset(groups)), settings) == name


def test_a_bare_name_at_a_server_stays_bare() -> None:
    settings = Settings(chat_model="base", chat_model_of_group=("law=law-lora",))
    assert chat_model_name(Principal(groups=frozenset({"law"})), settings) == "law-lora"


@pytest.mark.parametrize("entry", ["finance", "=x", "finance="])
def test_a_group_without_a_model_is_named(entry: str) -> None:
    settings = Settings(chat_model="openai:base", chat_model_of_group=(entry,))
    with pytest.raises(SettingsError, match=f"CHAT_MODEL_OF_GROUP: '{entry}'"):
        chat_model_name(Principal(groups=frozenset({"finance"})), settings)


def test_settings_are_read_as_numbers() -> None:
    settings = Settings.from_env({"CHAT_TIMEOUT": "2.5", "CHAT_RETRIES": "0", "CHAT_MODEL_OF_GROUP": "a=b, c=d"})
    assert (settings.chat_timeout, settings.chat_retries) == (2.5, 0)
    assert settings.chat_model_of_group == ("a=b", "c=d")
    for value in ("soon", "-1", "nan", "inf"):
        with pytest.raises(SettingsError, match=f"CHAT_TIMEOUT='{value}' is not a number"):
            Settings.from_env({"CHAT_TIMEOUT": value})


def test_keys_of_the_environment_are_known_and_nothing_else() -> None:
    keys = {"OPENAI_API_KEY": "a", "HF_TOKEN": "b", "AWS_ACCESS_KEY_ID": "c", "WATSONX_APIKEY": "d", "DB_PASSWORD": "e"}
    others = {"MONKEY": "f", "CHAT_MAX_TOKENS": "800", "HOME": "/home/x", "GROQ_API_KEY": " "}
    assert secrets({**keys, **others, "XAI_API_KEY": " g "}) == {**keys, "XAI_API_KEY": "g"}


def test_one_question_asks_at_most_so_often() -> None:
    from langchain_core.language_models import FakeListChatModel
    from langchain_core.runnables import RunnableLambda

    def ask_thrice(question: str) -> int:
        model = FakeListChatModel(responses=["x"])
        return sum(1 for _ in range(3) if model.invoke(question))

    two, three = ((RunnableLambda(ask_thrice) | str).with_config(callbacks=[CallLimit(most)]) for most in (2, 3))
    for _ in range(2):  # each question is counted by itself
        assert three.invoke("q") == "3"
        with pytest.raises(ModelError, match="more than 2 times, which CHAT_CALLS allows"):
            two.invoke("q")


@pytest.mark.parametrize(("entry", "meant"), [("law=opnai:gpt-5", "openai:gpt-5"), ("law=ggf:a.gguf", "gguf:a.gguf")])
def test_a_mistyped_provider_of_a_group_is_no_bare_name(entry: str, meant: str) -> None:
    settings = Settings(chat_model="openai:base", chat_base_url="http://x/v1", chat_model_of_group=(entry,))
    with pytest.raises(SettingsError, match=rf"'{entry}' names no provider that is known\. Did you mean law={meant}\?"):
        chat_model_name(Principal(groups=frozenset({"law"})), settings)
    named = entry.partition("=")[2]
    with pytest.raises(ModelError, match=rf"'{named}' names no provider .*Did you mean {meant}\?"):
        load_chat_model(named, settings)


@pytest.mark.parametrize(
    "name", ["mistral:7b", "llama3.2:3b-instruct", "deepseek-r1:latest", "org/model:free", "ft:gpt"]
)
def test_a_colon_may_be_a_part_of_a_bare_name(name: str) -> None:
    settings = Settings(chat_model="ollama:base", chat_model_of_group=(f"law={name}",))
    assert chat_model_name(Principal(groups=frozenset({"law"})), settings) == f"ollama:{name}"


def test_beside_a_file_in_this_process_a_group_has_an_adapter_of_it() -> None:
    settings = Settings(chat_model="gguf:base.gguf", chat_model_of_group=("law=law.gguf", "hr=gguf:hr.gguf"))
    names = [chat_model_name(Principal(groups=frozenset({group})), settings) for group in ("law", "hr", "")]
    assert names == ["gguf:base.gguf+law.gguf", "gguf:hr.gguf", "gguf:base.gguf"]
