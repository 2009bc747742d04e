"""Feedback on answers and passages: ``feedback.jsonl`` in the data folder, to which lines are only ever added.

A line is written in one piece and flushed to disk before the writer goes on, so whoever is told "saved" has it saved. A
line that a kill cut off is no longer than itself: the next one begins on a line of its own, and readers leave it out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from errors import StoreError
from records import Principal
from store.locks import exclusive

FILE = "feedback.jsonl"
GUEST = "guest"  # the name of whoever is not logged in

Rating = Literal["good", "bad", "withdrawn"]
Relevance = Literal["answer", "relevant", "not"]


@dataclass(frozen=True, kw_only=True)
class CitedPassage:
    """A passage that an answer cited."""

    source: str
    page: int
    quote: str = ""


@dataclass(frozen=True, kw_only=True)
class AnswerFeedback:
    """The rating of an answer, thumbs up or down, and perhaps a correction: what would have been right."""

    who: str
    when: str  # ISO 8601, UTC
    question: str  # understandable without the conversation before it
    answer: str  # "" where nearest passages were shown, which are not called an answer
    abstained: bool
    citations: tuple[CitedPassage, ...]
    rating: Rating
    correction: str = ""


@dataclass(frozen=True, kw_only=True)
class PassageLabel:
    """The relevance of a passage to a question: it answers, it helps to, or neither."""

    who: str
    when: str  # ISO 8601, UTC
    question: str
    chunk: str  # id
    source: str
    page: int
    text: str
    rank: int  # where the product's own ranking had it, from 1; 0 when it did not
    relevance: Relevance


@dataclass(frozen=True, kw_only=True)
class GoldAnswer:
    """The answer that a person holds to be right; "" says that the documents hold none."""

    who: str
    when: str  # ISO 8601, UTC
    question: str
    answer: str


FeedbackEntry = AnswerFeedback | PassageLabel | GoldAnswer


def user_name_of(principal: Principal) -> str:
    """Return the name under which feedback of ``principal`` is stored."""
    return principal.name or GUEST


def question_key(question: str) -> str:
    """Return a key that is the same for the same question, however it is spaced and capitalised."""
    return " ".join(question.casefold().split())


def latest_entries(entries: Iterable[FeedbackEntry]) -> list[FeedbackEntry]:
    """Return the last of the entries that one person made on one thing (an answer, a passage, the right answer), for people
    change their minds; in the order in which they were made."""
    latest: dict[tuple[str, ...], FeedbackEntry] = {}
    for entry in entries:
        chunk = entry.chunk if isinstance(entry, PassageLabel) else ""
        key = (type(entry).__name__, entry.who, question_key(entry.question), chunk)
        latest.pop(key, None)
        latest[key] = entry
    return list(latest.values())


# As the lines of the file name the records, and the rating of an answer. Lines written long ago must stay readable.
_KINDS: dict[str, type[FeedbackEntry]] = {"verdict": AnswerFeedback, "label": PassageLabel, "answer": GoldAnswer}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_RATING_KEY = "verdict"


class Feedback:
    """The feedback file in ``folder``; any number of processes may add to it and read it at once."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._lock = folder / "feedback.lock"

    def add(self, entry: FeedbackEntry) -> None:
        """Store ``entry`` durably.

        Raises:
            StoreError: the folder cannot be written to; nothing that was stored is lost.
        """
        line = json.dumps(_as_json(entry), ensure_ascii=False) + "\n"
        try:
            with exclusive(self._lock), self.path.open("ab+") as file:
                if file.tell() and not self._ends_whole(file):
                    line = "\n" + line
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StoreError(
                f"{self.path} cannot be written ({error.strerror}). Your feedback was not saved."
            ) from error

    @staticmethod
    def _ends_whole(file: Any) -> bool:
        file.seek(-1, os.SEEK_END)
        return bool(file.read(1) == b"\n")

    def all(self) -> list[FeedbackEntry]:
        """Return all entries in the order in which they were made.

        Raises:
            StoreError: the file cannot be read.
        """
        return list(self._read())

    def _read(self) -> Iterator[FeedbackEntry]:
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreError(f"{self.path} cannot be read ({error.strerror}).") from error
        for line in lines:
            entry = _from_line(line)
            if entry is not None:
                yield entry


def _as_json(entry: FeedbackEntry) -> dict[str, Any]:
    fields = {_RATING_KEY if name == "rating" else name: value for name, value in asdict(entry).items()}
    return {"kind": _NAMES[type(entry)], **fields}


def _from_line(line: bytes) -> FeedbackEntry | None:
    """The entry in a line; None for one that was cut off, or that another version wrote."""
    try:
        fields = json.loads(line)
        kind = _KINDS[fields.pop("kind")]
        if kind is AnswerFeedback:
            fields["citations"] = tuple(CitedPassage(**one) for one in fields["citations"])
            fields["rating"] = fields.pop(_RATING_KEY)
        return kind(**fields)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
