"""How much text an embedding model reads, and how much a text is, without loading the model."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from errors import ModelError
from models.embed.files import model_file, model_path, read_settings

DEFAULT_LIMIT = 256  # word pieces that all-MiniLM-L6-v2 was trained to read
SPECIAL_TOKENS = 2
PROMPTS_FILE = "config_sentence_transformers.json"


class Tokenizer:
    """The embedder's own tokenizer, without loading the embedder.

    Raises:
        ModelError: the model has no ``tokenizer.json`` in its folder or on the hub.
    """

    def __init__(self, name: str = "") -> None:
        self._model = model_path(name)

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer as Fast

        path = model_file(self._model, "tokenizer.json")
        try:
            tokenizer = Fast.from_file(str(path))
        except Exception as error:  # tokenizers raises bare Exception
            raise ModelError(
                f"The embedding model {self._model!r} has no usable tokenizer ({error}). Set EMBED_MODEL to a "
                "SentenceTransformer folder or hub name, or unset it."
            ) from error
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def count(self, text: str) -> int:
        """Return the length of ``text`` in tokens, special ones left out."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids) if text else 0

    @cached_property
    def prompts(self) -> dict[str, str]:
        """Return what the model puts before a question ("query") and before a text that is searched ("document")."""
        stored = read_settings(self._model, PROMPTS_FILE).get("prompts") or {}
        return {str(use): str(prompt) for use, prompt in stored.items() if prompt}

    @cached_property
    def limit(self) -> int:
        """Return the tokens of text that the embedder reads at once: without its special ones, and without the prompt that
        stands before a document."""
        own = _length(read_settings(self._model, "sentence_bert_config.json").get("max_seq_length"))
        if own is None:  # what sentence-transformers does then
            known = (
                _length(read_settings(self._model, "tokenizer_config.json").get("model_max_length")),
                _length(read_settings(self._model, "config.json").get("max_position_embeddings")),
            )
            own = min((one for one in known if one is not None), default=DEFAULT_LIMIT)
        return own - SPECIAL_TOKENS - self.count(self.prompts.get("document", ""))


def _length(value: object) -> int | None:
    """``value`` where it can be a number of tokens: tokenizers without a limit say 10 ** 30."""
    return value if isinstance(value, int) and 16 <= value <= 100_000 else None
