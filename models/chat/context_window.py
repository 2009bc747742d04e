"""How many tokens a chat model reads and writes at once, as far as it can be told without asking it anything."""

from __future__ import annotations

from langchain_core.language_models import BaseChatModel

from config import Settings
from models.chat.guard import GuardedChatModel
from models.chat.served import served_models

OLLAMA_DEFAULT = 4_096  # what Ollama reads when nobody asks for more, whatever the model could
# what servers call it: llama.cpp (in "meta"), vLLM and SGLang, Groq, OpenRouter, LM Studio
NAMES = ("n_ctx", "max_model_len", "context_window", "context_length", "loaded_context_length", "max_context_length")


def context_window(model: BaseChatModel, settings: Settings) -> int | None:
    """Return the context window of ``model`` in tokens: as set, as its server tells, or as LangChain knows it; None when
    nobody does."""
    if settings.chat_context_window:
        return settings.chat_context_window
    if isinstance(model, GuardedChatModel):
        if model.source.provider == "ollama":
            return OLLAMA_DEFAULT
        if model.source.address and (told := _told(model)):
            return told
    known = (model.profile or {}).get("max_input_tokens")
    return known if isinstance(known, int) else None


def _told(model: GuardedChatModel) -> int | None:
    name = getattr(model.model, "model_name", "")
    listed = served_models(model.source.address, getattr(model.model, "openai_api_key", None))
    for one in listed:
        if one.get("id") == name or len(listed) == 1:
            known = {**one, **(one.get("meta") or {})}
            return next((int(known[key]) for key in NAMES if isinstance(known.get(key), int)), None)
    return None
