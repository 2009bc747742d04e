"""Thumbs and corrections: what the page does when somebody says whether an answer is right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import gradio as gr

from app.chat import Conversation, exchange_at
from app.security.current_user import current_user
from app.text import escaped
from errors import StoreError
from records import Principal, Turn
from store.feedback import AnswerVerdict, CitedPlace, Feedback, FeedbackEntry, Verdict, author_name

if TYPE_CHECKING:
    from app.assistant import Assistant

_OPTIONS: dict[Verdict, str] = {"good": "Like", "bad": "Dislike"}  # as Gradio calls them


def now() -> str:
    """ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def save(feedback: Feedback, said: FeedbackEntry) -> None:
    """Stores what was said; where that fails, the person who said it is told."""
    try:
        feedback.add(said)
    except StoreError as error:
        raise gr.Error(escaped(str(error)), print_exception=False) from error


def verdict_on(turn: Turn, verdict: Verdict, principal: Principal, correction: str = "") -> AnswerVerdict:
    """What ``principal`` says now of the answer in ``turn``."""
    return AnswerVerdict(
        who=author_name(principal),
        when=now(),
        question=turn.standalone or turn.question,
        answer=turn.answer,
        abstained=turn.abstained,
        citations=tuple(
            CitedPlace(source=one.chunk.source, page=one.chunk.page, quote=one.quote) for one in turn.citations
        ),
        verdict=verdict,
        correction=correction.strip(),
    )


@dataclass(frozen=True)
class Thumbs:
    """The thumbs of a conversation: ``given`` by the exchange's number (from 0), and which of them is being corrected."""

    given: tuple[tuple[int, Verdict], ...] = ()
    correcting: int | None = None

    def shown(self, exchanges: int) -> list[str | None]:
        """Gradio's ``feedback_value``: an entry an answer."""
        given = dict(self.given)
        return [_OPTIONS.get(given.get(number, "withdrawn")) for number in range(exchanges)]


class Verdicts:
    """The events around thumbs. What a visitor has said in the conversation comes in and goes out as ``Thumbs``."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def thumb(
        self, conversation: Conversation, thumbs: Thumbs, event: gr.LikeData, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Stores a thumb; thumbs down ask what would have been right. A thumb clicked again is taken back."""
        principal = current_user(self._assistant, request)
        message = event.index if isinstance(event.index, int) else event.index[0]
        number = exchange_at(conversation, message)
        if number is None or conversation[number].status != "done":
            gr.Info("Only a complete answer can be judged.")
            return gr.skip(), thumbs, gr.skip(), gr.skip()
        verdict: Verdict = "withdrawn"
        if event.liked is True:
            verdict = "good"
        elif event.liked is False:
            verdict = "bad"
        save(self._assistant.feedback, verdict_on(conversation[number].turn, verdict, principal))
        given = {**dict(thumbs.given), number: verdict}
        asking = verdict == "bad"
        thumbs = Thumbs(tuple(given.items()), number if asking else None)
        return gr.Chatbot(feedback_value=thumbs.shown(len(conversation))), thumbs, gr.Row(visible=asking), ""

    def correct(
        self, thumbs: Thumbs, text: str, conversation: Conversation, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Stores what would have been right."""
        principal = current_user(self._assistant, request)
        number = thumbs.correcting
        if number is not None and number < len(conversation) and text.strip():
            save(self._assistant.feedback, verdict_on(conversation[number].turn, "bad", principal, text))
            gr.Info("Your correction is saved.")
        return replace(thumbs, correcting=None), gr.Row(visible=False), ""

    @staticmethod
    def cleared() -> tuple[Any, ...]:
        """A new conversation has no thumbs."""
        return gr.Chatbot(feedback_value=None), Thumbs(), gr.Row(visible=False), ""
