"""Chat models: by LangChain's names ("provider:name"), at an OpenAI-compatible address, or from a GGUF file in this process.

``load_chat_model`` returns a LangChain chat model whose calls end: see ``models.chat.guard``.
"""

from models.chat.load import load_chat_model

__all__ = ["load_chat_model"]
