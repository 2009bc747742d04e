"""Ratings and corrections of answers on the page."""

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
from store.feedback import AnswerFeedback, CitedPassage, Feedback, FeedbackEntry, Rating, user_name_of

if TYPE_CHECKING:
    from app.assistant import Assistant

_OPTIONS: dict[Rating, str] = {"good": "Like", "bad": "Dislike"}  # as Gradio calls them


def now() -> str:
    """Return the time in ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def save(feedback: Feedback, entry: FeedbackEntry) -> None:
    """Store ``entry``; where that fails, show whoever made it why.

    Raises:
        gr.Error: the entry could not be stored.
    """
    try:
        feedback.add(entry)
    except StoreError as error:
        raise gr.Error(escaped(str(error)), print_exception=False) from error


def answer_feedback(turn: Turn, rating: Rating, principal: Principal, correction: str = "") -> AnswerFeedback:
    """Return the entry for what ``principal`` thinks now of the answer in ``turn``."""
    return AnswerFeedback(
        who=user_name_of(principal),
        when=now(),
        question=turn.standalone or turn.question,
        answer="" if turn.outcome == "passages" else turn.answer,
        abstained=turn.abstained,
        citations=tuple(
            CitedPassage(source=one.chunk.source, page=one.chunk.page, quote=one.quote) for one in turn.citations
        ),
        rating=rating,
        correction=correction.strip(),
    )


@dataclass(frozen=True)
class Ratings:
    """The ratings in a conversation: ``given`` by the exchange's number (from 0), and which of them is being corrected."""

    given: tuple[tuple[int, Rating], ...] = ()
    correcting: int | None = None

    def shown(self, exchanges: int) -> list[str | None]:
        """Return Gradio's ``feedback_value``: one entry an answer."""
        given = dict(self.given)
        return [_OPTIONS.get(given.get(number, "withdrawn")) for number in range(exchanges)]


class FeedbackCallbacks:
    """The events of ratings and corrections. Those in the user's conversation come in and go out as ``Ratings``."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def rate(
        self, conversation: Conversation, ratings: Ratings, event: gr.LikeData, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Store a rating; thumbs down ask what would have been right. A thumb clicked again is withdrawn."""
        principal = current_user(self._assistant, request)
        message = event.index if isinstance(event.index, int) else event.index[0]
        number = exchange_at(conversation, message)
        if number is None or conversation[number].status != "done":
            gr.Info("Only a complete answer can be rated.")
            return gr.skip(), ratings, gr.skip(), gr.skip()
        rating: Rating = "withdrawn"
        if event.liked is True:
            rating = "good"
        elif event.liked is False:
            rating = "bad"
        save(self._assistant.feedback, answer_feedback(conversation[number].turn, rating, principal))
        given = {**dict(ratings.given), number: rating}
        asking = rating == "bad"
        ratings = Ratings(tuple(given.items()), number if asking else None)
        return gr.Chatbot(feedback_value=ratings.shown(len(conversation))), ratings, gr.Row(visible=asking), ""

    def correct(
        self, ratings: Ratings, text: str, conversation: Conversation, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Store what would have been right."""
        principal = current_user(self._assistant, request)
        number = ratings.correcting
        if number is not None and number < len(conversation) and text.strip():
            save(self._assistant.feedback, answer_feedback(conversation[number].turn, "bad", principal, text))
            gr.Info("Your correction is saved.")
        return replace(ratings, correcting=None), gr.Row(visible=False), ""

    @staticmethod
    def cleared() -> tuple[Any, ...]:
        """Return the values of the components for a new conversation, which has no ratings."""
        return gr.Chatbot(feedback_value=None), Ratings(), gr.Row(visible=False), ""
