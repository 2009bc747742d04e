"""The language of a question."""

from __future__ import annotations

from functools import lru_cache

from chains.query.english.language import is_english
from models.language import language_of
from text.scripts import LATIN, main_script
from text.stems import ENGLISH


@lru_cache(1_024)
def question_language(question: str) -> str:
    """Return the language of ``question`` (ISO 639-1): English where it has English words, or none that tell another."""
    if main_script(question) in ("", LATIN) and is_english(question):
        return ENGLISH
    return language_of(question) or ENGLISH
