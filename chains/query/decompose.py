"""A compound question becomes sub-questions, without a model."""

from __future__ import annotations

from chains.query.english.decompose import decompose
from chains.query.english.language import is_english


def decompose_by_rule(question: str, limit: int) -> tuple[str, ...]:
    """Return at most ``limit`` sub-questions; a simple question, and one not in English, is its own only one."""
    return decompose(question)[:limit] if is_english(question) else (question,)
