"""A follow-up becomes a question that stands alone, without a model."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.messages import BaseMessage

from chains.query.english.condense import condense
from chains.query.english.language import is_english
from text.english.small_talk import small_talk


def condense_by_rule(question: str, history: Sequence[BaseMessage]) -> str:
    """Return ``question`` with what it leaves out taken from the user's earlier ones; as it is where it stands alone, or is
    not in English.

    "And in 2024?" puts the year into the last question; "Who runs it?" gets what that was about.
    """
    if not is_english(question):
        return question
    asked = [one for one in user_questions(history) if is_english(one) and small_talk(one) == "question"]
    return condense(question, asked)


def user_questions(history: Sequence[BaseMessage]) -> list[str]:
    """Return what the user asked, oldest first."""
    return [str(message.text) for message in history if message.type == "human"]
