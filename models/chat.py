"""Chat models by LangChain's names ("provider:name")."""

from __future__ import annotations

from functools import cache

from langchain_core.language_models import BaseChatModel

from errors import ModelError


@cache
def load_chat_model(name: str) -> BaseChatModel:
    """Return the chat model ``name``, e.g. "openai:gpt-5-mini" or "ollama:llama3.2"; temperature 0.

    Raises:
        ModelError: the provider's package is missing, the name is unknown, or a key is not set.
    """
    from langchain.chat_models import init_chat_model

    if not name:  # LangChain would make a model that has its name told later
        raise ModelError("The chat model '' has no name. Name one as provider:name, e.g. CHAT_MODEL=ollama:llama3.2.")
    try:
        model = init_chat_model(name, temperature=0)
    except ImportError as error:
        raise ModelError(f"The chat model {name!r} needs a package that is not installed: {error}") from error
    except Exception as error:  # every provider raises its own kinds
        raise ModelError(f"The chat model {name!r} cannot be used ({error}). Name one as provider:name.") from error
    return model  # type: ignore[return-value]
