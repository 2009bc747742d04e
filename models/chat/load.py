"""Chat models by the names that the settings give them."""

from __future__ import annotations

import math
import re
from dataclasses import fields, replace
from difflib import get_close_matches
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.rate_limiters import InMemoryRateLimiter
from pydantic import SecretStr

from config import Settings, secrets
from errors import AssistantError, ModelError, SettingsError
from models.chat.failures import Source
from models.chat.guard import GuardedChatModel, streams
from models.chat.local import ADAPTER, LOCAL, LocalModel, serve
from models.chat.providers import PROVIDERS, Provider, install_line
from models.chat.pulling import Limits
from models.chat.reply_cache import ReplyCache
from records import Principal
from text.redaction import redacted

DEFAULTS = Settings()
COUNTS_TRIES = ("google_genai", "google_vertexai", "mistralai")  # whose max_retries counts the first try, too
CLOSE = 0.75  # of difflib, from which on a name counts as mistyped
_TAG = re.compile(r"latest|\d|instruct|text|chat|code", re.IGNORECASE)  # begins what Ollama has behind a colon
SPARE_SECONDS = 5  # that a client's own time-out for reading comes after ours, whose message says more


def load_chat_model(name: str, settings: Settings = DEFAULTS) -> BaseChatModel:
    """Return the chat model ``name`` with the limits of ``settings``; all that ask for the same share one.

    Args:
        name: "provider:name" as ``init_chat_model`` takes it, e.g. "ollama:llama3.2"; a name at the server
            ``chat_base_url``; or a file that runs in this process: "gguf:PATH" or "hf:REPO/FILE.gguf", with a LoRA
            adapter "gguf:PATH+ADAPTER".

    Raises:
        ModelError: a package or a file is missing, the name is unknown, or a key is not set.
    """
    chosen = {field.name: getattr(settings, field.name) for field in fields(Settings) if field.name.startswith("chat_")}
    return _load(name, Settings(**chosen))


@cache
def _load(name: str, settings: Settings) -> BaseChatModel:
    if not name:  # LangChain would make a model that has its name told later
        raise ModelError("The chat model '' has no name. Name one as provider:name, e.g. CHAT_MODEL=ollama:llama3.2.")
    kind, _, rest = name.partition(":")
    if kind in LOCAL:
        # one call waits for another here, and a long prompt takes its time: silence does not mean that it hangs
        patient = replace(settings, chat_token_timeout=settings.chat_timeout)
        return _guarded(*_in_process(LocalModel.named(name), patient), patient)
    if settings.chat_base_url and not settings.chat_base_url.startswith(("http://", "https://")):
        raise SettingsError(
            f"CHAT_BASE_URL={settings.chat_base_url!r} is no address. Write it as http://host:port/v1, or unset it."
        )
    if meant := meant_provider(name):
        raise ModelError(
            f"The chat model {name!r} names no provider that is known. Did you mean {meant}:{rest}? A model at CHAT_BASE_URL "
            f"whose name begins so is written openai:{name}."
        )
    if settings.chat_base_url and (kind == "openai" or kind not in PROVIDERS):
        model_name = rest if kind == "openai" else name
        return _guarded(*_at_server(name, model_name, settings), settings)
    if kind not in PROVIDERS and (find_spec(f"langchain_{kind}") is None or not rest):
        raise ModelError(
            f"The chat model {name!r} names no provider that is known. Write provider:name (openai, anthropic, ollama and "
            "others of LangChain's init_chat_model), gguf:PATH for a file, or a bare name with CHAT_BASE_URL."
        )
    if kind in PROVIDERS:
        _check_package(name, PROVIDERS[kind])
    return _guarded(_by_langchain(name, kind, settings), Source(label=name, provider=kind), settings)


def chat_model_name(principal: Principal, settings: Settings) -> str:
    """Return the name of the chat model that answers ``principal``: that of the first group in ``chat_model_of_group`` to
    which they belong, else the one for all.

    A model is named as CHAT_MODEL is, or by its bare name at the same server: vLLM, SGLang and others serve LoRA adapters
    beside their base under names of their own. Beside a GGUF file in this process it is the file of a LoRA adapter.

    Raises:
        SettingsError: an entry is not of the form group=model, or its provider is mistyped.
    """
    for group, model in models_of_groups(settings):
        if group in principal.groups:
            own, default = model.partition(":")[0], settings.chat_model.partition(":")[0]
            is_bare = own not in PROVIDERS and own not in LOCAL
            if is_bare and default in LOCAL:
                return f"{settings.chat_model}{ADAPTER}{model}"
            return f"{default}:{model}" if is_bare and default in PROVIDERS else model
    return settings.chat_model


def models_allowed(principal: Principal, settings: Settings) -> tuple[str, ...]:
    """Return the models among which a conversation of ``principal`` may choose: the entries of ``chat_models``, those that
    begin with "group=" for members of that group, and for whoever runs the commands."""
    found = []
    for one in settings.chat_models:
        group, limited, name = one.rpartition("=")
        if not limited or group in principal.groups or principal.everything:
            found.append(name)
    return tuple(dict.fromkeys(found))


def models_of_groups(settings: Settings) -> list[tuple[str, str]]:
    """Return groups with the names of their chat models, in the order of the setting.

    Raises:
        SettingsError: an entry is not of the form group=model, or its provider is mistyped.
    """
    pairs = [tuple(part.strip() for part in one.split("=", 1)) for one in settings.chat_model_of_group]
    for pair in pairs:
        if len(pair) != 2 or not all(pair):
            raise SettingsError(f"CHAT_MODEL_OF_GROUP: {'='.join(pair)!r} is not of the form group=model.")
        if meant := meant_provider(pair[1]):
            raise SettingsError(
                f"CHAT_MODEL_OF_GROUP: {'='.join(pair)!r} names no provider that is known. Did you mean "
                f"{pair[0]}={meant}:{pair[1].partition(':')[2]}?"
            )
    return [(pair[0], pair[1]) for pair in pairs]


def meant_provider(name: str) -> str:
    """Return the provider whose name stands mistyped before the colon of ``name``; "" where none is meant, for a colon may be
    a part of a model's name.

    >>> [meant_provider(one) for one in ("opnai:gpt-5", "mistral:7b", "org/model:free")]
    ['openai', '', '']
    """
    kind, colon, rest = name.partition(":")
    if not colon or kind in PROVIDERS or kind in LOCAL or _TAG.match(rest):
        return ""
    return next(iter(get_close_matches(kind.lower(), [*PROVIDERS, *LOCAL], 1, CLOSE)), "")


def _guarded(model: BaseChatModel, source: Source, settings: Settings) -> BaseChatModel:
    provider = PROVIDERS.get(source.provider, Provider(""))
    limits = Limits(
        total_seconds=settings.chat_timeout,
        token_seconds=settings.chat_token_timeout if streams(model) else settings.chat_timeout,
        retries=settings.chat_retries,
    )
    rate = settings.chat_requests_per_second
    return GuardedChatModel(
        model=model,
        source=replace(source, key=source.key or provider.key),
        limits=limits,
        finish=provider.finish if streams(model) else "",
        limiter=InMemoryRateLimiter(requests_per_second=rate, check_every_n_seconds=0.05) if rate else None,
        replies=ReplyCache(Path(settings.chat_cache).expanduser()) if settings.chat_cache else None,
        profile=model.profile,
    )


def _in_process(model: LocalModel, settings: Settings) -> tuple[BaseChatModel, Source]:
    address, key = serve(model, settings.chat_threads, settings.chat_context_window)
    return _openai(model.label, model.path.stem, address, key, settings), Source(
        label=model.label, provider="openai", address=address, in_process=True
    )


def _at_server(label: str, name: str, settings: Settings) -> tuple[BaseChatModel, Source]:
    address = settings.chat_base_url.rstrip("/")
    known = secrets()
    key = known.get("CHAT_API_KEY") or known.get("OPENAI_API_KEY") or "none"
    source = Source(label=label, provider="openai", address=address, key="CHAT_API_KEY")
    return _openai(label, name, address, key, settings), source


def _openai(label: str, name: str, address: str, key: str, settings: Settings) -> BaseChatModel:
    """A client of an OpenAI-compatible server."""
    _check_package(label, PROVIDERS["openai"])
    from langchain_openai import ChatOpenAI

    model: BaseChatModel = ChatOpenAI(
        model=name, base_url=address, api_key=SecretStr(key), **_choices(ChatOpenAI, "openai", settings)
    )
    return model


def _by_langchain(name: str, kind: str, settings: Settings) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    try:
        bare = init_chat_model(name)
        model: BaseChatModel = init_chat_model(name, **_choices(type(bare), kind, settings))
        return model
    except ImportError as error:
        package = PROVIDERS.get(kind, Provider("langchain-" + kind.replace("_", "-"))).package
        raise ModelError(f"The chat model {name!r} needs a package ({error}): {install_line(package)}") from error
    except AssistantError:
        raise
    except Exception as error:  # noqa: BLE001  every provider raises its own kinds
        said = redacted(" ".join(str(error).split()), secrets().values())[:400]
        key = PROVIDERS[kind].key if kind in PROVIDERS else ""
        way_out = f"Set {key}." if key and key not in secrets() else "Name one as provider:name."
        # not chained: a traceback would print what the provider's error says, which may be a key
        raise ModelError(f"The chat model {name!r} cannot be used ({said}). {way_out}") from None


def _choices(kind: type[BaseChatModel], provider: str, settings: Settings) -> dict[str, Any]:
    """The settings as the fields of the provider's class, which does not know all of them."""
    known = set(kind.model_fields) | {field.alias for field in kind.model_fields.values() if field.alias}
    wait = math.ceil(settings.chat_token_timeout) + SPARE_SECONDS  # some take whole seconds alone
    wanted: dict[str, Any] = {
        "temperature": settings.chat_temperature,
        "max_tokens": settings.chat_max_tokens,
        "timeout": wait,
        "max_retries": int(provider in COUNTS_TRIES),  # ours are the only ones
        "stream_usage": True,
    }
    if provider == "ollama":
        wanted |= {"num_predict": settings.chat_max_tokens, "client_kwargs": {"timeout": wait}}
        if settings.chat_context_window:
            wanted["num_ctx"] = settings.chat_context_window
    return {name: value for name, value in wanted.items() if name in known}


def _check_package(name: str, provider: Provider) -> None:
    if find_spec(provider.module) is None:
        raise ModelError(f"The chat model {name!r} needs a package: {install_line(provider.package)}")
